"""No list of clips, nor any reason given for one, ever shows what the gate hides; and a long scroll repeats nothing.

The oracle is the gate for one row (`access.sees_video`, by the tables of privacy.rules) and the wishes as this test wrote them;
what is asked are the lists as people get them. The model recommends everything to everybody, so the gate alone holds it back.
"""

import json
import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st

from accounts.models import Follow, User
from privacy.models import Block, Mute, PrivacySettings
from socialapp.lib.errors import NotFound
from socialapp.lib.redis import connection
from videos import access, exploring, feed
from videos.feed import trained
from videos.labels import Norms
from videos.models import (
    Challenge,
    ChallengeMark,
    FeedSettings,
    FirstAudience,
    Like,
    Preference,
    Sound,
    Trend,
    Video,
    Watch,
)
from videos.recommender import Ranked
from videos.search import finding, indexing, suggesting

pytestmark = pytest.mark.django_db

CLIPS, AUTHORS = 9, ("alice", "carol", "eve")
VIEWERS = ("nobody", "bob", "carol", "dave", "mallory")
HIDE = ("", "", "", "clip", "author", "sound", "tag")

clip_states = st.fixed_dictionaries(
    {
        "audience": st.sampled_from(["public", "public", "public", "followers", "friends", "only_me"]),
        "state": st.sampled_from(["ready"] * 5 + ["processing", "draft", "failed", "removed"]),
        "held_for": st.sampled_from(["", "", "", "links"]),
        "is_limited": st.sampled_from([False, False, True]),
        "playlist": st.sampled_from(["master.m3u8"] * 4 + [""]),
        "published": st.sampled_from([True, True, True, False]),
    }
)
author_states = st.fixed_dictionaries(
    {
        "private": st.booleans(),
        "is_limited": st.sampled_from([False, False, True]),
        "is_active": st.sampled_from([True, True, True, False]),
        "hidden": st.sampled_from([False, False, False, True]),
        "blocked": st.sampled_from(["", "", "", "by", "of"]),
        "muted": st.sampled_from([False, False, True]),
    }
)


class Everything:
    """A model that recommends every clip because of every other."""

    def __init__(self, clips):
        self.clips = clips

    def rank(self, history, *, now, size, exclude=frozenset()):
        return [
            Ranked(pk, 1.0 + n, self.clips[n - 1]) for n, pk in enumerate(self.clips) if pk not in exclude
        ]


@pytest.fixture
def world(cast, make_person, make_video, monkeypatch):
    """Clips with a tag, a sound and a challenge in common, in every list and in everybody's history."""
    eve = make_person("eve")
    people = SimpleNamespace(**vars(cast), eve=eve, nobody=AnonymousUser())
    sound = Sound.objects.create(title="canarysong", owner=eve, file="s.m4a")
    now = timezone.now()
    clips = []
    for n in range(CLIPS):
        author = getattr(people, AUTHORS[n % len(AUTHORS)])
        clip = make_video(
            author, caption=f"canary{n}x #birds", sound=sound if n % 2 else None, likes_count=n + 1
        )
        clips.append(clip)
        FirstAudience.objects.create(video=clip)
        Trend.objects.create(kind="video", subject=clip.pk, score=n)
        for name in ("bob", "dave", "mallory"):
            Watch.objects.create(
                person=getattr(people, name),
                video=clip,
                watched_ms=900,
                viewings=1,
                first_at=now,
                last_at=now,
            )
    tag = clips[0].tags.create(name="birds")
    for clip in clips[1:]:
        clip.tags.add(tag)
    challenge = Challenge.objects.create(
        slug="birds",
        host=cast.mod,
        tag=tag,
        title="Birds",
        brief="Birds",
        example=clips[0],
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        published_at=now,
    )
    ChallengeMark.objects.create(challenge=challenge, video=clips[1], verdict="winner", place=1)
    ids = [clip.pk for clip in clips]
    Follow.objects.create(follower=cast.bob, followed=eve, state="accepted", accepted_at=now)
    monkeypatch.setattr(trained, "serving", lambda: trained.Trained(1, Everything(ids), Norms()))
    indexing.rebuild()
    return SimpleNamespace(people=people, clips=ids, tag=tag, sound=sound, challenge=challenge)


def arrange(world, viewer, clips, authors, hide, settings):
    """Make the world so, for this viewer; returns what a feed leaves out besides what the gate hides."""
    now, unwanted = timezone.now(), set()
    for n, (pk, fields) in enumerate(zip(world.clips, clips, strict=True)):
        published = now - timedelta(minutes=n) if fields["published"] else None
        columns = {name: value for name, value in fields.items() if name != "published"}
        Video.objects.filter(pk=pk).update(published_at=published, **columns)
    for name, fields in zip(AUTHORS, authors, strict=True):
        author = getattr(world.people, name)
        User.objects.filter(pk=author.pk).update(
            is_limited=fields["is_limited"],
            is_active=fields["is_active"] or author == viewer,
            deactivated_at=now if fields["hidden"] and author != viewer else None,
        )
        PrivacySettings.objects.filter(person=author).update(is_private=fields["private"])
        if not viewer.pk or author == viewer:
            continue
        if fields["blocked"]:
            pair = (author, viewer) if fields["blocked"] == "by" else (viewer, author)
            Block.objects.get_or_create(blocker=pair[0], blocked=pair[1])
            Follow.objects.filter(follower=viewer, followed=author).delete()
        if fields["muted"]:
            Mute.objects.create(muter=viewer, muted=author)
            unwanted |= {pk for n, pk in enumerate(world.clips) if AUTHORS[n % len(AUTHORS)] == name}
    if viewer.pk:
        FeedSettings.objects.create(person=viewer, **settings)
        unwanted |= refuse(world, viewer, hide)
    return unwanted


def refuse(world, viewer, hide):
    """Say no to something; the clips that it is about."""
    thing = {
        "clip": {"video_id": world.clips[0]},
        "author": {"author": world.people.eve},
        "sound": {"sound": world.sound},
        "tag": {"tag": world.tag},
    }.get(hide)
    if thing is None:
        return set()
    Preference.objects.create(person=viewer, stance="hide", **thing)
    return {
        pk
        for n, pk in enumerate(world.clips)
        if hide == "tag"
        or (hide == "clip" and n == 0)
        or (hide == "author" and AUTHORS[n % len(AUTHORS)] == "eve")
        or (hide == "sound" and n % 2)
    }


def all_of(page_of):
    clips, cursor = [], None
    for _page in range(20):
        page = page_of(cursor)
        clips += [item.pk for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return clips
    raise AssertionError("it did not end")


def said_of(viewer, pk):
    try:
        return json.dumps(feed.reasons(viewer, access.get_video(viewer, pk)))
    except NotFound:
        return ""


def shown(viewer, world):
    """What each list shows, by its name."""
    lists = {"for you": all_of(lambda cursor: feed.for_you(viewer, cursor, 4))}
    lists["explore"] = all_of(lambda cursor: exploring.clips(viewer, "", cursor, 4))
    if viewer.pk:
        lists["following"] = all_of(lambda cursor: feed.following(viewer, cursor, 4))
        lists["friends"] = all_of(lambda cursor: feed.friends(viewer, cursor, 4))
    finds = {
        "tag": list(access.tag_videos(viewer, "birds").values_list("pk", flat=True)),
        "search": [int(row["id"]) for row in finding.find(viewer, "videos", "birds").results],
        "challenge": [clip.pk for clip in access.challenge_entries(viewer, world.challenge)],
        "leaderboard": [standing.video.pk for standing in access.leaderboard(viewer, world.challenge).items],
        "winners": [standing.video.pk for standing in access.winners(viewer, world.challenge)],
    }
    if example := access.challenge_example(viewer, world.challenge):
        finds["example"] = [example.pk]
    try:
        sound = access.get_sound(viewer, world.sound.pk)
        finds["sound"] = list(access.sound_videos(viewer, sound).values_list("pk", flat=True))
    except NotFound:
        pass
    names = [tag["name"] for tag in access.suggest_tags(viewer, "bird")]
    names += [row["name"] for row in finding.find(viewer, "tags", "birds").results]
    return lists, finds, names + [json.dumps(row) for row in suggesting.suggestions(viewer, "birds")]


@given(
    viewer=st.sampled_from(VIEWERS),
    clips=st.lists(clip_states, min_size=CLIPS, max_size=CLIPS),
    authors=st.lists(author_states, min_size=3, max_size=3),
    hide=st.sampled_from(HIDE),
    settings=st.fixed_dictionaries({"chronological": st.booleans(), "personal": st.booleans()}),
)
@how(
    max_examples=int(os.environ.get("GATE_EXAMPLES", "12")),
    deadline=None,
    # A smaller example takes minutes to find here and says no more: what fails names the list and the clip.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_ever_shows_what_the_gate_hides(world, viewer, clips, authors, hide, settings):
    who = getattr(world.people, viewer)
    connection().flushdb()
    with transaction.atomic():
        unwanted = arrange(world, who, clips, authors, hide, settings)
        who = User.objects.get(pk=who.pk) if who.pk else who
        rows = {row.pk: row for row in Video.objects.select_related("author__privacy", "sound")}
        seen = {pk for pk, row in rows.items() if access.sees_video(who, row) and row.published_at}
        follows = set(Follow.objects.filter(follower=who.pk or 0).values_list("followed_id", flat=True))
        kept_back = {
            pk
            for pk, row in rows.items()
            if (row.is_limited or row.author.is_limited)
            and row.author_id not in follows
            and row.author_id != who.pk
        }
        lists, finds, words = shown(who, world)
        for name, ids in lists.items():
            assert set(ids) <= seen - kept_back - unwanted, name
            assert len(ids) == len(set(ids)) or name == "explore", name
        assert set(lists["for you"]) == {pk for pk in seen - kept_back - unwanted if rows[pk].playlist}
        for name, ids in finds.items():
            assert set(ids) <= seen - kept_back or name == "example", name
            assert set(ids) <= seen, name
        if not seen - kept_back:
            assert not [word for word in words if "birds" in word and "challenge" not in word]
        for pk in seen:
            text = said_of(who, pk)
            for number, other in enumerate(world.clips):
                if other not in seen:
                    assert f"canary{number}x" not in text
                    assert str(other) not in text
        transaction.set_rollback(True)


@pytest.fixture
def thousands(db):
    """2,100 clips by 70 authors."""
    now = timezone.now()
    people = User.objects.bulk_create(
        User(username=f"author{n}", email=f"author{n}@example.com") for n in range(70)
    )
    PrivacySettings.objects.bulk_create(
        [PrivacySettings(person=person, changed_at=now) for person in people], ignore_conflicts=True
    )
    return Video.objects.bulk_create(
        Video(
            author=people[n % 70],
            caption=f"Clip {n}",
            state="ready",
            playlist="master.m3u8",
            cover="cover.webp",
            duration_ms=1000,
            score=(n * 37) % 101,
            published_at=now - timedelta(minutes=n),
            folder=f"f{n}",
        )
        for n in range(2100)
    )


def test_two_thousand_clips_scrolled_repeat_nothing(cast, thousands, make_video, monkeypatch):
    monkeypatch.setattr(
        trained,
        "serving",
        lambda: trained.Trained(1, Everything([clip.pk for clip in thousands[:300]]), Norms()),
    )
    Like.objects.create(person=cast.dave, video=thousands[0])
    shown, cursor, authors = [], None, []
    while len(shown) < 2000:
        page = feed.for_you(cast.dave, cursor)
        assert len(page.items) == feed.SIZE
        shown += [clip.pk for clip in page.items]
        authors.append(len({clip.author_id for clip in page.items}))
        cursor = page.next_cursor
        if len(shown) % 200 == 0:
            make_video(cast.alice)
            Video.objects.filter(pk__in=shown[-40:]).update(score=200)
    assert len(shown) == len(set(shown))
    assert min(authors) >= feed.SIZE // 2
