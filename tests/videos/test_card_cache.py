"""Cards that are ready: what they say is what the rows say now, they come with the gate of each request, and cost little."""

import orjson
import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings

from accounts.models import Follow, User
from privacy.models import Block, Mute, PrivacySettings
from socialapp.lib.rest import as_json
from videos import access, card_cache
from videos.access.passed import findable, passing
from videos.card_cache import json_cards
from videos.cards import cards
from videos.models import Like, Preference, Rendition, Save, Sound, Video

from .test_gate import build, people, world  # noqa: F401 – its small worlds

pytestmark = pytest.mark.django_db
ANYONE = AnonymousUser()


@pytest.fixture(autouse=True)
def _nothing_kept():
    card_cache.forget()


@pytest.fixture
def clip(cast, make_video):
    made = make_video(cast.alice, caption="First words #tag", cover="cover.webp", blurhash="abc", width=9)
    Rendition.objects.create(video=made, name="a.mp4", width=1, height=360, short_side=360, bitrate=1, size=1)
    return made


def ready(viewer, *clips):
    """The cards of these clips as the API sends them, of those that pass the gate."""
    passed = passing(viewer, [clip.pk for clip in clips])
    return orjson.loads(as_json(json_cards(viewer, [passed[c.pk] for c in clips if c.pk in passed])))


def plain(viewer, *clips):
    """The same by the way of whole rows."""
    rows = access.with_people(access.visible_videos(viewer)).in_bulk([clip.pk for clip in clips])
    return orjson.loads(as_json(cards(viewer, [rows[c.pk] for c in clips if c.pk in rows])))


@pytest.mark.engines
def test_a_ready_card_says_what_a_card_of_rows_says(cast, clip, make_video):
    sound = Sound.objects.create(title="Hum", owner=cast.carol, file="sound.m4a")
    remix = make_video(cast.carol, remix_kind="duet", remix_of=clip, sound=sound)
    orphan = make_video(cast.carol, remix_kind="stitch")
    borrowed = make_video(cast.alice, sound=sound, product_url="https://example.org/", is_ai_made=True)
    friends = make_video(cast.alice, audience="friends")
    early = make_video(cast.alice, state="processing", captions_tracks=[
        {"language": "en", "name": "en.vtt", "automatic": True}
    ])  # fmt: skip
    own = make_video(cast.bob, publish_at=None)
    Like.objects.create(person=cast.bob, video=clip)
    Save.objects.create(person=cast.carol, video=clip)
    everything = [clip, remix, orphan, borrowed, friends, early, own]
    for viewer in (cast.alice, cast.bob, cast.carol, cast.dave, cast.mallory, ANYONE):
        for _time in ("made", "kept"):
            assert ready(viewer, *everything) == plain(viewer, *everything)


@pytest.mark.engines
@given(world=world)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_what_the_gate_passes_has_a_card_in_any_small_world(people, world):  # noqa: F811
    clips = build(people, world)
    ids = [clip.pk for clip in clips]
    for viewer in [ANYONE, *User.objects.filter(pk__in=[p.pk for p in people])]:
        seen = (
            access.visible_videos(viewer).filter(published_at__isnull=False).exclude(access.unwanted(viewer))
        )
        wanted = set(seen.values_list("pk", flat=True))
        assert set(passing(viewer, ids)) == wanted
        assert set(findable(viewer, ids)) == set(access.findable_videos(viewer).values_list("pk", flat=True))
        assert ready(viewer, *clips) == plain(viewer, *(clip for clip in clips if clip.pk in wanted))


CHANGES = {
    "a caption": lambda clip: Video.objects.filter(pk=clip.pk).update(caption="Other words"),
    "who may comment": lambda clip: Video.objects.filter(pk=clip.pk).update(comments="nobody"),
    "the folder of its files": lambda clip: Video.objects.filter(pk=clip.pk).update(folder="x" * 24),
    "its cover": lambda clip: Video.objects.filter(pk=clip.pk).update(cover="other.webp"),
    "its counts": lambda clip: Video.objects.filter(pk=clip.pk).update(likes_count=7, views_count=9),
    "its captions": lambda clip: Video.objects.filter(pk=clip.pk).update(
        captions_tracks=[{"language": "fr", "name": "fr.vtt", "automatic": False}]
    ),
    "another rendition": lambda clip: Rendition.objects.create(
        video=clip, name="b.mp4", width=1, height=720, short_side=720, bitrate=1, size=1
    ),
    "a rendition made again": lambda clip: Rendition.objects.filter(video=clip).update(bitrate=2),
    "a rendition gone": lambda clip: Rendition.objects.filter(video=clip).delete(),
    "the author's user name": lambda clip: User.objects.filter(pk=clip.author_id).update(username="renamed"),
    "the author's name": lambda clip: User.objects.filter(pk=clip.author_id).update(display_name="Renamed"),
    "the author's picture": lambda clip: User.objects.filter(pk=clip.author_id).update(
        avatar="avatars/x.webp"
    ),
    "the author's rule for duets": lambda clip: PrivacySettings.objects.filter(person=clip.author_id).update(
        duet_audience="nobody"
    ),
    "the author's privacy": lambda clip: PrivacySettings.objects.filter(person=clip.author_id).update(
        is_private=True
    ),
    "a private audience": lambda clip: Video.objects.filter(pk=clip.pk).update(audience="only_me"),
    "an audience of friends": lambda clip: Video.objects.filter(pk=clip.pk).update(audience="friends"),
    "a removal": lambda clip: Video.objects.filter(pk=clip.pk).update(state="removed"),
    "a hold": lambda clip: Video.objects.filter(pk=clip.pk).update(held_for="spam"),
    "the author's suspension": lambda clip: User.objects.filter(pk=clip.author_id).update(is_active=False),
    "its sound": lambda clip: Video.objects.filter(pk=clip.pk).update(
        sound=Sound.objects.create(title="Hum")
    ),
}


@pytest.mark.engines
@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_by_whatever_way_shows_at_once(cast, clip, change):
    before = {name: ready(getattr(cast, name), clip) for name in ("bob", "carol", "dave")}
    CHANGES[change](clip)
    after = {name: ready(getattr(cast, name), clip) for name in before}
    assert after == {name: plain(getattr(cast, name), clip) for name in before}
    assert after != before


@pytest.mark.parametrize("table", [Like, Save])
def test_a_mark_shows_to_whoever_made_it_and_to_nobody_else(cast, clip, table):
    ready(cast.bob, clip), ready(cast.dave, clip)
    table.objects.create(person=cast.bob, video=clip)
    name = "liked" if table is Like else "saved"
    assert ready(cast.bob, clip)[0]["viewer"][name] is True
    assert ready(cast.dave, clip)[0]["viewer"][name] is False


def test_a_new_tie_shows_at_once(cast, clip):
    assert ready(cast.dave, clip)[0]["author"]["relation"]["following"] == "no"
    Follow.objects.create(follower=cast.dave, followed=cast.alice, state="pending")
    assert ready(cast.dave, clip)[0]["author"]["relation"]["following"] == "pending"
    Follow.objects.filter(follower=cast.dave).update(state="accepted", accepted_at=timezone.now())
    assert ready(cast.dave, clip)[0]["author"]["relation"]["following"] == "yes"


@pytest.mark.parametrize(
    "shut_out",
    [
        lambda me, clip: Block.objects.create(blocker=clip.author, blocked=me),
        lambda me, clip: Block.objects.create(blocker=me, blocked=clip.author),
        lambda me, clip: Mute.objects.create(muter=me, muted=clip.author),
        lambda me, clip: Preference.objects.create(person=me, stance="hide", video=clip),
        lambda me, clip: Preference.objects.create(person=me, stance="hide", author=clip.author),
    ],
)
def test_a_card_that_is_kept_never_comes_past_the_gate(cast, clip, shut_out):
    assert ready(cast.dave, clip)
    shut_out(cast.dave, clip)
    assert ready(cast.dave, clip) == []
    assert ready(ANYONE, clip)


def test_a_borrowed_sound_goes_with_its_owners_account(cast, make_video):
    sound = Sound.objects.create(title="Hum", owner=cast.carol, file="sound.m4a")
    clip = make_video(cast.alice, sound=sound)
    assert ready(cast.dave, clip)[0]["sound"]["title"] == "Hum"
    PrivacySettings.objects.filter(person=cast.carol).update(is_private=True)
    assert ready(cast.dave, clip)[0]["sound"] is None
    assert ready(cast.carol, clip)[0]["sound"]["title"] == "Hum"


def test_words_are_those_of_the_readers_language(cast, clip):
    with translation.override("en"):
        english = ready(cast.dave, clip)[0]["audience_label"]
    with translation.override("fr"):
        assert ready(cast.dave, clip)[0]["audience_label"] != english


def test_addresses_of_files_are_as_young_as_ever(cast, clip, monkeypatch):
    first = ready(cast.dave, clip)[0]["cover"]
    later = card_cache.time.time() + 1800
    monkeypatch.setattr("time.time", lambda: later)
    assert ready(cast.dave, clip)[0]["cover"] != first
    assert ready(cast.dave, clip) == plain(cast.dave, clip)


def test_a_page_costs_one_query_however_many_clips(cast, clip, make_video, django_assert_num_queries):
    clips = [clip, *(make_video(cast.carol) for _n in range(19))]
    ready(cast.dave, clip)
    for _time in ("made", "kept"):
        with django_assert_num_queries(1):
            assert len(ready(cast.dave, *clips)) == 20


def test_what_is_kept_is_bounded(cast, clip, make_video, monkeypatch):
    monkeypatch.setattr(card_cache, "MOST", 8)
    for _n in range(12):
        ready(cast.dave, make_video(cast.alice))
        assert len(card_cache._kept) <= 8


def test_a_statement_refuses_a_moment_of_today():
    from socialapp.lib.statements import Statement

    with pytest.raises(ValueError, match="moment"):
        Statement(Video.objects.filter(published_at__lt=timezone.now()).values_list("pk"))
