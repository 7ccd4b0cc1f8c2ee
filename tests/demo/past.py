"""The past of some of the demo's creators, without drawing their clips."""

from datetime import timedelta

from analytics.raw import TABLE
from socialapp.demo.cast import CROWD_SIZE
from socialapp.demo.catalogue import CLIPS
from socialapp.demo.moments import id_at, own_times
from socialapp.demo.society import seed_follows, seed_people
from socialapp.demo.story import raw_since, seed_past
from socialapp.lib.partitions import ensure_days
from tests.makers import video
from videos.models import Comment, CommentLike, Like, Save, Share


def make_past(now, authors=("alice", "wen.garden")):
    """These creators with all that happened to their clips until `now`, which it returns; no pictures. The ids are the demo's."""
    people = seed_people(now, crowd_size=CROWD_SIZE)
    seed_follows(people, now)
    ensure_days(TABLE, raw_since(now).date(), now.date())
    for clip in CLIPS:
        if clip.author in authors:
            published = now - timedelta(days=clip.days_ago)
            made = video(
                people[clip.author],
                id=id_at(published, "clip", clip.slug),
                caption=clip.slug,
                audience=clip.audience,
                published_at=published,
                duration_ms=round(clip.seconds * 1000),
            )
            with own_times(Like, Save, Share, Comment, CommentLike):
                seed_past(clip, made, people, now)
    return now
