"""Every write of analytics on somebody's behalf: events that come in, and facts that lower apps report.

Events are checked here and wait in Redis; rollups.py writes them. Nothing here waits for the database's write lock.
"""

import logging
import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Viewer, people_named
from accounts.models import Follow
from socialapp.lib.clientip import rate_key
from socialapp.lib.errors import Unavailable
from socialapp.lib.ratelimit import limit
from videos.access import opened_videos, visible_videos, watchable_videos
from videos.models import Promotion, Video

from . import inbox, incoming, reports, retention, rollups, visits
from .counting import record
from .definitions import FOLLOW_FRESH_S, completion_needs, drop_reason, played_reason, view_needs
from .incoming import Said
from .models import Event, Source

log = logging.getLogger(__name__)

# Programs that read pages and say so (Cubot makes telephones). A browser without a screen is none by itself.
_BOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|facebookexternalhit|embedly|preview|lighthouse|pingdom", re.I
)


def open_visit(actor: Viewer, *, address: str = "") -> str:
    """A signed visit for pages and programs that have none: at most RATE_LIMITS["visit"] an address. TooMany."""
    limit("visit", actor.pk or rate_key(address))
    return visits.issue(actor)


def record_events(
    actor: Viewer,
    body: Any,
    *,
    address: str = "",
    agent: str = "",
    country: str = "",
    opened: Collection[int] = (),
) -> dict[str, int]:
    """Check a beacon and queue what is believed: `{"accepted": n, "dropped": m}`.

    Somebody not logged in needs a visit that was signed for them. A batch that its sender names counts once, however often
    it comes. `country` is the one found at the door; the address is used for limits only; `opened` are the invites that this
    browser opened, whose clips it may watch. One count against the rate limit, at most five queries (the gates over clips and
    over people, follows, promotions; more for clips of invites only), one write to Redis. Raises
    Invalid for what is not shaped as documented (then nothing is kept), TooMany, and Unavailable when Redis is away. What is
    unknown or hidden is dropped without a word, so that an answer never tells whether a clip exists.
    """
    limit("events", actor.pk or rate_key(address))
    beacon = incoming.parse(body)
    visit = visits.read(actor, beacon.visit)
    now = time.time()
    who = actor.pk or (visit.session if visit else str(beacon.visit))
    batch = inbox.mark_of("b", who, beacon.batch) if beacon.batch else b""
    if refused := "bot" if _BOT.search(agent) else "unsigned" if visit is None and actor.pk is None else "":
        return inbox.put((), now=now, dropped={refused: len(beacon.events)}, batch=batch)._asdict()
    budgets = []
    if visit is not None:
        budgets.append(inbox.Budget(inbox.mark_of("visit", visit.session), visit.issued_ms))
        if actor.pk is None and not inbox.known(budgets[0].who):
            limit("visit", rate_key(address))
    if actor.pk is not None:
        since = visit.issued_ms if visit else int(now * 1000)
        budgets.append(inbox.Budget(inbox.mark_of("person", actor.pk), since))
    # Without a visit the sender names its session, as clients did before there were any.
    events = (
        beacon.events if visit is None else [said._replace(session=visit.session) for said in beacon.events]
    )
    reasons: Counter[str] = Counter()
    at_ms = int(now * 1000)
    own = country or (actor.country if actor.is_authenticated else "")
    items = _items(actor, events, {"at_ms": at_ms, "country": own}, reasons, opened)
    return inbox.put(items, now=now, dropped=reasons, batch=batch, budgets=budgets)._asdict()


def want_report(actor: Viewer, kind: str) -> None:
    """Have the actor's report of a kind (Report.Kind) made in the background when it is older than a day. At most two queries;
    nothing for visitors, whom the read refuses. A broker that is away costs time only: the sweep finds the row."""
    if not actor.is_authenticated or not reports.want(actor.pk, kind):
        return

    def nudge() -> None:
        from .tasks import make_reports

        try:
            make_reports.delay()
        except Exception as error:  # whatever the broker's client raises: the row is the queue
            log.warning("nobody was nudged for reports: %s", error)

    transaction.on_commit(nudge)


# Author and length of the clips, and ids of the people, that the sender may see.
_Clips = Mapping[int, tuple[int, int]]
_People = Mapping[str, int]


def _items(
    actor: Viewer,
    events: Iterable[Said],
    common: Mapping[str, Any],
    reasons: Counter[str],
    opened: Collection[int],
) -> list[inbox.Item]:
    """What is believed of these events; the others are counted in `reasons`."""
    events = _promoted(list(events))
    ids = {said.video for said in events if said.video}
    clips = dict(_clips(actor, ids))
    if opened and ids - clips.keys():
        clips |= {clip.pk: (clip.author_id, clip.duration_ms) for clip in opened_videos(actor, opened)}
    names = {said.username for said in events if said.username}
    people = {name: person.pk for name, person in people_named(actor, names).items()} if names else {}
    followed = _fresh_follows(actor, {people.get(said.username) for said in events if said.kind == "follow"})
    items = []
    for said in events:
        found: inbox.Item | str
        if said.kind == "view":
            found = _viewing(actor, said, clips, common)
        elif said.kind == "impression":
            found = _impression(actor, said, clips, common)
        elif said.kind == "profile":
            found = _look(actor, said, people, common)
        else:
            found = _follow(actor, said, clips, people, followed, common)
        if isinstance(found, str):
            reasons[found] += 1
        else:
            items.append(found)
    return items


def _clips(actor: Viewer, ids: set[int]) -> dict[int, tuple[int, int]]:
    """Author and length of those clips that the sender may watch. A second query only where the gate of feeds shows less than
    was sent: exclusive previews, which cost more to look for."""
    found: dict[int, tuple[int, int]] = {}
    for gate in (visible_videos, watchable_videos):
        if ids := ids - found.keys():
            rows = gate(actor).filter(pk__in=ids).values_list("pk", "author_id", "duration_ms")
            found |= {pk: (author, duration) for pk, author, duration in rows}
    return found


def _promoted(events: list[Said]) -> list[Said]:
    """The events; what says of a promotion what is not so (another clip's, or none at all) was met somewhere else. Whether it
    was shown to them the flush asks, for many at once."""
    ids = {said.promotion for said in events if said.promotion}
    clips = dict(Promotion.objects.filter(pk__in=ids).values_list("pk", "video_id")) if ids else {}
    found = []
    for said in events:
        believed = said.promotion and clips.get(said.promotion) == said.video
        if not believed and (said.promotion or said.source == Source.PROMOTED):
            said = said._replace(promotion=None, source=Source.OTHER)
        found.append(said)
    return found


def _fresh_follows(actor: Viewer, people: Iterable[int | None]) -> set[int]:
    ids = {person for person in people if person}
    if actor.pk is None or not ids:
        return set()
    since = timezone.now() - timedelta(seconds=FOLLOW_FRESH_S)
    accepted = Follow.objects.filter(
        follower=actor.pk, followed__in=ids, state=Follow.State.ACCEPTED, accepted_at__gte=since
    )
    return set(accepted.values_list("followed_id", flat=True))


def _viewing(actor: Viewer, said: Said, clips: _Clips, common: Mapping[str, Any]) -> inbox.Item | str:
    if said.video not in clips:
        return "hidden"
    author, duration = clips[said.video]
    if author == actor.pk:
        return "own"
    wrong = drop_reason(said.watched_ms, said.duration_ms, said.loops, duration)
    if wrong := wrong or played_reason(said.watched_ms, said.played):
        return wrong
    length = duration or said.duration_ms
    reached = retention.digits(retention.reached_by(said.played, retention.seconds_of(length)))
    piece = record(
        Event.Kind.VIEW,
        author,
        video=said.video,
        viewer=actor.pk,
        session=said.session,
        source=str(said.source),
        promotion=said.promotion,
        watched_ms=said.watched_ms,
        duration_ms=length,
        loops=said.loops,
        skipped=said.skipped,
        played=retention.said(said.played),
        **common,
    )
    mark = inbox.mark_of("v", actor.pk, said.session, said.video)
    # The waiting room finds the last three values.
    return inbox.Item(
        list(piece[:-3]),
        mark,
        view_needs(length),
        completion_needs(length),
        said.watched_ms,
        said.loops,
        reached,
    )


def _impression(actor: Viewer, said: Said, clips: _Clips, common: Mapping[str, Any]) -> inbox.Item | str:
    if said.video not in clips:
        return "hidden"
    author, _duration = clips[said.video]
    if author == actor.pk:
        return "own"
    seen = record(
        Event.Kind.IMPRESSION,
        author,
        video=said.video,
        viewer=actor.pk,
        session=said.session,
        source=str(said.source),
        promotion=said.promotion,
        **common,
    )
    place = said.promotion or said.source
    return inbox.Item(list(seen), inbox.mark_of("i", actor.pk, said.session, said.video, place))


def _look(actor: Viewer, said: Said, people: _People, common: Mapping[str, Any]) -> inbox.Item | str:
    person = people.get(said.username)
    if person is None:
        return "hidden"
    if person == actor.pk:
        return "own"
    mark = inbox.mark_of("p", actor.pk, said.session, person)
    # Nobody's name is kept beside the profile they looked at, only a keyed hash by which different visitors are told apart.
    looker = f"{visits.disguise(actor.pk or said.session, person):016x}"
    look = record(Event.Kind.PROFILE_VIEW, person, session=looker, source=str(said.source), **common)
    return inbox.Item(list(look), mark)


def _follow(
    actor: Viewer,
    said: Said,
    clips: _Clips,
    people: _People,
    followed: set[int],
    common: Mapping[str, Any],
) -> inbox.Item | str:
    person = people.get(said.username)
    if (
        person is None
        or person not in followed
        or (said.video and clips.get(said.video, (0, 0))[0] != person)
    ):
        return "hidden"
    won = record(
        Event.Kind.FOLLOW,
        person,
        video=said.video or None,
        viewer=actor.pk,
        session=said.session,
        source=str(said.source),
        promotion=said.promotion,
        **common,
    )
    return inbox.Item(list(won), inbox.mark_of("f", actor.pk, person))


def follow_by_invite(person_id: int, creator_id: int, video_id: int) -> None:
    """Count a follow for the clip whose invite brought it. A page that tells of the same follow is not counted as well.

    Lost without Redis, as every event is.
    """
    at = time.time()
    won = record(
        Event.Kind.FOLLOW,
        creator_id,
        int(at * 1000),
        video=video_id,
        viewer=person_id,
        source=Source.INVITE.value,
    )
    try:
        inbox.put([inbox.Item(list(won), inbox.mark_of("f", person_id, creator_id))], now=at)
    except Unavailable:
        log.warning("a follow by invite was not counted: Redis is away")


def note(kind: Event.Kind, creator: int, *, video: int | None = None, viewer: int | None = None) -> None:
    """Leave a raw row of a fact that is counted elsewhere: when it happened, for the last hour's page. Lost without Redis."""
    at = time.time()
    source = Source.INVITE if kind == Event.Kind.INVITE_OPENED else Source.OTHER
    fact = record(kind, creator, int(at * 1000), video=video, viewer=viewer, source=source.value)
    try:
        inbox.put([inbox.Item(list(fact))], now=at)
    except Unavailable:
        log.warning("a fact of %s was not noted: Redis is away", kind.label)


# --- Facts from below: today's roll-ups follow them at once ---------------------------------------------------


def count_for_video(video_id: int, person_id: int | None = None, **figures: int) -> None:
    """Add likes, comments, shares or saves (negative when taken back) to the clip's and its creator's today, and to the
    week of the follower who gave them.

    Three queries in one transaction, six for a follower; a clip that is gone counts nothing. A share leaves a raw row, too.
    """
    creator = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if creator is None:
        return
    rollups.add_today(creator, video_id, person_id, **figures)
    if "shares" in figures:
        note(Event.Kind.SHARE, creator, video=video_id, viewer=person_id)


def count_for_comment(comment_id: int) -> None:
    """Count a comment for its clip."""
    found = Video.objects.filter(comment_set=comment_id).values_list("pk", "comment_set__author_id").first()
    if found is not None:
        video, author = found
        count_for_video(video, author, comments=1)


def count_for_person(person_id: int, **figures: int) -> None:
    """Add followers won or lost to the person's today. What a lost one made of their clips is taken back tomorrow."""
    rollups.add_creator_days({(person_id, timezone.now().date()): figures})
    if "followers_lost" in figures:
        rollups.tell_of([person_id])
