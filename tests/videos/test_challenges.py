"""Challenges: who hosts and sees them, which clips are entries, the board of likes, the host's verdicts, what stands when."""

import io
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image

from privacy.actions import block
from privacy.models import AuditEntry, BlockedTerm
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from videos import access, actions, challenges, media
from videos.actions import challenging
from videos.hashtags import apply_tags
from videos.models import Challenge, ChallengeMark, DoomedFolder, Video

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

NOBODY = AnonymousUser()
DAY = timedelta(days=1)


@pytest.fixture
def brand(cast, make_person):
    return make_person("brand", is_business=True)


def plan(**said):
    now = timezone.now()
    return {
        "title": "Golden hour",
        "brief": "Film the last light of the day.",
        "tag": "GoldenHour",
        "starts_at": now - DAY,
        "ends_at": now + DAY,
        **said,
    }


@pytest.fixture
def challenge(brand):
    return actions.publish_challenge(brand, actions.create_challenge(brand, **plan()))


@pytest.fixture
def enter(make_video):
    """A clip with the challenge's tag; other fields as given."""

    def make(person, **fields):
        clip = make_video(person, caption="Dusk #goldenhour", **fields)
        apply_tags(clip)
        return clip

    return make


def ids(clips):
    return {clip.pk for clip in clips}


# --- Hosting --------------------------------------------------------------------------------------------------------


def test_only_business_accounts_and_staff_host(cast, brand):
    assert actions.create_challenge(brand, **plan()).host == brand
    assert actions.create_challenge(cast.mod, **plan(title="Ours")).host == cast.mod
    with pytest.raises(Forbidden) as refusal:
        actions.create_challenge(cast.alice, **plan())
    assert refusal.value.code == "business_only"
    with pytest.raises(NotSignedIn):
        actions.create_challenge(NOBODY, **plan())


def test_a_draft_of_a_former_business_is_not_published(brand):
    draft = actions.create_challenge(brand, **plan())
    brand.is_business = False
    brand.save()
    with pytest.raises(Forbidden):
        actions.publish_challenge(brand, draft)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 81),
        ("brief", ""),
        ("brief", "x" * 501),
        ("rules", "x" * 3001),
        ("tag", "two words"),
        ("tag", "123"),
        ("tag", ""),
        ("tag", "x" * 61),
        ("country", "France"),
        ("ends_at", timezone.now() - 2 * DAY),
        ("ends_at", timezone.now() + 200 * DAY),
    ],
)
def test_what_does_not_fit_is_named(brand, field, value):
    with pytest.raises(Invalid) as refusal:
        actions.create_challenge(brand, **plan(**{field: value}))
    assert set(refusal.value.fields) == {field}
    assert not Challenge.objects.exists()


def test_refused_terms_are_refused_in_every_text_and_in_the_tag(cast, brand):
    BlockedTerm.objects.create(term="grifter", folded="grifter", act="refuse", added_by=cast.mod)
    for field in ("title", "brief", "rules", "tag"):
        with pytest.raises(Invalid) as refusal:
            actions.create_challenge(brand, **plan(**{field: "grifter"}))
        assert refusal.value.code == "blocked_term"
        assert field in refusal.value.fields


def test_there_is_an_end_to_open_ones(brand, monkeypatch):
    monkeypatch.setattr(challenging, "OPEN_ONES", 2)
    now = timezone.now()
    actions.create_challenge(brand, **plan())
    actions.create_challenge(
        brand, **plan(starts_at=now - 2 * DAY, ends_at=now - DAY)
    )  # over: does not count
    actions.create_challenge(brand, **plan())
    with pytest.raises(Conflict):
        actions.create_challenge(brand, **plan())


def test_addresses_are_readable_and_unlike(brand):
    made = [
        actions.create_challenge(brand, **plan(title=title))
        for title in ("Golden hour", "Golden hour", "New", "夕焼け")
    ]
    slugs = [one.slug for one in made]
    assert slugs[0] == "golden-hour"
    assert slugs[1].startswith("golden-hour-")
    assert slugs[2].startswith("new-")  # "new" alone is the studio's form
    assert len(set(slugs)) == 4


# --- Who sees it ----------------------------------------------------------------------------------------------------


def test_a_draft_is_its_hosts_alone(cast, brand):
    draft = actions.create_challenge(brand, **plan())
    assert access.get_challenge(brand, draft.slug) == draft
    for viewer in (cast.bob, cast.mod, NOBODY):
        with pytest.raises(NotFound):
            access.get_challenge(viewer, draft.slug)
        assert not access.list_challenges(viewer).items
    actions.publish_challenge(brand, draft)
    assert access.list_challenges(NOBODY).items == [draft]


def test_lists_part_by_phase_and_country(brand):
    now = timezone.now()
    times = {"running": (-1, 1), "coming": (1, 2), "ended": (-3, -2)}
    for name, (start, end) in times.items():
        made = Challenge.objects.create(
            slug=name,
            host=brand,
            title=name,
            brief="Go",
            tag=_tag(name),
            country="FR" if name == "coming" else "",
            starts_at=now + start * DAY,
            ends_at=now + end * DAY,
            published_at=now,
        )
        assert challenges.phase(made, now) == name
        assert [one.slug for one in access.list_challenges(NOBODY, name).items] == [name]
    assert [one.slug for one in access.list_challenges(NOBODY, "coming", "FR").items] == ["coming"]
    assert access.list_challenges(NOBODY, "coming", "DE").items == []
    assert [one.slug for one in access.list_challenges(NOBODY, "running", "DE").items] == ["running"]
    assert access.challenge_countries(NOBODY) == ["FR"]
    with pytest.raises(Invalid):
        access.list_challenges(NOBODY, "whatever")


def _tag(name):
    from videos.models import Tag

    return Tag.objects.create(name=name)


def test_blocks_deactivation_and_suspension_of_the_host_hide_it(cast, brand, challenge):
    block(brand, cast.mallory)
    with pytest.raises(NotFound):
        access.get_challenge(cast.mallory, challenge.slug)
    assert access.get_challenge(cast.bob, challenge.slug)
    for change in ({"deactivated_at": timezone.now()}, {"deactivated_at": None, "is_active": False}):
        type(brand).objects.filter(pk=brand.pk).update(**change)
        with pytest.raises(NotFound):
            access.get_challenge(cast.bob, challenge.slug)


def test_a_limited_host_keeps_the_page_but_no_place_in_lists(cast, brand, challenge):
    type(brand).objects.filter(pk=brand.pk).update(is_limited=True)
    assert access.get_challenge(cast.bob, challenge.slug)
    assert access.list_challenges(cast.bob).items == []


# --- Entries --------------------------------------------------------------------------------------------------------


def test_entries_are_clips_with_the_tag_of_that_time_by_others(cast, brand, challenge, enter, make_video):
    now = timezone.now()
    entry = enter(cast.alice)
    make_video(cast.alice, caption="no tag")
    enter(cast.alice, published_at=now - 3 * DAY)
    enter(cast.alice, published_at=now + 3 * DAY)
    enter(brand)
    out = enter(cast.bob)
    actions.mark_entry(brand, challenge, out.pk, "out")
    assert ids(access.challenge_entries(cast.dave, challenge)) == {entry.pk}
    assert ids(access.hosted_entries(brand, challenge)) == {entry.pk, out.pk}
    assert access.has_entered(cast.alice, challenge)
    assert not access.has_entered(cast.bob, challenge)


@pytest.mark.parametrize("viewer", ["nobody", "dave", "bob", "carol", "mallory", "alice"])
def test_nothing_tells_of_clips_the_viewer_may_not_see(cast, brand, challenge, enter, viewer):
    """Entries, counts, board and winners are exactly what the gate lets this viewer find."""
    clips = [
        enter(cast.alice, audience=audience, likes_count=n)
        for n, audience in enumerate(("friends", "followers", "public", "only_me"), 1)
    ]
    clips += [
        enter(cast.alice, likes_count=9, held_for="term"),
        enter(cast.alice, likes_count=9, state="removed", removed_at=timezone.now()),
        enter(cast.bob, likes_count=1),
    ]
    for place, clip in enumerate(clips, 1):
        ChallengeMark.objects.create(challenge=challenge, video=clip, verdict="winner", place=place)
    Challenge.objects.filter(pk=challenge.pk).update(ends_at=timezone.now())
    challenge.refresh_from_db()
    person = NOBODY if viewer == "nobody" else getattr(cast, viewer)
    seen = ids(access.findable_videos(person)) & ids(clips)
    assert ids(access.challenge_entries(person, challenge)) == seen
    assert access.count_entries(person, challenge)["entries"] == len(seen)
    assert ids(one.video for one in access.winners(person, challenge)) == seen
    best = {}
    for clip in sorted(access.challenge_entries(person, challenge), key=lambda clip: clip.likes_count):
        best[clip.author_id] = clip.pk
    assert ids(one.video for one in access.leaderboard(person, challenge).items) == set(best.values())


def test_a_hidden_winner_leaves_no_gap_in_the_places(cast, brand, challenge, enter):
    first, second, third = (enter(cast.alice), enter(cast.bob), enter(cast.carol))
    for place, clip in enumerate((first, second, third), 1):
        actions.mark_entry(brand, challenge, clip.pk, "winner", place)
    assert access.winners(cast.dave, challenge) == []  # the host's secret until the end
    assert [one.place for one in access.winners(brand, challenge)] == [1, 2, 3]
    challenge = actions.end_challenge(brand, challenge)
    assert [one.place for one in access.winners(cast.dave, challenge)] == [1, 2, 3]
    Video.objects.filter(pk=second.pk).update(audience="only_me")
    shown = access.winners(cast.dave, challenge)
    assert [(one.video.pk, one.place) for one in shown] == [(first.pk, 1), (third.pk, None)]


def test_the_board_has_each_author_once_and_pages_without_a_gap(cast, challenge, enter, make_person):
    people = [make_person(f"maker{n}") for n in range(7)]
    for n, person in enumerate(people):
        enter(person, likes_count=n // 2)
        enter(person, likes_count=n // 2 + 1)
    enter(cast.dave, likes_count=0)
    met, cursor = [], None
    while True:
        page = access.leaderboard(cast.bob, challenge, cursor, size=3)
        met += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [one.place for one in met] == list(range(1, 8))
    assert [one.video.likes_count for one in met] == [4, 3, 3, 2, 2, 1, 1]
    assert ids(one.video.author for one in met) == ids(people)
    with pytest.raises(Invalid):
        access.leaderboard(cast.bob, challenge, "nonsense")


def test_counts_say_when_they_stop_counting(cast, challenge, enter, monkeypatch):
    from videos.access import challenges as reads

    for _n in range(3):
        enter(cast.alice)
    assert access.count_entries(NOBODY, challenge) == {"entries": 3, "people": 1, "more": False}
    monkeypatch.setattr(reads, "COUNTED", 2)
    assert access.count_entries(NOBODY, challenge) == {"entries": 2, "people": 1, "more": True}


def test_the_example_must_be_open_and_is_gone_when_it_is_hidden(cast, brand, make_video):
    with pytest.raises(Invalid) as refusal:
        actions.create_challenge(brand, example=make_video(cast.alice, audience="friends"), **plan())
    assert "example" in refusal.value.fields
    clip = make_video(cast.alice)
    made = actions.create_challenge(brand, example=clip, **plan())
    assert access.challenge_example(cast.dave, made) == clip
    assert access.challenge_example(cast.mallory, made) is None
    assert actions.update_challenge(brand, made, example=None).example is None


# --- What a host does -----------------------------------------------------------------------------------------------


def test_nobody_else_does_what_the_host_does(cast, brand, challenge, enter):
    entry = enter(cast.alice)
    deeds = (
        lambda who: actions.update_challenge(who, challenge, title="Mine"),
        lambda who: actions.publish_challenge(who, challenge),
        lambda who: actions.end_challenge(who, challenge),
        lambda who: actions.delete_challenge(who, challenge),
        lambda who: actions.set_banner(who, challenge, picture()),
        lambda who: actions.remove_banner(who, challenge),
        lambda who: actions.mark_entry(who, challenge, entry.pk, "winner", 1),
        lambda who: actions.unmark_entry(who, challenge, entry.pk),
    )
    block(brand, cast.mallory)
    for deed in deeds:
        for who, refusal in (
            (cast.dave, Forbidden),
            (cast.mod, Forbidden),
            (cast.mallory, NotFound),
            (NOBODY, NotSignedIn),
        ):
            with pytest.raises(refusal):
                deed(who)
    with pytest.raises(NotFound):
        access.hosted_entries(cast.dave, challenge)
    with pytest.raises(NotFound):
        access.challenge_figures(cast.dave, challenge)
    challenge.refresh_from_db()
    assert (challenge.title, challenge.banner) == ("Golden hour", "")
    assert not ChallengeMark.objects.exists()


def test_what_people_took_part_under_stands(brand, challenge):
    now = timezone.now()
    for change in ({"tag": "other"}, {"starts_at": now}):
        with pytest.raises(Conflict) as refusal:
            actions.update_challenge(brand, challenge, **change)
        assert set(refusal.value.fields) == set(change)
    with pytest.raises(Invalid):
        actions.update_challenge(brand, challenge, ends_at=now - timedelta(hours=2))
    changed = actions.update_challenge(
        brand, challenge, title="Blue hour", ends_at=now + 3 * DAY, tag="goldenhour"
    )
    assert (changed.title, changed.slug) == ("Blue hour", "golden-hour")
    assert AuditEntry.objects.get(verb="challenge.change").detail == {"fields": ["title", "ends_at"]}
    actions.end_challenge(brand, changed)
    with pytest.raises(Conflict):
        actions.update_challenge(brand, challenge, ends_at=now + 5 * DAY)
    assert actions.update_challenge(brand, challenge, rules="Winners are told here.").rules


def test_ending_early_keeps_what_was_entered(cast, brand, challenge, enter):
    entry = enter(cast.alice)
    ended = actions.end_challenge(brand, challenge)
    assert challenges.phase(ended, timezone.now()) == "ended"
    enter(cast.bob, published_at=timezone.now() + timedelta(minutes=1))
    assert ids(access.challenge_entries(NOBODY, ended)) == {entry.pk}
    assert actions.end_challenge(brand, ended).ends_at == ended.ends_at
    coming = actions.create_challenge(
        brand, **plan(tag="later", starts_at=timezone.now() + DAY, ends_at=timezone.now() + 2 * DAY)
    )
    with pytest.raises(Conflict):
        actions.end_challenge(brand, actions.publish_challenge(brand, coming))


def test_a_tag_has_one_challenge_at_a_time(cast, brand, challenge):
    other = actions.create_challenge(cast.mod, **plan())
    with pytest.raises(Conflict) as refusal:
        actions.publish_challenge(cast.mod, other)
    assert refusal.value.code == "tag_taken"
    after = actions.update_challenge(
        cast.mod, other, starts_at=challenge.ends_at, ends_at=challenge.ends_at + DAY
    )
    assert actions.publish_challenge(cast.mod, after).published_at
    with pytest.raises(Conflict):
        actions.update_challenge(brand, challenge, ends_at=challenge.ends_at + 2 * DAY)


def test_a_challenge_that_is_over_is_not_published(brand):
    now = timezone.now()
    draft = actions.create_challenge(brand, **plan(starts_at=now - 2 * DAY, ends_at=now - DAY))
    with pytest.raises(Invalid) as refusal:
        actions.publish_challenge(brand, draft)
    assert "ends_at" in refusal.value.fields


def test_places_move_and_are_taken_back(cast, brand, challenge, enter):
    one, two = enter(cast.alice), enter(cast.bob)

    def places():
        return {mark.video_id: (mark.verdict, mark.place) for mark in ChallengeMark.objects.all()}

    actions.mark_entry(brand, challenge, one.pk, "winner", 1)
    actions.mark_entry(brand, challenge, two.pk, "winner", 2)
    actions.mark_entry(brand, challenge, two.pk, "winner", 1)
    assert places() == {two.pk: ("winner", 1), one.pk: ("winner", 2)}
    actions.mark_entry(brand, challenge, one.pk, "winner")
    assert places()[one.pk] == ("winner", None)
    actions.mark_entry(brand, challenge, one.pk, "winner", 1)
    assert places() == {one.pk: ("winner", 1)}
    actions.mark_entry(brand, challenge, one.pk, "out")
    Video.objects.filter(pk=one.pk).update(audience="only_me")
    actions.unmark_entry(brand, challenge, one.pk)
    actions.unmark_entry(brand, challenge, one.pk)
    assert places() == {}


@pytest.mark.parametrize(("verdict", "place"), [("best", None), ("winner", 0), ("winner", 11), ("out", 1)])
def test_a_verdict_has_to_make_sense(cast, brand, challenge, enter, verdict, place):
    with pytest.raises(Invalid):
        actions.mark_entry(brand, challenge, enter(cast.alice).pk, verdict, place)


def test_only_entries_are_judged(cast, brand, challenge, enter, make_video):
    for clip in (make_video(cast.alice), enter(brand), enter(cast.alice, audience="only_me")):
        with pytest.raises(NotFound):
            actions.mark_entry(brand, challenge, clip.pk, "winner", 1)


@pytest.mark.django_db(transaction=True)
def test_two_hosts_who_publish_at_once_do_not_get_the_same_tag(cast, brand):
    drafts = [(host, actions.create_challenge(host, **plan())) for host in (brand, cast.mod)]
    begin, refused = threading.Barrier(2), []

    def publish(host, draft):
        try:
            begin.wait(10)
            actions.publish_challenge(host, draft)
        except Conflict as problem:
            refused.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=pair) for pair in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["tag_taken"]
    assert Challenge.objects.filter(published_at__isnull=False).count() == 1


# --- Banner, moderators, erasure ------------------------------------------------------------------------------------


def picture(size=(1800, 900), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 90, 30)).save(out, kind)
    return ContentFile(out.getvalue(), name="banner.png")


def stored(challenge):
    return media.names(f"clips/{challenge.folder}")


@pytest.mark.parametrize(
    ("size", "kept"), [((1800, 900), (1536, 512)), ((900, 900), (900, 300)), ((3000, 90), (270, 90))]
)
def test_a_banner_is_the_middle_three_times_as_wide_as_high(size, kept):
    made = Image.open(io.BytesIO(challenges.banner_webp(picture(size))))
    assert (made.format, made.size) == ("WEBP", kept)


def test_a_banner_is_replaced_and_taken_away_without_a_trace(
    brand, challenge, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = actions.set_banner(brand, challenge, picture()).banner
    assert stored(challenge) == [first]
    with django_capture_on_commit_callbacks(execute=True):
        second = actions.set_banner(brand, challenge, picture()).banner
    assert stored(challenge) == [second] != [first]
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_banner(brand, challenge)
        actions.remove_banner(brand, challenge)
    assert stored(challenge) == []


@pytest.mark.parametrize("file", [b"", b"no picture", picture().read()[:300]])
def test_what_is_no_picture_is_refused_and_nothing_is_kept(brand, challenge, file):
    with pytest.raises(Invalid) as refusal:
        actions.set_banner(brand, challenge, ContentFile(file))
    assert "banner" in refusal.value.fields
    assert stored(challenge) == []


def test_a_refused_change_leaves_no_file_behind(cast, challenge):
    with pytest.raises(Forbidden):
        actions.set_banner(cast.dave, challenge, picture())
    assert stored(challenge) == []


def test_moderators_remove_and_bring_back(cast, brand, challenge, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_banner(brand, challenge, picture())
    old = challenge.folder
    with pytest.raises(NotFound):
        actions.remove_challenge(brand, challenge)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.remove_challenge(cast.mod, challenge, "A scam")
    assert not actions.remove_challenge(cast.mod, challenge)
    assert media.names(f"clips/{old}") == []  # addresses that are out there are dead
    with pytest.raises(NotFound):
        access.get_challenge(cast.bob, challenge.slug)
    assert access.hosted_challenges(brand).get() == challenge
    with pytest.raises(Forbidden):
        actions.update_challenge(brand, challenge, title="Again")
    assert AuditEntry.objects.get(verb="challenge.remove").detail["reason"] == "A scam"
    assert actions.restore_challenge(cast.mod, challenge)
    back = access.get_challenge(cast.bob, challenge.slug)
    assert stored(back) == [back.banner]


def test_a_removed_one_comes_not_back_beside_another_with_its_tag(cast, brand, challenge):
    actions.remove_challenge(cast.mod, challenge)
    actions.publish_challenge(cast.mod, actions.create_challenge(cast.mod, **plan()))
    with pytest.raises(Conflict):
        actions.restore_challenge(cast.mod, challenge)


def test_deleting_takes_the_banner_along_and_leaves_the_clips(
    cast, brand, challenge, enter, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_banner(brand, challenge, picture())
    entry = enter(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_challenge(brand, challenge)
    assert not default_storage.exists(f"clips/{challenge.folder}/banner.webp")
    assert stored(challenge) == []
    assert not DoomedFolder.objects.exists()
    assert Video.objects.filter(pk=entry.pk).exists()
    with pytest.raises(NotFound):
        actions.delete_challenge(brand, challenge)


def test_how_long_is_left_is_never_rounded_down():
    now = timezone.now()
    made = Challenge(starts_at=now - DAY, published_at=now)
    for ahead, words in (
        (timedelta(seconds=20), "1 minute left"),
        (timedelta(minutes=61), "2 hours left"),
        (timedelta(hours=50), "3 days left"),
    ):
        made.ends_at = now + ahead
        assert challenges.left(made, now) == words
    made.starts_at, made.ends_at = now + timedelta(minutes=5), now + DAY
    assert challenges.left(made, now) == "Starts in 5 minutes"
    made.starts_at, made.ends_at = now - 2 * DAY, now
    assert challenges.left(made, now) == ""
