"""Who is there and who follows whom: rows of people, privacy, follows and their days in analytics. Each step runs once."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F

from accounts import actions as accounts
from accounts.models import Follow, User
from analytics.rollups import add_creator_days
from privacy.models import PrivacySettings

from .cast import PEOPLE, Person, avatar, crowd
from .moments import dice, id_at, keenness, own_times

PASSWORD = "demo-password"  # noqa: S105 (printed at every start; the demo is refused beyond loopback)
People = dict[str, User]

# Whom the named people follow; the crowd chooses by itself.
FOLLOWS: dict[str, str] = {
    "alice": "carol sam.orbits nour.draws mika.ito theo.paper kavya.moves wen.garden",
    "bob": "alice hyun.wav lena.type carol",
    "carol": "alice wen.garden mika.ito theo.paper bob",
    "dave": "",
    "brand": "theo.paper lucia.luz hyun.wav",
    "mika.ito": "alice hyun.wav tomas.mar nour.draws",
    "tomas.mar": "mika.ito lucia.luz amara.sahel alice",
    "nour.draws": "alice kavya.moves lucia.luz",
    "lena.type": "hyun.wav bob lucia.luz alice",
    "sam.orbits": "alice petri.dish kavya.moves",
    "petri.dish": "sam.orbits alice amara.sahel",
    "kavya.moves": "alice nour.draws sam.orbits wen.garden",
    "theo.paper": "alice carol tomas.mar brand",
    "lucia.luz": "tomas.mar nour.draws lena.type",
    "hyun.wav": "lena.type mika.ito bob",
    "amara.sahel": "tomas.mar petri.dish theo.paper alice",
    "wen.garden": "carol alice",
}
# Of her older followers alice has followed back so many, the keen ones a little more often.
FOLLOWED_BACK = 0.5
ASKS = (("bob", "wen.garden"), ("lucia.luz", "wen.garden"))  # follow requests that wait


def seed_people(now: datetime, *, crowd_size: int) -> People:
    """The people of the demo, made where they are missing. One password hash serves all: hashing is slow by design."""
    wanted = [*PEOPLE, *crowd(crowd_size)]
    there = {user.username: user for user in User.objects.filter(username__in=[p.username for p in wanted])}
    missing = [person for person in wanted if person.username not in there]
    if missing:
        hashed = make_password(PASSWORD)
        made = [user_row(person, hashed, now) for person in missing]
        with transaction.atomic():
            User.objects.bulk_create(made)
            PrivacySettings.objects.bulk_create(
                PrivacySettings(person=user, is_private=person.private, message_audience=person.messages)
                for user, person in zip(made, missing, strict=True)
            )
            EmailAddress.objects.bulk_create(
                EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made
            )
        there |= {
            user.username: user
            for user in User.objects.filter(pk__in=[user.pk for user in made]).select_related("privacy")
        }
    for person in PEOPLE:
        if not there[person.username].avatar:
            accounts.set_avatar(there[person.username], ContentFile(avatar(person), "avatar.png"))
    return {person.username: there[person.username] for person in wanted}


def user_row(person: Person, hashed: str, now: datetime) -> User:
    """The unsaved row of a person of the demo; `hashed` is the password's hash."""
    rng = dice("person", person.username)
    joined = now - timedelta(days=person.joined + 5, hours=float(rng.uniform(0, 20)))
    return User(
        id=id_at(joined, "person", person.username),
        username=person.username,
        email=f"{person.username}@demo.localhost",
        password=hashed,
        display_name=person.name,
        bio=person.bio,
        pronouns=person.pronouns,
        language=person.language,
        country=person.country,
        is_business=person.business,
        birth_date=date(1975 + int(rng.integers(0, 27)), int(rng.integers(1, 13)), int(rng.integers(1, 28))),
        date_joined=joined,
    )


def seed_follows(people: People, now: datetime) -> None:
    """Follows with a past, requests that wait, and the days on which followers came and went. Once: alice has followers then."""
    if Follow.objects.filter(followed=people["alice"]).exists():
        return
    pairs = [(name, other) for name, others in FOLLOWS.items() for other in others.split()]
    pulls = {person.username: person.pull for person in PEOPLE if person.pull and not person.private}
    names = list(pulls)
    weights = [pulls[name] ** 1.4 for name in names]
    total = sum(weights)
    named = {person.username for person in PEOPLE}
    for name in people:
        if name in named:
            continue
        rng = dice("follows", name)
        chosen = rng.choice(names, int(rng.integers(2, 8)), replace=False, p=[w / total for w in weights])
        wanted = {str(other) for other in chosen} | ({"alice"} if rng.random() < 0.55 else set())
        pairs += [(name, other) for other in sorted(wanted)]
    rows = [_follow(people, a, b, now, accepted=True) for a, b in pairs]
    rows += _followed_back(people, [row for row in rows if row.followed.username == "alice"], now)
    rows += [_follow(people, a, b, now, accepted=False) for a, b in ASKS]
    accepted = [row for row in rows if row.accepted_at]
    with transaction.atomic(), own_times(Follow):
        Follow.objects.bulk_create(rows)
        for column, ids in (
            ("followers_count", [r.followed_id for r in accepted]),
            ("following_count", [r.follower_id for r in accepted]),
        ):
            for pk, count in Counter(ids).items():
                User.objects.filter(pk=pk).update(**{column: F(column) + count})
        add_creator_days(_follower_days(accepted, now))


def _follow(people: People, name: str, other: str, now: datetime, *, accepted: bool) -> Follow:
    rng = dice("follow", name, other)
    start = max(people[name].date_joined, people[other].date_joined) + timedelta(hours=1)
    # A root of chance: more of them lately, as an audience grows; less so from half a year ago on.
    fade = 0.62 if (now - start).days < 70 else 1.25
    moment = (
        start + (now - start) * float(rng.random() ** fade) * 0.995
        if accepted
        else now - timedelta(hours=float(rng.uniform(2, 40)))
    )
    return _row(people, name, other, moment, accepted=accepted)


def _followed_back(people: People, followers: list[Follow], now: datetime) -> list[Follow]:
    """Follows of alice's to people of the crowd who had followed her for five weeks or more, six weeks ago or earlier (and some
    lately): what the follow-back report compares."""
    found = []
    named = {person.username for person in PEOPLE}
    for row in followers:
        name = row.follower.username
        rng = dice("back", name)
        chance = FOLLOWED_BACK * (0.85 + 0.15 * keenness(name))
        late = rng.random() < 0.06
        first = row.created_at + timedelta(days=5 if late else 36)
        last = now - timedelta(days=1 if late else 43)
        if name not in named and first < last and rng.random() < chance:
            moment = first + (last - first) * float(rng.random())
            found.append(_row(people, "alice", name, moment, accepted=True))
    return found


def _row(people: People, name: str, other: str, moment: datetime, *, accepted: bool) -> Follow:
    return Follow(
        id=id_at(moment, "follow", name, other),
        follower=people[name],
        followed=people[other],
        state=Follow.State.ACCEPTED if accepted else Follow.State.PENDING,
        created_at=moment,
        accepted_at=moment if accepted else None,
    )


def _follower_days(accepted: list[Follow], now: datetime) -> dict[tuple[int, date], Counter[str]]:
    """New followers by day, and a few who came and went again, so that new less lost is what is there."""
    days: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for row in accepted:
        days[row.followed_id, row.created_at.astimezone(UTC).date()]["followers_new"] += 1
    for person, count in Counter(row.followed_id for row in accepted).items():
        rng = dice("left", count)
        for _ in range(count // 14):
            came = int(rng.integers(20, 110))
            days[person, (now - timedelta(days=came)).date()]["followers_new"] += 1
            days[person, (now - timedelta(days=int(rng.integers(1, came - 5)))).date()]["followers_lost"] += 1
    return days
