"""What happened to a clip of the demo: its rows and files, who watched, liked, saved, shared and commented, day by day.

Roll-ups are sums of the events made here, and counters are counts of the rows, so a recount finds what is shown.
"""

import json
import shutil
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import actions as accounts
from accounts.models import Follow, User
from analytics.counting import Record, whole_viewing
from analytics.definitions import RAW_EVENTS_KEPT_DAYS, is_completion, is_view
from analytics.models import Source, VideoDay
from analytics.raw import insert
from analytics.rollups import add_creator_days, upsert
from privacy.rules import Audience
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

from .cast import PEOPLE
from .catalogue import Clip
from .moments import MASK, dice, id_at, mark, own_times, spread
from .rendering import FACTS, MASTER, SOUND
from .society import People
from .words import COMMENTS

PULL = {person.username: person.pull for person in PEOPLE}
WEEK = (0.86, 0.82, 0.88, 0.94, 1.08, 1.28, 1.2)  # Monday … Sunday
HOURS = np.array([3, 2, 1, 1, 1, 1, 2, 4, 5, 4, 4, 5, 7, 6, 5, 5, 6, 8, 10, 12, 13, 12, 9, 6], float)
SOURCES = {
    Source.FOR_YOU: 0.52,
    Source.FOLLOWING: 0.19,
    Source.PROFILE: 0.09,
    Source.TAG: 0.06,
    Source.FRIENDS: 0.04,
    Source.SEARCH: 0.04,
    Source.EXTERNAL: 0.04,
    Source.MESSAGE: 0.02,
}
LOG_INS = ("alice", "bob", "carol", "dave", "brand")
CHANNELS = ("link", "message", "system", "whatsapp")
DayFigures = dict[date, Counter[str]]


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
    video = Video(
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
    sound = Sound(
        id=id_at(published, "sound", clip.slug),
        title=clip.sound,
        owner=author,
        duration_ms=video.duration_ms,
        folder=new_folder(),
        file=SOUND,
        peaks=facts["peaks"],
        uses_count=1,
        created_at=published,
    )
    _put_files(drawn, video, sound, facts)
    with transaction.atomic(), own_times(Video, Rendition, Sound, Like, Save, Share, Comment, CommentLike):
        sound.save(force_insert=True)
        video.sound = sound
        video.save(force_insert=True)
        Rendition.objects.bulk_create(
            Rendition(video=video, created_at=published, **row) for row in facts["renditions"]
        )
        Transcode.objects.create(
            video=video,
            state=Transcode.State.DONE,
            stage=Transcode.Stage.DONE,
            percent=100,
            attempts=1,
            queued_at=published,
            started_at=published,
            playable_at=published,
            finished_at=published,
        )
        apply_tags(video)
        accounts.add_videos(author.pk, 1)
        _engage(clip, video, people, now)
    return video


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


def _engage(clip: Clip, video: Video, people: People, now: datetime) -> None:
    rng = dice("engage", clip.slug)
    viewers, followers = _audience(clip, people)
    days: DayFigures = defaultdict(Counter)
    counts: Counter[str] = Counter()
    if viewers:
        open_to_all = clip.audience == Audience.PUBLIC and not people[clip.author].privacy.is_private
        counts["views"] = _watch(clip, video, viewers, open_to_all, now, rng, days)
        _appreciate(clip, video, viewers, followers, now, rng, days, counts)
        _talk(clip, video, people, viewers, now, rng, days, counts)
    rows = [
        (video.pk, video.author_id, day, *(figures[name] for name in _VIDEO_DAY))
        for day, figures in days.items()
    ]
    upsert(VideoDay, ("video_id", "creator_id", "day"), _VIDEO_DAY, rows, unique=("video_id", "day"))
    shared = ("views", "watch_ms", "likes", "comments", "shares", "saves")
    creator_days: dict[tuple[int, date], Counter[str]] = {}
    for day, figures in days.items():
        own = Counter({name: figures[name] for name in shared})
        own["profile_views"] = int(rng.poisson(figures["views"] * 0.07))
        creator_days[video.author_id, day] = own
    add_creator_days(creator_days)
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


_VIDEO_DAY = ("views", "watch_ms", "completions", "likes", "comments", "shares", "saves")


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _watch(
    clip: Clip,
    video: Video,
    viewers: list[User],
    open_to_all: bool,
    now: datetime,
    rng: np.random.Generator,
    days: DayFigures,
) -> int:
    """Viewings from the first day until now: a burst, a long tail, weekends, evenings. Raw rows as long as they are kept."""
    published = video.published_at or now
    pull = PULL[clip.author] if open_to_all else len(viewers)
    ids = np.array([person.pk for person in viewers])
    names, shares = list(SOURCES), np.array(list(SOURCES.values()))
    raw_from = (now - timedelta(days=RAW_EVENTS_KEPT_DAYS - 1)).timestamp() * 1000
    low, high = published.timestamp() * 1000, now.timestamp() * 1000
    records, total = [], 0
    day = _day(published)
    while day <= _day(now):
        age = (day - _day(published)).days
        growth = 0.55 + 0.75 * (1 - (now.date() - day).days / 60)
        expected = (
            pull * growth * WEEK[day.weekday()] * (0.62 * np.exp(-age / 2.4) + 0.3 * np.exp(-age / 22) + 0.06)
        )
        count = int(rng.poisson(expected))
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000
        # A fresh clip has only the hours since it appeared: its burst falls into them.
        start, end = max(midnight, low + 60_000), min(midnight + 86_400_000, high)
        at = midnight + (rng.choice(24, count, p=HOURS / HOURS.sum()) + rng.random(count)) * 3_600_000
        at = np.where((at < start) | (at >= end), start + rng.random(count) * max(end - start, 1), at).astype(
            np.int64
        )
        loops = rng.geometric(0.52, count) - 1
        part = np.where(rng.random(count) < 0.2, rng.uniform(0.05, 0.3, count), rng.beta(3.2, 1.2, count))
        watched = ((loops + part) * video.duration_ms).astype(np.int64)
        known = rng.random(count) < (0.6 if open_to_all else 1.0)
        who, source = rng.integers(0, len(ids), count), rng.choice(len(names), count, p=shares / shares.sum())
        for k in range(count):
            ms, turns = int(watched[k]), int(loops[k])
            figures = days[day]
            figures["watch_ms"] += ms
            if is_view(ms, video.duration_ms):
                figures["views"] += 1
                figures["completions"] += is_completion(ms, video.duration_ms, turns)
                total += 1
            if at[k] >= raw_from and (now.date() - day).days < RAW_EVENTS_KEPT_DAYS - 1:
                person = int(ids[who[k]]) if known[k] else None
                session = f"demo-{clip.slug}-{day:%j}-{k}"
                records.append(
                    whole_viewing(
                        video.pk,
                        video.author_id,
                        int(at[k]),
                        ms,
                        video.duration_ms,
                        turns,
                        viewer=person,
                        session=session,
                        source=str(names[source[k]]),
                    )
                )
        day += timedelta(days=1)
    insert(records)
    _keep_watches(clip, video, viewers, records)
    return total


def _keep_watches(clip: Clip, video: Video, viewers: list[User], records: list[Record]) -> None:
    """What each person watched of the clip in all. Those whom one logs in as have watched a third of the clips: the rest is
    new to them."""
    seen: dict[int, Watch] = {}
    rng = dice("watched", clip.slug)
    spared = {person.pk for person in viewers if person.username in LOG_INS and rng.random() > 1 / 3}
    for event in records:
        person = event.viewer
        if person is None or person in spared:
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
    days: DayFigures,
    counts: Counter[str],
) -> None:
    """Likes, saves and shares. Followers like more; a clip of a few hours has not met everybody yet."""
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
            days[_day(row.created_at)][name] += 1


def _talk(
    clip: Clip,
    video: Video,
    people: People,
    viewers: list[User],
    now: datetime,
    rng: np.random.Generator,
    days: DayFigures,
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
        days[_day(moment)]["comments"] += 1
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
