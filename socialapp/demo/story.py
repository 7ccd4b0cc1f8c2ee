"""What happened to a clip of the demo: its rows and files, who watched, liked, saved, shared and commented, day by day.

Roll-ups are sums of the events made here, and counters are counts of the rows, so a recount finds what is shown.
"""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Follow, User
from analytics.counting import Record, Sums, record, sums, week_of
from analytics.definitions import RAW_EVENTS_KEPT_DAYS
from analytics.models import EngagementWeek, Event, VideoDay
from analytics.raw import insert
from analytics.rollups import add_creator_days, count_active, roll_up, tell_of
from privacy.rules import Audience
from socialapp.lib import rows as table
from videos import media
from videos.hashtags import apply_tags
from videos.models import (
    Comment,
    CommentLike,
    Like,
    Rendition,
    Save,
    Share,
    Sound,
    Transcode,
    Video,
    Watch,
    new_folder,
)
from videos.popularity import score

from .catalogue import Clip
from .moments import MASK, dice, id_at, mark, own_times, spread
from .rendering import FACTS, MASTER, SOUND
from .society import People
from .visitors import PULL, Visitors, events, milliseconds
from .words import COMMENTS

LOG_INS = ("alice", "bob", "carol", "dave", "brand")
CHANNELS = ("link", "message", "system", "whatsapp")


def find(clip: Clip, people: People) -> Video | None:
    """The clip's row, if it was seeded before. It is known by the low bits of its id."""
    ids = Video.objects.filter(author=people[clip.author]).values_list("pk", flat=True)
    found = next((pk for pk in ids if pk & MASK == mark("clip", clip.slug)), None)
    return Video.objects.get(pk=found) if found else None


def seed_clip(clip: Clip, drawn: Path, people: People, now: datetime) -> Video:
    """A drawn clip becomes a clip of the site with a past. Files first, rows last and in one transaction. Once a clip."""
    before = find(clip, people)
    if before is not None:
        return before
    facts: dict[str, Any] = json.loads((drawn / FACTS).read_text())
    author = people[clip.author]
    published = now - timedelta(days=clip.days_ago)
    video = _video(clip, author, facts, published)
    sound = _sound(clip, video, facts)
    _put_files(drawn, video, sound, facts)
    with transaction.atomic(), own_times(Video, Rendition, Sound, Like, Save, Share, Comment, CommentLike):
        sound.save(force_insert=True)
        video.sound = sound
        video.save(force_insert=True)
        Rendition.objects.bulk_create(
            Rendition(video=video, created_at=published, **row) for row in facts["renditions"]
        )
        length = timedelta(milliseconds=video.duration_ms)
        Transcode.objects.create(
            video=video,
            state=Transcode.State.DONE,
            stage=Transcode.Stage.DONE,
            percent=100,
            attempts=1,
            # As a small machine takes: half a clip's length until it plays, twice as much until all is made.
            queued_at=published - length / 2,
            started_at=published - length / 2,
            playable_at=published,
            finished_at=published + length,
        )
        apply_tags(video)
        accounts.add_videos(author.pk, 1)
        seed_past(clip, video, people, now)
    return video


def _video(clip: Clip, author: User, facts: dict[str, Any], published: datetime) -> Video:
    return Video(
        id=id_at(published, "clip", clip.slug),
        author=author,
        caption=clip.caption,
        audience=clip.audience,
        state=Video.State.READY,
        folder=new_folder(),
        original="original.mp4",
        original_bytes=facts["renditions"][0]["size"],
        cover=facts["cover"],
        preview=facts["preview"],
        playlist=MASTER,
        blurhash=facts["blurhash"],
        dominant_color=facts["color"],
        duration_ms=facts["duration_ms"],
        width=facts["renditions"][0]["width"],
        height=facts["renditions"][0]["height"],
        language=clip.language,
        created_at=published,
        published_at=published,
    )


def _sound(clip: Clip, video: Video, facts: dict[str, Any]) -> Sound:
    """The clip's own sound, which others may use."""
    return Sound(
        id=id_at(video.created_at, "sound", clip.slug),
        title=clip.sound,
        owner=video.author,
        duration_ms=video.duration_ms,
        folder=new_folder(),
        file=SOUND,
        peaks=facts["peaks"],
        uses_count=1,
        created_at=video.created_at,
    )


def _put_files(drawn: Path, video: Video, sound: Sound, facts: dict[str, Any]) -> None:
    """Copies of the drawn files in the store; the cache keeps its own."""
    settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
    best = facts["renditions"][0]["name"]
    keys = {
        media.key_of(sound.folder if file.name == SOUND else video.folder, file.name): file
        for file in sorted(drawn.iterdir())
        if file.name != FACTS
    }
    keys[media.original_key(video)] = drawn / best
    for key, file in keys.items():
        copy = settings.WORK_DIR / f"demo-{new_folder()}"
        shutil.copyfile(file, copy)
        media.put(key, copy)


def _audience(clip: Clip, people: People) -> tuple[list[User], set[int]]:
    """Who may meet this clip, without its author; and which of them follow the author."""
    author = people[clip.author]
    followers = set(
        Follow.objects.filter(followed=author, state=Follow.State.ACCEPTED).values_list(
            "follower_id", flat=True
        )
    )
    others = [person for person in people.values() if person.pk != author.pk]
    match clip.audience:
        case Audience.ONLY_ME:
            return [], set()
        case Audience.FRIENDS:
            back = set(
                Follow.objects.filter(follower=author, state=Follow.State.ACCEPTED).values_list(
                    "followed_id", flat=True
                )
            )
            return [person for person in others if person.pk in followers & back], followers
    if author.privacy.is_private:
        others = [person for person in others if person.pk in followers]
    return others, followers


@dataclass
class Ledger:
    """What was given to a clip by day, and by followers in a week of theirs."""

    creator: int
    visitors: Visitors
    days: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    weeks: dict[tuple[int, date, int], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def give(self, name: str, person: int, moment: datetime) -> None:
        day = _day(moment)
        self.days[day][name] += 1
        since = self.visitors.since.get(person)
        if name in _OF_WEEKS and since is not None and since <= milliseconds(moment):
            self.weeks[self.creator, week_of(day), person][name] += 1


def seed_past(clip: Clip, video: Video, people: People, now: datetime) -> None:
    """Everything that people did with a clip since it appeared: its events, likes, comments and figures. Once a clip."""
    rng = dice("engage", clip.slug)
    viewers, followers = _audience(clip, people)
    open_to_all = clip.audience == Audience.PUBLIC and not people[clip.author].privacy.is_private
    visitors = Visitors.of(people[clip.author], viewers, is_public=open_to_all)
    ledger = Ledger(video.author_id, visitors)
    counts: Counter[str] = Counter()
    if viewers:
        shares = _appreciate(clip, video, viewers, followers, now, rng, ledger, counts)
        _talk(clip, video, people, viewers, now, rng, ledger, counts)
        counts["views"] = _watch(clip, video, visitors, shares, now)
    _write_days(video, ledger)
    Video.objects.filter(pk=video.pk).update(
        **{
            f"{name}_count": F(f"{name}_count") + counts[name]
            for name in ("views", "likes", "comments", "shares", "saves")
        },
        score=score(
            views=counts["views"],
            likes=counts["likes"],
            saves=counts["saves"],
            comments=counts["comments"],
            shares=counts["shares"],
            published_at=video.published_at or now,
        ),
    )
    accounts.add_likes(video.author_id, counts["likes"])


_GIVEN = ("likes", "comments", "shares", "saves")
_OF_WEEKS = ("likes", "comments", "shares")


def _write_days(video: Video, ledger: Ledger) -> None:
    days = [
        (video.pk, video.author_id, day, *(given[name] for name in _GIVEN))
        for day, given in ledger.days.items()
    ]
    table.add(VideoDay, ("video_id", "creator_id", "day"), _GIVEN, days, unique=("video_id", "day"))
    add_creator_days(
        {(video.author_id, day): {name: given[name] for name in _GIVEN} for day, given in ledger.days.items()}
    )
    weeks = [(*key, *(given[name] for name in _OF_WEEKS)) for key, given in ledger.weeks.items()]
    table.add(EngagementWeek, ("creator_id", "week", "person_id"), _OF_WEEKS, weeks)
    # Of yesterday, as most of it is: a demo made at midnight has its people to follow back ranked at once, too.
    tell_of([video.author_id] if weeks else [], timezone.now().date() - timedelta(days=1))


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _watch(clip: Clip, video: Video, visitors: Visitors, shares: list[Share], now: datetime) -> int:
    """What the visitors did, in the roll-ups and, as long as raw rows are kept, as raw rows; how many views it were."""
    happened = events(clip, video, visitors, now)
    happened += [
        record(
            Event.Kind.SHARE,
            video.author_id,
            milliseconds(row.created_at),
            video=video.pk,
            viewer=row.person_id,
        )
        for row in shares
    ]
    found = add_up(happened, {(person, video.author_id): at for person, at in visitors.since.items()})
    roll_up(found)
    count_active(found)
    kept = milliseconds(raw_since(now))
    recent = [event for event in happened if event.at_ms >= kept]
    insert(recent)
    _keep_watches(clip, video, visitors.people, recent)
    return found.gained[video.pk]


def add_up(happened: list[Record], since: Mapping[tuple[int, int], int]) -> Sums:
    """What events add up to; weeks are of those who followed by then. `since`: (follower, creator) → milliseconds."""
    found = sums(happened, ())
    by_followers = [
        event
        for event in happened
        if event.viewer is not None
        and since.get((event.viewer, event.creator), event.at_ms + 1) <= event.at_ms
    ]
    found.weeks = sums(by_followers, since.keys()).weeks
    return found


def raw_since(now: datetime) -> datetime:
    """The midnight from which raw events are made, today included: one day less than is kept, so that none goes at once."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=RAW_EVENTS_KEPT_DAYS - 2)


def _keep_watches(clip: Clip, video: Video, viewers: list[User], records: list[Record]) -> None:
    """What each person watched of the clip in all. Those whom one logs in as have watched a third of the clips: the rest is
    new to them."""
    seen: dict[int, Watch] = {}
    rng = dice("watched", clip.slug)
    spared = {person.pk for person in viewers if person.username in LOG_INS and rng.random() > 1 / 3}
    for event in records:
        person = event.viewer
        if event.kind != Event.Kind.VIEW or person is None or person in spared:
            continue
        at = datetime.fromtimestamp(event.at_ms / 1000, UTC)
        row = seen.setdefault(
            person, Watch(person_id=person, video=video, source=event.source, first_at=at, last_at=at)
        )
        row.watched_ms += event.watched_ms
        row.viewings += event.is_view
        row.completions += event.is_completion
        row.first_at, row.last_at = min(row.first_at, at), max(row.last_at, at)
    Watch.objects.bulk_create(seen.values())


def _appreciate(
    clip: Clip,
    video: Video,
    viewers: list[User],
    followers: set[int],
    now: datetime,
    rng: np.random.Generator,
    ledger: Ledger,
    counts: Counter[str],
) -> list[Share]:
    """Likes, saves and shares. Followers like more; a clip of a few hours has not met everybody yet. The shares."""
    published = video.published_at or now
    met = 1 - np.exp(-(clip.days_ago + 0.25) / 2.5)
    keen = [
        p
        for p in viewers
        if rng.random() < (0.62 if p.pk in followers else 0.24) * met * (0.6 + 0.4 * PULL[clip.author] / 150)
    ]
    moments = spread(rng, published, now - timedelta(seconds=30), len(keen), 1.6)
    likes = [
        Like(video=video, person=person, created_at=moment)
        for person, moment in zip(keen, moments, strict=True)
    ]
    saves = [
        Save(video=video, person=like.person, created_at=like.created_at)
        for like in likes
        if rng.random() < 0.22
    ]
    shares = [
        Share(
            video=video,
            person=like.person,
            channel=CHANNELS[rng.integers(len(CHANNELS))],
            created_at=like.created_at,
        )
        for like in likes
        if rng.random() < 0.12 and clip.audience == Audience.PUBLIC
    ]
    kinds: tuple[tuple[str, list[Any]], ...] = (("likes", likes), ("saves", saves), ("shares", shares))
    for name, rows in kinds:
        rows.sort(key=lambda row: row.created_at)  # so that their ids are in the order of time, too
        if rows:
            type(rows[0]).objects.bulk_create(rows)
        counts[name] += len(rows)
        for row in rows:
            ledger.give(name, row.person_id, row.created_at)
    return shares


def _talk(
    clip: Clip,
    video: Video,
    people: People,
    viewers: list[User],
    now: datetime,
    rng: np.random.Generator,
    ledger: Ledger,
    counts: Counter[str],
) -> None:
    """Comments in their order, answers below what they answer, and likes for them."""
    published = video.published_at or now
    lines = COMMENTS.get(clip.slug, [])
    span = (now - published).total_seconds()
    # The conversation is over within three days, or within what time there was.
    steps = np.sort(rng.uniform(0.06, 0.95, len(lines))) * min(span, 3 * 86_400)
    allowed = {person.pk for person in viewers} | {video.author_id}
    written: list[Comment] = []
    for number, (line, after) in enumerate(zip(lines, steps, strict=True)):
        moment = published + timedelta(seconds=float(after))
        parent = written[line[2]] if len(line) == 3 else None
        if parent is not None and parent.parent_id:
            parent = next(row for row in written if row.pk == parent.parent_id)
        if people[line[0]].pk not in allowed:
            raise ValueError(f"{line[0]} cannot see the clip {clip.slug} that they comment on")
        comment = Comment(
            id=id_at(moment, "comment", clip.slug, number),
            video=video,
            author=people[line[0]],
            parent=parent,
            text=line[1],
            created_at=moment,
        )
        if parent is not None:
            parent.replies_count += 1
        written.append(comment)
        ledger.give("comments", comment.author_id, moment)
    likes = []
    for comment in written:
        fans = [person for person in viewers if person.pk != comment.author_id and rng.random() < 0.05]
        comment.likes_count = len(fans)
        likes += [
            CommentLike(comment=comment, person=person, created_at=comment.created_at) for person in fans
        ]
    Comment.objects.bulk_create(written)
    CommentLike.objects.bulk_create(likes)
    counts["comments"] += len(written)
