"""What the site holds until a moderator looked: by which rules, who sees it meanwhile, and what deciding does."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import lift_suspensions
from accounts.models import User
from privacy.actions import decide, undo_decision
from privacy.actions.terms import add_terms
from privacy.cases import open_case
from privacy.models import AuditEntry, Case
from socialapp.lib.errors import Invalid, NotFound
from videos import access, counters, fingerprints
from videos.actions import approve_comment, comment, edit_comment, review_comments, update_video
from videos.actions.pipeline import set_fingerprints
from videos.actions.showing import hold, show
from videos.holds import Found
from videos.models import Comment, Fingerprint, Sound, Transcode, Video

from .test_fingerprints import film

LINK = "see https://shop.example/"


@pytest.fixture
def block(cast):
    return lambda *words, act="hold": add_terms(cast.mod, list(words), act=act)


@pytest.fixture
def appear(make_video):
    """A clip that is at the point of appearing; whether it does is the rules' business."""

    def make(author, **fields):
        video = make_video(author, published_at=None, **fields)
        show(video)
        video.refresh_from_db()
        return video

    return make


@pytest.fixture
def look(make_video):
    """Give a clip pictures, as a worker does."""

    def at(video, hashes):
        job, _made = Transcode.objects.get_or_create(video=video)
        Transcode.objects.filter(pk=job.pk).update(
            state="running", lease_token="ours", lease_until=timezone.now() + timedelta(minutes=1)
        )
        job.refresh_from_db()
        set_fingerprints(job, video.revision, list(enumerate(hashes)))
        video.refresh_from_db()
        return video

    return at


FOOTAGE = [(n * 0x9E3779B97F4A7C15) & ((1 << 64) - 1) for n in range(1, 9)]
OTHER = [(n * 0xC2B2AE3D27D4EB4F) & ((1 << 64) - 1) for n in range(11, 19)]


def sees(viewer, video):
    return access.visible_videos(viewer).filter(pk=video.pk).exists()


# --- Blocked terms ---------------------------------------------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.parametrize(
    "said",
    [{"caption": "so b4d"}, {"product_title": "Bad"}, {"edit": {"version": 1, "texts": [{"text": "b a d"}]}}],
)
def test_a_clip_that_says_a_blocked_term_waits(cast, block, appear, said):
    block("bad")
    video = appear(cast.alice, **said)
    assert (video.held_for, video.published_at) == ("term", None)
    case = Case.objects.get()
    assert (case.target_type, case.target_id, case.person, case.rule) == (
        "video",
        video.pk,
        cast.alice,
        "term",
    )
    assert case.detail == {"term": "bad"}
    assert User.objects.get(pk=cast.alice.pk).videos_count == 0
    assert AuditEntry.objects.get(verb="video.hold").actor is None


def test_only_its_author_sees_a_clip_that_waits(cast, block, appear):
    block("bad")
    video = appear(cast.alice, caption="bad")
    row = access.with_people(Video.objects.all()).get(pk=video.pk)
    assert sees(cast.alice, video)
    for viewer in (cast.bob, cast.carol, cast.dave, cast.mod):
        assert not sees(viewer, video)
        assert not access.sees_video(viewer, row)


@pytest.mark.parametrize("audience", ["public", "followers", "friends"])
def test_a_clip_held_after_it_appeared_is_gone_at_once(cast, make_video, audience):
    sound = Sound.objects.create(title="S", owner=cast.alice, uses_count=1)
    video = make_video(cast.alice, audience=audience, sound=sound)
    User.objects.filter(pk=cast.alice.pk).update(videos_count=1)
    assert sees(cast.carol, video)
    hold(video, Found("duplicate"))
    row = access.with_people(Video.objects.all()).get(pk=video.pk)
    assert not sees(cast.carol, video)
    assert not access.sees_video(cast.carol, row)
    assert not access.is_open(row)
    assert User.objects.get(pk=cast.alice.pk).videos_count == 0
    assert Sound.objects.get().uses_count == 0
    assert not any(counters.reconcile().values())


def test_addresses_of_a_clip_held_after_it_appeared_die(cast, make_video, django_capture_on_commit_callbacks):
    video = make_video(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        hold(video, Found("duplicate"))
    assert Video.objects.get().folder != video.folder


def test_new_words_of_a_clip_are_looked_at_again(cast, block, make_video):
    block("bad")
    video = make_video(cast.alice)
    update_video(cast.alice, video, caption="so bad")
    assert Video.objects.get().held_for == "term"


def test_moderators_themselves_are_not_held(cast, block, appear):
    block("bad")
    assert appear(cast.mod, caption="bad").held_for == ""


def test_refused_terms_are_refused_where_they_are_written(cast, block, make_video):
    block("bad", act="refuse")
    video = make_video(cast.alice)
    with pytest.raises(Invalid) as refused:
        update_video(cast.alice, video, caption="so bad")
    assert refused.value.fields == {"caption": "“bad” is not allowed here. Change it and try again."}
    with pytest.raises(Invalid) as refused:
        comment(cast.bob, video, "b.a.d")
    assert "text" in refused.value.fields


def test_its_author_is_told_that_it_waits(api, cast, block, appear, django_capture_on_commit_callbacks):
    block("bad")
    with django_capture_on_commit_callbacks(execute=True):
        video = appear(cast.alice, caption="bad")
    client = api.as_(cast.alice)
    assert client.get(f"/api/v1/videos/{video.pk}/").json()["held"] is True
    told = [row["text"] for row in client.get("/api/v1/notifications/").json()["results"]]
    assert told == ["Your clip waits for a moderator. Only you see it until then"]


def test_the_studio_says_that_it_waits(browser, cast, block, appear):
    block("bad")
    appear(cast.alice, caption="so-bad")
    page = browser.as_(cast.alice)
    assert "A moderator looks at it first" in page.get("/studio/").content.decode()
    assert "so-bad" not in page.get("/studio/?state=live").content.decode()
    assert "A moderator looks at it first" in page.get("/studio/?state=waiting").content.decode()


def test_words_of_people_are_refused_wherever_they_stand(cast, block):
    from accounts.actions import change_username, update_profile
    from messaging.actions import open_conversation, send_message

    block("bad", act="refuse")
    for field in ("bio", "display_name", "pronouns"):
        with pytest.raises(Invalid):
            update_profile(cast.alice, **{field: "so b4d"})
    with pytest.raises(Invalid):
        change_username(cast.alice, "so.bad")
    talk, _new = open_conversation(cast.alice, [cast.carol.username])
    with pytest.raises(Invalid):
        send_message(cast.alice, talk.pk, client_id="1", text="so bad")


# --- Deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.engines
def test_dismissing_lets_the_clip_appear_and_undoing_holds_it_again(cast, block, appear):
    block("bad")
    video = appear(cast.alice, caption="bad")
    decision = decide(cast.mod, Case.objects.get(), "dismiss")
    assert sees(cast.dave, video)
    assert Video.objects.get().published_at is not None
    assert User.objects.get(pk=cast.alice.pk).videos_count == 1
    undo_decision(cast.mod, decision)
    assert not sees(cast.dave, video)
    assert User.objects.get(pk=cast.alice.pk).videos_count == 0
    assert Case.objects.get().state == "open"


def test_what_was_let_through_is_not_held_for_the_same_again(cast, block, appear):
    block("bad", "worse")
    video = appear(cast.alice, caption="bad")
    decide(cast.mod, Case.objects.get(), "dismiss")
    update_video(cast.alice, video, caption="bad again")
    assert Video.objects.get().held_for == ""
    update_video(cast.alice, video, caption="worse")
    assert Video.objects.get().held_for == "term"


def test_removing_a_held_clip_hides_it_from_its_author_too_and_undoing_leaves_it_held(cast, block, appear):
    block("bad")
    video = appear(cast.alice, caption="bad")
    decision = decide(cast.mod, Case.objects.get(), "remove", reason="spam")
    assert not sees(cast.alice, video)
    undo_decision(cast.mod, decision)
    assert sees(cast.alice, video)
    assert not sees(cast.bob, video)
    assert User.objects.get(pk=cast.alice.pk).videos_count == 0


@pytest.mark.parametrize("act", ["label", "restrict", "warn"])
def test_a_milder_act_lets_the_clip_appear(cast, block, appear, act, django_capture_on_commit_callbacks):
    block("bad")
    video = appear(cast.alice, caption="bad")
    with django_capture_on_commit_callbacks(execute=True):
        decide(cast.mod, Case.objects.get(), act, reason="spam")
    assert sees(cast.bob, video)


def test_what_a_suspension_left_held_is_asked_about_once_its_author_is_back(
    cast, block, appear, django_capture_on_commit_callbacks
):
    block("spoiler")
    clip = appear(cast.alice, caption="spoiler")
    case = Case.objects.get(target_id=clip.pk)
    with django_capture_on_commit_callbacks(execute=True):
        decide(cast.mod, case, "suspend", reason="spam", days=1)
    assert not Case.objects.filter(state="open").exists()
    with (
        time_machine.travel(timezone.now() + timedelta(days=2)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert lift_suspensions() == 1
    again = Case.objects.get(state="open")
    assert (again.target_id, again.rule) == (clip.pk, case.rule)
    assert not sees(cast.bob, clip)


# --- Links -----------------------------------------------------------------------------------------------------------


def test_one_link_too_many_waits(cast, make_video, settings):
    settings.HOLDS = {**settings.HOLDS, "links": "2/600"}
    video = make_video(cast.alice, caption="No link")
    said = [comment(cast.alice, video, f"{LINK}{n}").held_for for n in range(4)]
    assert said == ["", "", "site", "site"]
    assert set(Case.objects.values_list("rule", flat=True)) == {"links"}
    assert Case.objects.order_by("pk").first().detail == {"links": 3, "minutes": 10}


def test_links_of_yesterday_do_not_count(cast, make_video, settings):
    settings.HOLDS = {**settings.HOLDS, "links": "1/600"}
    video = make_video(cast.alice)
    comment(cast.alice, video, LINK)
    Comment.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert comment(cast.alice, video, LINK + "2").held_for == ""


# --- New accounts ----------------------------------------------------------------------------------------------------


def test_a_new_account_in_a_hurry_waits_and_an_old_one_does_not(cast, appear, settings):
    settings.HOLDS = {**settings.HOLDS, "clips_of_new_account": "2/3600"}
    User.objects.filter(pk=cast.bob.pk).update(date_joined=timezone.now() - timedelta(days=3))
    assert [appear(cast.alice).held_for for _n in range(3)] == ["", "", "velocity"]
    assert [appear(cast.bob).held_for for _n in range(3)] == ["", "", ""]
    assert Case.objects.get().detail == {"published": 3, "minutes": 60, "account_hours": 0}


def test_a_new_account_that_comments_in_a_hurry_waits(cast, make_video, settings):
    settings.HOLDS = {**settings.HOLDS, "comments_of_new_account": "2/600"}
    video = make_video(cast.alice)
    assert [comment(cast.bob, video, f"Fine {n}").held_for for n in range(3)] == ["", "", "site"]


def test_a_rule_can_be_turned_off(cast, appear, settings):
    settings.HOLDS = dict.fromkeys(settings.HOLDS, "off")
    assert [appear(cast.alice, caption=f"{LINK}{n}").held_for for n in range(30)] == [""] * 30


# --- Copies ----------------------------------------------------------------------------------------------------------


@pytest.mark.engines
def test_footage_that_was_removed_waits_when_it_comes_again(cast, make_video, look):
    first = look(make_video(cast.alice), FOOTAGE)
    Video.objects.filter(pk=first.pk).update(state="removed")
    again = look(make_video(cast.bob), [FOOTAGE[0] ^ 0b101, *FOOTAGE[1:4]])
    assert again.held_for == "duplicate"
    assert Case.objects.get().detail == {
        "clips": [str(first.pk)],
        "share": 1.0,
        "mirrored": False,
        "removed": True,
    }
    assert not sees(cast.dave, again)


def test_copies_in_sight_get_a_case_when_one_is_removed(
    cast, make_video, look, django_capture_on_commit_callbacks
):
    first, copy = look(make_video(cast.alice), FOOTAGE), look(make_video(cast.bob), FOOTAGE)
    case = open_case("video", first.pk, cast.alice, reason="spam")
    with django_capture_on_commit_callbacks(execute=True):
        decide(cast.mod, case, "remove", reason="spam")
    opened = Case.objects.get(state="open")
    assert (opened.target_id, opened.person, opened.rule) == (copy.pk, cast.bob, "duplicate")
    assert opened.detail["clips"] == [str(first.pk)]
    assert sees(cast.dave, copy)


def test_the_mirrored_copy_waits_too(cast, make_video, look):
    first = look(make_video(cast.alice), FOOTAGE)
    Video.objects.filter(pk=first.pk).update(state="removed")
    again = look(make_video(cast.bob), [bits ^ fingerprints.MIRROR for bits in FOOTAGE])
    assert Case.objects.get(target_id=again.pk).detail["mirrored"] is True


def test_other_footage_shows(cast, make_video, look):
    first = look(make_video(cast.alice), FOOTAGE)
    Video.objects.filter(pk=first.pk).update(state="removed")
    assert look(make_video(cast.bob), OTHER).held_for == ""


def test_a_draft_waits_when_it_is_to_appear(cast, make_video, look):
    first = look(make_video(cast.alice), FOOTAGE)
    Video.objects.filter(pk=first.pk).update(state="removed")
    draft = look(make_video(cast.bob, state="draft", published_at=None), FOOTAGE)
    assert draft.held_for == ""
    show(draft)
    assert Video.objects.get(pk=draft.pk).held_for == "duplicate"


def test_one_more_clip_of_others_than_passes_waits(cast, make_video, look, settings):
    settings.HOLDS = {**settings.HOLDS, "copies": "1/86400"}
    look(make_video(cast.alice), FOOTAGE)
    look(make_video(cast.carol), OTHER)
    assert look(make_video(cast.dave), FOOTAGE).held_for == ""
    second = look(make_video(cast.dave), OTHER)
    assert second.held_for == "duplicate"
    assert Case.objects.get().detail["copies"] == 2


@pytest.mark.parametrize("family", ["its source", "another remix of its source"])
def test_what_a_duet_shows_of_its_source_is_no_copy(cast, make_video, look, settings, family):
    settings.HOLDS = {**settings.HOLDS, "copies": "0/86400"}
    source = look(make_video(cast.alice), FOOTAGE if family == "its source" else OTHER)
    if family != "its source":
        look(make_video(cast.carol, remix_kind="duet", remix_of=source), FOOTAGE)
    assert look(make_video(cast.bob, remix_kind="duet", remix_of=source), FOOTAGE).held_for == ""


def test_ones_own_clip_again_is_no_copy(cast, make_video, look, settings):
    settings.HOLDS = {**settings.HOLDS, "copies": "0/86400"}
    look(make_video(cast.alice), FOOTAGE)
    assert look(make_video(cast.alice), FOOTAGE).held_for == ""


def test_a_copy_that_was_let_through_is_not_held_again(cast, make_video, look):
    first = look(make_video(cast.alice), FOOTAGE)
    Video.objects.filter(pk=first.pk).update(state="removed")
    again = look(make_video(cast.bob), FOOTAGE)
    decide(cast.mod, Case.objects.get(), "dismiss")
    assert look(again, FOOTAGE).held_for == ""


def test_a_worker_notes_what_a_clip_looks_like_and_knows_the_copy(cast, publish, work):
    first = work(publish(cast.alice, film("silk")))
    assert Fingerprint.objects.filter(video=first).exists()
    Video.objects.filter(pk=first.pk).update(state="removed")
    again = work(publish(cast.bob, film("silk", "-vf", "scale=270:480", "-crf", "30")))
    assert (again.state, again.held_for) == ("ready", "duplicate")
    assert not sees(cast.dave, again)


# --- Comments --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(cast, block, make_video):
    """A comment of bob's under alice's clip that waits for a moderator."""
    block("bad")
    return comment(cast.bob, make_video(cast.alice), "so bad")


@pytest.mark.engines
def test_a_comment_that_waits_for_a_moderator_is_seen_by_who_wrote_it_only(cast, waiting):
    assert waiting.held_for == "site"
    clip = access.with_people(Video.objects.all()).get()
    assert access.comments_of(cast.bob, clip).exists()
    for viewer in (cast.alice, cast.carol, cast.dave, cast.mod):
        assert not access.comments_of(viewer, clip).exists()
        assert not Comment.objects.filter(access.standing(viewer)).exists()
    assert Video.objects.get().comments_count == 0


def test_the_clips_author_can_neither_find_nor_approve_it(cast, waiting):
    assert not access.to_review(cast.alice, "held").exists()
    assert access.review_counts(cast.alice) == {"held": 0, "hidden": 0}
    with pytest.raises(NotFound):
        approve_comment(cast.alice, waiting)
    assert review_comments(cast.alice, "approve", [waiting.pk]) == []


def test_who_wrote_it_is_told_that_it_waits(api, cast, waiting):
    rows = api.as_(cast.bob).get(f"/api/v1/videos/{waiting.video_id}/comments/").json()["results"]
    assert rows[0]["state"] == "waiting"


def test_nobody_is_told_of_a_comment_that_waits_for_a_moderator(cast, block, make_video):
    from messaging.models import Notification

    block("bad")
    comment(cast.bob, make_video(cast.alice), "so bad @carol")
    assert not Notification.objects.exists()


def test_dismissing_lets_the_comment_through_and_undoing_holds_it_again(cast, waiting):
    decision = decide(cast.mod, Case.objects.get(), "dismiss")
    assert Comment.objects.get().held_for == ""
    assert Video.objects.get().comments_count == 1
    undo_decision(cast.mod, decision)
    assert Comment.objects.get().held_for == "site"
    assert Video.objects.get().comments_count == 0
    assert not any(counters.reconcile().values())


def test_then_it_is_the_authors_turn_as_for_any_other(cast, waiting):
    from privacy.actions import update_privacy

    update_privacy(cast.alice, approve_comments=True)
    decide(cast.mod, Case.objects.get(), "dismiss")
    assert Comment.objects.get().held_for == "approval"


def test_removing_a_comment_that_waits_can_be_undone(cast, waiting):
    decision = decide(cast.mod, Case.objects.get(), "remove", reason="spam")
    assert Comment.objects.get().removed_at is not None
    undo_decision(cast.mod, decision)
    row = Comment.objects.get()
    assert (row.removed_at, row.held_for) == (None, "site")
    assert Video.objects.get().comments_count == 0


def test_new_words_of_a_comment_are_looked_at_again(cast, block, make_video):
    block("bad")
    row = comment(cast.bob, make_video(cast.alice), "fine")
    assert Video.objects.get().comments_count == 1
    edit_comment(cast.bob, row, "bad")
    assert Comment.objects.get().held_for == "site"
    assert Video.objects.get().comments_count == 0
    edit_comment(cast.bob, row, "fine again")
    assert Comment.objects.get().held_for == "site"


def test_a_comment_that_was_let_through_is_not_held_for_the_same_again(cast, waiting):
    decide(cast.mod, Case.objects.get(), "dismiss")
    waiting.refresh_from_db()
    edit_comment(cast.bob, waiting, "bad indeed")
    assert Comment.objects.get().held_for == ""
