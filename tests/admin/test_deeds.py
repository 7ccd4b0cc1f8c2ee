"""What moderators do in the admin: through actions, audited, without touching anything else."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions as people
from accounts.access import visible_people
from privacy.models import AuditEntry, Decision
from socialapp.lib.errors import Invalid, NotFound
from videos import actions as videos
from videos.access import visible_videos
from videos.actions import moderating
from videos.models import Comment, Sound, Transcode, Upload, Video

from .test_pages import address

AUTH = "allauth.account.auth_backends.AuthenticationBackend"


def do(page, label, name, *rows, **extra):
    """Choose rows in a list and run an action on them."""
    return page.post(
        address(label), {"action": name, "_selected_action": [row.pk for row in rows], **extra}, follow=True
    )


def press(page, label, row, name, **fields):
    """Press a button of a row's own page, sending the form's hidden fields along as a browser does."""
    form = page.get(address(label, "change", row.pk)).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    button = f"{label.replace('.', '_')}_{name}"
    return page.post(address(label, "change", row.pk), hidden | {button: "1"} | fields, follow=True)


def verbs():
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_suspending_hides_ends_sessions_and_is_audited_with_its_reason(browser, cast, make_video):
    clip = make_video(cast.alice)
    answer = do(browser.as_(cast.mod), "accounts.user", "suspend_people", cast.alice, reason="Spam")
    assert "1 person suspended." in answer.content.decode()
    cast.alice.refresh_from_db()
    assert not cast.alice.is_active
    assert not visible_people(cast.bob).filter(pk=cast.alice.pk).exists()
    assert not visible_videos(cast.bob).filter(pk=clip.pk).exists()
    assert AuditEntry.objects.filter(verb="suspend", actor=cast.mod, target_id=cast.alice.pk).exists()
    decision = Decision.objects.get()
    assert (decision.act, decision.person, decision.statement) == ("ban", cast.alice, "Spam")

    answer = do(browser.as_(cast.mod), "accounts.user", "reinstate_people", cast.alice)
    assert "1 person reinstated." in answer.content.decode()
    cast.alice.refresh_from_db()
    assert cast.alice.is_active
    decision.refresh_from_db()
    assert decision.undone_by == cast.mod
    assert verbs() == ["suspend", "decide.ban", "reinstate", "decide.undo"]


def test_the_button_on_a_persons_page_suspends_and_writes_nothing_else(browser, cast):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(followers_count=7)
    press(browser.as_(cast.mod), "accounts.user", cast.alice, "suspend_person")
    cast.alice.refresh_from_db()
    assert not cast.alice.is_active
    assert cast.alice.followers_count == 7


def test_staff_cannot_be_suspended(browser, cast, make_person):
    other = make_person("other", is_staff=True)
    answer = do(browser.as_(cast.mod), "accounts.user", "suspend_people", other, cast.alice)
    assert "other is staff" in answer.content.decode()
    other.refresh_from_db()
    cast.alice.refresh_from_db()
    assert other.is_active
    assert not cast.alice.is_active, "one refusal does not stop the others"


def test_moderating_is_for_staff_only(cast, make_video):
    clip = make_video(cast.alice)
    comment = videos.comment(cast.alice, clip, "Words")
    for deed in (
        lambda: people.suspend(cast.bob, cast.alice),
        lambda: people.reinstate(cast.bob, cast.alice),
        lambda: people.change_rights(cast.bob, cast.bob, is_staff=True, is_superuser=True),
        lambda: videos.remove_video(cast.bob, clip),
        lambda: videos.restore_video(cast.bob, clip),
        lambda: videos.retry_for_author(cast.bob, clip),
        lambda: moderating.decide_removal(cast.bob, clip, "spam"),
        lambda: moderating.undo_removal(cast.bob, clip),
        lambda: moderating.decide_comment_removal(cast.bob, comment, "spam"),
        lambda: moderating.undo_comment_removal(cast.bob, comment),
    ):
        with pytest.raises(NotFound):
            deed()
    assert verbs() == []


def test_rights_are_given_by_superusers_only_and_never_taken_from_oneself(cast, make_person):
    helper = make_person("helper", is_staff=True)
    with pytest.raises(NotFound):
        people.change_rights(helper, helper, is_staff=True, is_superuser=True)
    with pytest.raises(Invalid):
        people.change_rights(cast.mod, cast.mod, is_staff=False, is_superuser=False)
    assert people.change_rights(cast.mod, helper, is_staff=False, is_superuser=False)
    helper.refresh_from_db()
    assert not helper.is_staff
    assert verbs() == ["rights"]


def test_groups_of_rights_are_saved_by_the_button_and_audited(browser, cast, make_person):
    from django.contrib.auth.models import Group

    helper, group = make_person("helper"), Group.objects.create(name="Moderators")
    press(browser.as_(cast.mod), "accounts.user", helper, "save_rights", is_staff="on", groups=[group.pk])
    helper.refresh_from_db()
    assert helper.is_staff
    assert list(helper.groups.all()) == [group]
    assert AuditEntry.objects.get().detail == {"is_staff": True, "is_superuser": False, "groups": [group.pk]}
    press(browser.as_(cast.mod), "accounts.user", helper, "suspend_person")
    assert list(helper.groups.all()) == [group], "another button does not touch rights"


def test_a_removed_clip_is_gone_for_all_and_comes_back(
    browser, cast, make_video, django_capture_on_commit_callbacks
):
    clip = make_video(cast.alice)
    people.add_videos(cast.alice.pk, 1)
    folder = clip.folder
    page = browser.as_(cast.mod)
    with django_capture_on_commit_callbacks(execute=True):
        assert "1 clip removed." in do(page, "videos.video", "remove_clips", clip).content.decode()
    clip.refresh_from_db()
    cast.alice.refresh_from_db()
    assert clip.state == "removed"
    assert clip.folder != folder, "addresses that are out there are dead"
    assert cast.alice.videos_count == 0
    for viewer in (cast.alice, cast.bob):
        assert not visible_videos(viewer).filter(pk=clip.pk).exists()
    assert "1 clip removed" not in do(page, "videos.video", "remove_clips", clip).content.decode(), (
        "removing again does nothing"
    )

    assert "1 clip is back." in press(page, "videos.video", clip, "restore_clip").content.decode()
    clip.refresh_from_db()
    cast.alice.refresh_from_db()
    assert clip.state == "ready"
    assert cast.alice.videos_count == 1
    assert visible_videos(cast.bob).filter(pk=clip.pk).exists()
    assert verbs() == ["video.remove", "decide.remove", "video.restore", "decide.undo"]


def test_removing_a_clip_under_way_stops_its_transcode(cast, make_video):
    clip = make_video(cast.alice, state="processing", published_at=None, playlist="")
    Transcode.objects.create(video=clip, state="running", lease_token="x")
    videos.remove_video(cast.mod, clip)
    job = Transcode.objects.get()
    assert (job.state, job.lease_token) == ("failed", "")


def test_a_failed_clip_is_processed_again(browser, cast, make_video, settings, tmp_path):
    clip = make_video(
        cast.alice, state="failed", error_code="internal", original="source.mp4", published_at=None
    )
    Transcode.objects.create(video=clip, state="failed", attempts=3)
    answer = do(browser.as_(cast.mod), "videos.transcode", "retry", Transcode.objects.get())
    assert "1 clip waits to be processed." in answer.content.decode()
    clip.refresh_from_db()
    job = Transcode.objects.get()
    assert (clip.state, job.state, job.attempts) == ("processing", "queued", 0)
    assert verbs() == ["video.retry"]


def test_a_clip_that_cannot_be_processed_again_says_why(browser, cast, make_video):
    ready = make_video(cast.alice)
    gone = make_video(cast.alice, state="failed", original="", published_at=None)
    text = do(browser.as_(cast.mod), "videos.video", "retry_clips", ready, gone).content.decode()
    assert f"Clip {ready.pk} neither failed nor waits." in text
    assert f"The file of clip {gone.pk} is no longer here." in text
    assert Upload.objects.count() == 0


def test_a_removed_comment_goes_with_its_replies_and_the_count_follows(browser, cast, make_video):
    clip = make_video(cast.alice)
    first = videos.comment(cast.bob, clip, "First")
    videos.comment(cast.carol, clip, "Reply", reply_to=first)
    do(browser.as_(cast.mod), "videos.comment", "remove", first)
    clip.refresh_from_db()
    assert clip.comments_count == 0
    assert Comment.objects.filter(removed_at=None).count() == 0
    assert "comment.remove" in verbs()
    do(browser.as_(cast.mod), "videos.comment", "bring_back", first)
    clip.refresh_from_db()
    assert clip.comments_count == 2


def test_a_report_leads_to_its_case_at_the_desk(browser, cast, make_video):
    from privacy import actions as privacy

    clip = make_video(cast.alice)
    case = privacy.report(cast.bob, "video", str(clip.pk), "spam").case
    page = browser.as_(cast.mod).get(address("privacy.report")).content.decode()
    assert f"/admin/moderation/?case={case.pk}" in page


def test_a_decision_is_taken_back_in_the_list(browser, cast, make_video):
    clip = make_video(cast.alice)
    page = browser.as_(cast.mod)
    do(page, "videos.video", "remove_clips", clip, reason="hate")
    decision = Decision.objects.get()
    assert (decision.reason, decision.person) == ("hate", cast.alice)
    assert "1 decision taken back." in do(page, "privacy.decision", "undo", decision).content.decode()
    assert "1 decision" not in press(page, "privacy.decision", decision, "undo_one").content.decode()
    assert visible_videos(cast.bob).filter(pk=clip.pk).exists()


def test_somebody_is_suspended_for_a_number_of_days(browser, cast):
    do(browser.as_(cast.mod), "accounts.user", "suspend_people", cast.alice, reason="Cool down", days="3")
    decision = Decision.objects.get()
    cast.alice.refresh_from_db()
    assert (decision.act, decision.statement, decision.until) == (
        "suspend",
        "Cool down",
        cast.alice.suspended_until,
    )


def test_a_form_cannot_change_what_is_only_shown(browser, cast, make_video):
    clip = make_video(cast.alice, caption="Mine")
    browser.as_(cast.mod).post(
        address("videos.video", "change", clip.pk), {"caption": "Theirs", "views_count": "9", "_save": "1"}
    )
    clip.refresh_from_db()
    assert (clip.caption, clip.views_count) == ("Mine", 0)
    browser.as_(cast.mod).post(
        address("accounts.user", "change", cast.alice.pk),
        {"username": "evil", "is_superuser": "on", "_save": "1"},
    )
    cast.alice.refresh_from_db()
    assert (cast.alice.username, cast.alice.is_superuser) == ("alice", False)


def test_a_deed_needs_its_csrf_token(cast, make_video):
    clip = make_video(cast.alice)
    page = Client(enforce_csrf_checks=True)
    page.force_login(cast.mod, backend=AUTH)
    for path, data in (
        (address("videos.video"), {"action": "remove_clips", "_selected_action": [clip.pk]}),
        (address("videos.video", "change", clip.pk), {"videos_video_remove_clip": "1"}),
        (reverse("admin:logout"), {}),
    ):
        assert page.post(path, data).status_code == 403
    assert Video.objects.get().state == "ready"


def test_a_moderator_with_the_right_to_view_only_cannot_act(browser, cast, make_person, make_video):
    from django.contrib.auth.models import Permission

    clip = make_video(cast.alice)
    helper = make_person("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_video"))
    page = browser.as_(helper)
    assert page.get(address("videos.video")).status_code == 200
    do(page, "videos.video", "remove_clips", clip)
    press(page, "videos.video", clip, "remove_clip")
    clip.refresh_from_db()
    assert clip.state == "ready"


def add_sound(page, path, **fields):
    with path.open("rb") as file:
        body = {"title": "Rain", "artist": "The Clouds", "file": file, **fields}
        return page.post(address("videos.sound", "add"), body, follow=True)


def test_a_sound_is_added_to_the_library(browser, cast):
    from tests.videos.clips import clip

    page = browser.as_(cast.mod)
    form = page.get(address("videos.sound", "add")).content.decode()
    assert 'type="file"' in form
    assert 'name="_save"' in form
    assert add_sound(page, clip(seconds=1)).status_code == 200
    sound = Sound.objects.get()
    assert (sound.title, sound.artist, sound.owner) == ("Rain", "The Clouds", None)
    assert sound.file
    assert 800 < sound.duration_ms < 1300
    assert verbs() == ["sound.add"]
    shown = page.get(address("videos.sound", "change", sound.pk)).content.decode()
    assert "<audio" in shown
    add_sound(page, clip(seconds=1))
    assert Sound.objects.count() == 1


def test_a_file_that_is_no_sound_is_refused_with_a_sentence(browser, cast, tmp_path):
    text = tmp_path / "rain.mp3"
    text.write_text("rain")
    answer = add_sound(browser.as_(cast.mod), text)
    assert "This is not a sound file." in answer.content.decode()
    assert not Sound.objects.exists()
    assert verbs() == []


def test_the_library_is_for_moderators(browser, cast, make_person, tmp_path):
    staff = make_person("helper", is_staff=True)
    assert add_sound(browser.as_(staff), Path(__file__)).status_code == 403
    with pytest.raises(NotFound):
        videos.add_to_library(cast.bob, title="Rain", artist="", path=tmp_path)
