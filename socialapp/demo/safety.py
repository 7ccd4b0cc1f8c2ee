"""What moderators of the demo decided in the past two months, and what its people keep for themselves: restrictions, interests,
a name that changed. Rows dated back; nobody is told anything. What still waits for a moderator is `queue`."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import FormerUsername, User
from privacy.actions.terms import add_terms
from privacy.cases import SEVERITY
from privacy.models import Appeal, BlockedTerm, Case, Decision, Report, Restriction
from videos.models import Video

from .complaints import ACCOUNTS
from .moments import dice, id_at, own_times
from .society import People

_A, _R = Decision.Act, Report.Reason
DESK = "northlight.desk"  # the demo's moderator: decides, and nobody can log in as it
HISTORY = 28  # closed cases
TERMS = ("free followers", "double your coins", "send your password")
INTERESTS = {
    "alice": ["art", "learning", "music"],
    "bob": ["music", "tech", "games"],
    "carol": ["garden", "crafts", "photo"],
    "dave": ["sports", "food"],
}


def seed_safety(people: People, now: datetime) -> None:
    """Make the history once: the moderator's account says that it is there. Needs the accounts of `queue`."""
    if User.objects.filter(username=DESK).exists():
        return
    with transaction.atomic(), own_times(Case, Report, Decision, Appeal):
        desk = User.objects.create(
            id=id_at(now - timedelta(days=90), "person", DESK),
            username=DESK,
            display_name="Moderation desk",
            is_staff=True,
            password=make_password(None),
            date_joined=now - timedelta(days=90),
        )
        desk.privacy.findable = False
        desk.privacy.save(update_fields=["findable"])
        culprits = list(
            User.objects.filter(username__in=[person.username for person in ACCOUNTS]).order_by("pk")
        )
        for number in range(HISTORY):
            _person_case(number, culprits[number % len(culprits)], desk, list(people.values()), now)
        _label(people, desk, now)
    for name, chosen in INTERESTS.items():
        User.objects.filter(pk=people[name].pk).update(interests=chosen)
    FormerUsername.objects.create(
        person=people["dave"], username="dave.harbour", until=now + timedelta(days=21)
    )
    Restriction.objects.get_or_create(restricter=people["carol"], restricted=culprits[1])
    add_terms(desk, list(TERMS), act=BlockedTerm.Act.HOLD, note="Scams seen in spring")


def _case(
    target_type: str,
    target_id: int,
    person: User,
    desk: User,
    reporter: User,
    reason: str,
    moment: datetime,
    hours: float,
    acted: bool,
) -> Case:
    """A closed case with its one report."""
    case = Case.objects.create(
        id=id_at(moment, "case", target_id),
        target_type=target_type,
        target_id=target_id,
        person=person,
        state=Case.State.CLOSED,
        severity=SEVERITY[reason],
        reports_count=1,
        created_at=moment,
        closed_at=moment + timedelta(hours=hours),
        closed_by=desk,
    )
    Report.objects.create(
        id=id_at(moment, "report", target_id),
        case=case,
        reporter=reporter,
        target_type=target_type,
        target_id=target_id,
        target_person=person,
        reason=reason,
        state=Report.State.ACTED if acted else Report.State.DISMISSED,
        created_at=moment,
        handled_at=case.closed_at,
        handled_by=desk,
    )
    return case


def _person_case(number: int, person: User, desk: User, crowd: list[User], now: datetime) -> None:
    rng = dice("history", number)
    moment = now - timedelta(days=4 + number * 2, hours=float(rng.uniform(0, 20)))
    reason = str(rng.choice([_R.SPAM, _R.HARASSMENT, _R.FALSE, _R.RIGHTS, _R.HATE]))
    hours = float(rng.gamma(2.0, 2.2))
    reporter = crowd[int(rng.integers(20, len(crowd)))]
    act = _A.WARN if number % 5 < 2 else _A.DISMISS
    acted = act != _A.DISMISS
    case = _case("person", person.pk, person, desk, reporter, reason, moment, hours, acted)
    decision = Decision.objects.create(
        id=id_at(moment + timedelta(hours=hours), "decision", number),
        case=case,
        person=person,
        moderator=desk,
        act=act,
        reason=reason if acted else "",
        statement="What you write to others here has to stay fair. Please read the rules again."
        if acted
        else "",
        created_at=moment + timedelta(hours=hours),
    )
    if acted and number % 4 == 0:
        answered = decision.created_at + timedelta(hours=float(rng.uniform(3, 40)))
        Appeal.objects.create(
            id=id_at(answered, "appeal", number),
            decision=decision,
            text="I was quoting somebody.",
            state=Appeal.State.REFUSED,
            answer="The quote was left without comment, so it stands as yours.",
            answered_by=desk,
            answered_at=answered,
            created_at=answered - timedelta(hours=2),
        )


def _label(people: People, desk: User, now: datetime) -> None:
    """A clip of alice's was labelled by mistake; she appealed, and the label was taken back."""
    clip = Video.objects.filter(author=people["alice"]).exclude(published_at=None).order_by("pk").first()
    if clip is None:
        return
    moment = now - timedelta(days=16, hours=3)
    case = _case("video", clip.pk, people["alice"], desk, people["lucia.luz"], _R.OTHER, moment, 5, True)
    decided = moment + timedelta(hours=5)
    decision = Decision.objects.create(
        id=id_at(decided, "decision", "label"),
        case=case,
        person=people["alice"],
        moderator=desk,
        act=_A.LABEL,
        reason=_R.OTHER,
        statement="Fast changes of light can harm people who are sensitive to them, so the clip asks before it plays.",
        excerpt=clip.caption[:300],
        before={"is_sensitive": False},
        created_at=decided,
        undone_at=decided + timedelta(hours=20),
        undone_by=desk,
    )
    Appeal.objects.create(
        id=id_at(decided + timedelta(hours=4), "appeal", "label"),
        decision=decision,
        text="The light changes once in two seconds; nothing in it flashes.",
        state=Appeal.State.GRANTED,
        answer="You are right. The label is gone.",
        answered_by=desk,
        answered_at=decided + timedelta(hours=20),
        created_at=decided + timedelta(hours=4),
    )
