"""What moderators decide: one decision closes a case, does what it says, and can be taken back without a trace."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access import visible_people
from accounts.actions.moderating import lift_suspensions
from accounts.models import User
from messaging.actions import open_conversation, send_message
from privacy import access, actions, cases
from privacy.enforcement import acts_for
from privacy.models import AuditEntry, Case, Decision, Report
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from videos.access import get_comment, visible_videos
from videos.actions import comment
from videos.models import Comment, Sound, Video

pytestmark = pytest.mark.engines


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, caption="Buy now")


@pytest.fixture
def reported(cast, clip):
    """A case about a clip of alice that bob and dave reported."""
    actions.report(cast.bob, "video", str(clip.pk), "spam", "An ad")
    actions.report(cast.dave, "video", str(clip.pk), "hate")
    return Case.objects.get()


def case_of(reporter, kind, target_id):
    """The case that a report of this thing makes."""
    actions.report(reporter, kind, str(target_id), "harassment")
    return Case.objects.get(target_type=kind, target_id=target_id)


def decide(cast, case, act, **more):
    return actions.decide(cast.mod, case, act, **({"reason": "spam"} | more))


def another_case(kind, target_id, person):
    return cases.open_case(kind, target_id, person, reason="spam")


# --- Cases ------------------------------------------------------------------------------------------------------


def test_reports_about_one_thing_are_one_case_as_bad_as_its_worst_report(reported):
    assert (reported.reports_count, reported.severity) == (2, cases.SEVERITY["hate"])
    assert set(Report.objects.values_list("case", flat=True)) == {reported.pk}


def test_a_report_sent_twice_counts_once(cast, clip, reported):
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    reported.refresh_from_db()
    assert reported.reports_count == 2


def test_the_queue_has_the_worst_first_then_the_most_reported_then_the_oldest(cast, make_video):
    clips = [make_video(cast.alice) for _ in range(4)]
    for reporter, place, reason in (
        (cast.bob, 0, "spam"),
        (cast.bob, 1, "spam"),
        (cast.dave, 1, "spam"),
        (cast.bob, 2, "minor"),
        (cast.bob, 3, "spam"),
    ):
        actions.report(reporter, "video", str(clips[place].pk), reason)
    places = [clips.index(Video.objects.get(pk=case.target_id)) for case in access.queue(cast.mod)]
    assert places == [2, 1, 0, 3]


def test_a_rule_joins_the_case_of_the_reports(cast, clip, reported):
    case = cases.open_case("video", clip.pk, cast.alice, rule="duplicate", detail={"of": "7"})
    assert (case.pk, case.rule, case.detail, case.reports_count) == (reported.pk, "duplicate", {"of": "7"}, 2)


def test_a_report_after_the_decision_opens_a_new_case(cast, clip, reported):
    decide(cast, reported, "dismiss")
    actions.report(cast.carol, "video", str(clip.pk), "spam")
    assert Case.objects.filter(state="open").get().reports_count == 1


@pytest.mark.parametrize("viewer", ["alice", "bob"])
def test_moderation_does_not_exist_for_others(cast, reported, viewer):
    person = getattr(cast, viewer)
    decision = decide(cast, reported, "warn")
    assert not access.queue(person).exists()
    assert not access.decisions(person).exists()
    assert not access.appeals(person).exists()
    assert not access.case_reports(person, reported).exists()
    for look in (
        lambda: access.get_case(person, reported.pk),
        lambda: access.evidence(person, reported),
        lambda: access.get_decision(person, decision.pk),
        lambda: access.strikes(person, cast.dave),
        lambda: actions.decide(person, reported, "dismiss"),
        lambda: actions.undo_decision(person, decision),
    ):
        with pytest.raises(NotFound):
            look()


# --- Deciding ---------------------------------------------------------------------------------------------------


def test_a_decision_closes_the_case_and_all_its_reports(cast, reported):
    decision = decide(cast, reported, "warn")
    reported.refresh_from_db()
    assert (reported.state, reported.closed_by) == ("closed", cast.mod)
    assert set(Report.objects.values_list("state", "handled_by")) == {("acted", cast.mod.pk)}
    assert (decision.person, decision.act, decision.excerpt) == (cast.alice, "warn", "Buy now")
    entry = AuditEntry.objects.get(verb="decide.warn")
    assert (entry.actor, entry.target_id, entry.detail["decision"]) == (
        cast.mod,
        reported.target_id,
        decision.pk,
    )


def test_a_dismissal_needs_no_reason_and_dismisses_the_reports(cast, reported):
    actions.decide(cast.mod, reported, "dismiss")
    assert set(Report.objects.values_list("state", flat=True)) == {"dismissed"}


def test_the_second_moderator_is_told_that_the_case_was_decided(cast, reported, make_person):
    other = make_person("second", is_staff=True)
    stale = access.get_case(other, reported.pk)
    decide(cast, reported, "remove")
    with pytest.raises(Conflict) as refusal:
        actions.decide(other, stale, "dismiss")
    assert refusal.value.code == "decided"
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "more", "field"),
    [
        ("remove", {"reason": ""}, "reason"),
        ("remove", {"reason": "boring"}, "reason"),
        ("explode", {}, "act"),
        ("suspend", {"days": 0}, "days"),
        ("suspend", {"days": 366}, "days"),
        ("warn", {"statement": "x" * 2001}, "statement"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_changes_nothing(cast, reported, act, more, field):
    with pytest.raises(Invalid) as refusal:
        decide(cast, reported, act, **more)
    assert field in refusal.value.fields
    assert not Decision.objects.exists()
    assert Case.objects.get().state == "open"


def test_nobody_decides_about_themselves(cast, make_video):
    case = case_of(cast.bob, "video", make_video(cast.mod).pk)
    with pytest.raises(Forbidden):
        decide(cast, case, "dismiss")


def test_the_statement_is_prefilled_in_the_language_of_its_person(cast, reported):
    cast.alice.language = "en"
    cast.alice.save()
    decision = decide(cast, reported, "remove")
    assert decision.statement.startswith("A moderator removed your clip. It is spam")
    assert (
        decide(cast, another_case("person", cast.alice.pk, cast.alice), "warn", statement="Mine").statement
        == "Mine"
    )


def test_a_suspension_names_the_thing_that_led_to_it(cast, reported):
    statement = decide(cast, reported, "suspend", days=3).statement
    assert statement.startswith("A moderator suspended your account. The reason is your clip. It is spam")
    assert "for 3 days" in statement


def test_acts_fit_their_kind():
    assert acts_for("video") == ["dismiss", "label", "restrict", "remove", "warn", "suspend", "ban"]
    assert acts_for("comment") == ["dismiss", "remove", "warn", "suspend", "ban"]
    assert acts_for("sound", has_person=False) == ["dismiss", "remove"]


# --- Each act does what it says, and is undone ----------------------------------------------------------------------


@pytest.mark.parametrize(("act", "column"), [("label", "is_sensitive"), ("restrict", "is_limited")])
def test_a_clip_is_marked_and_unmarked(cast, clip, reported, act, column):
    decision = decide(cast, reported, act)
    clip.refresh_from_db()
    assert getattr(clip, column) is True
    actions.undo_decision(cast.mod, decision)
    clip.refresh_from_db()
    assert getattr(clip, column) is False


def test_undoing_a_label_leaves_what_the_author_had_set(cast, clip, reported):
    Video.objects.filter(pk=clip.pk).update(is_sensitive=True)
    actions.undo_decision(cast.mod, decide(cast, reported, "label"))
    clip.refresh_from_db()
    assert clip.is_sensitive


def test_of_two_decisions_alike_the_last_undone_brings_back_how_it_was(cast, clip, reported):
    first = decide(cast, reported, "label")
    second = decide(cast, another_case("video", clip.pk, cast.alice), "label")
    actions.undo_decision(cast.mod, first)
    clip.refresh_from_db()
    assert clip.is_sensitive, "the second stands"
    actions.undo_decision(cast.mod, second)
    clip.refresh_from_db()
    assert not clip.is_sensitive


def test_a_removed_clip_is_gone_for_all_and_comes_back(cast, clip, reported):
    decision = decide(cast, reported, "remove")
    for viewer in (cast.alice, cast.bob, cast.dave):
        assert not visible_videos(viewer).filter(pk=clip.pk).exists()
    actions.undo_decision(cast.mod, decision)
    assert visible_videos(cast.dave).filter(pk=clip.pk).exists()


def test_a_removed_comment_comes_back_with_the_replies_that_went_with_it(cast, clip):
    first = comment(cast.bob, clip, "First")
    kept = comment(cast.carol, clip, "Reply", reply_to=first)
    comment(cast.dave, clip, "Another", reply_to=first).delete()
    Comment.objects.filter(pk=first.pk).update(replies_count=1)
    Video.objects.filter(pk=clip.pk).update(comments_count=2)
    decision = decide(cast, case_of(cast.alice, "comment", first.pk), "remove")
    clip.refresh_from_db()
    assert clip.comments_count == 0
    with pytest.raises(NotFound):
        get_comment(cast.bob, first.pk)
    actions.undo_decision(cast.mod, decision)
    clip.refresh_from_db()
    first.refresh_from_db()
    assert (clip.comments_count, first.replies_count) == (2, 1)
    assert get_comment(cast.dave, kept.pk).text == "Reply"


def test_a_removed_sound_is_no_longer_found_and_comes_back(cast, clip, browser):
    sound = Sound.objects.create(title="Noise", owner=cast.alice, file="sound.m4a", duration_ms=1000)
    Video.objects.filter(pk=clip.pk).update(sound=sound)
    decision = decide(cast, case_of(cast.dave, "sound", sound.pk), "remove")
    assert browser.get(f"/sounds/{sound.pk}/").status_code == 404
    assert b"Noise" not in browser.get(clip.get_absolute_url()).content
    actions.undo_decision(cast.mod, decision)
    assert browser.get(f"/sounds/{sound.pk}/").status_code == 200


def test_a_message_taken_down_is_read_by_nobody_and_comes_back(cast, api):
    talk, _new = open_conversation(cast.carol, ["alice"])
    message = send_message(cast.carol, talk.pk, client_id="1", text="An insult")
    decision = decide(cast, case_of(cast.alice, "message", message.pk), "remove")
    address = f"/api/v1/conversations/{talk.pk}/messages/"
    for reader in (cast.alice, cast.carol):
        answer = api.as_(reader).get(address)
        assert "An insult" not in answer.content.decode()
        assert answer.json()["results"][0]["taken_down"]
    assert "An insult" not in api.as_(cast.alice).get("/api/v1/conversations/").content.decode()
    actions.undo_decision(cast.mod, decision)
    assert "An insult" in api.as_(cast.alice).get(address).content.decode()


def test_a_limited_person_and_a_stripped_profile_come_back(cast):
    User.objects.filter(pk=cast.alice.pk).update(bio="Rude", display_name="Alice")
    limited = decide(cast, case_of(cast.bob, "person", cast.alice.pk), "restrict")
    stripped = decide(cast, another_case("person", cast.alice.pk, cast.alice), "remove")
    row = User.objects.get(pk=cast.alice.pk)
    assert (row.is_limited, row.bio, row.display_name) == (True, "", "")
    User.objects.filter(pk=cast.alice.pk).update(display_name="New")
    actions.undo_decision(cast.mod, limited)
    actions.undo_decision(cast.mod, stripped)
    row.refresh_from_db()
    assert (row.is_limited, row.bio, row.display_name) == (False, "Rude", "New")


def test_a_thing_that_is_gone_can_only_be_dismissed(cast, clip, reported):
    clip.delete()
    with pytest.raises(Conflict) as refusal:
        decide(cast, reported, "remove")
    assert refusal.value.code == "gone"
    assert not access.evidence(cast.mod, reported).exists
    decide(cast, reported, "dismiss")


# --- Suspensions and bans -------------------------------------------------------------------------------------------


def is_here(person):
    return visible_people(person).filter(pk=person.pk).exists()


def test_a_suspension_ends_by_itself(cast, reported):
    decision = decide(cast, reported, "suspend", days=3)
    row = User.objects.get(pk=cast.alice.pk)
    assert (row.is_active, row.suspended_until) == (False, decision.until)
    assert not is_here(cast.alice)
    assert lift_suspensions() == 0
    Decision.objects.update(until=timezone.now() - timedelta(seconds=1))
    User.objects.filter(pk=row.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert lift_suspensions() == 1
    row.refresh_from_db()
    assert (row.is_active, row.suspended_until) == (True, None)
    assert AuditEntry.objects.filter(verb="reinstate", actor=None, target_id=row.pk).exists()


def test_suspensions_grow_with_strikes(cast):
    lengths = []
    for _turn in range(3):
        decision = decide(cast, another_case("person", cast.alice.pk, cast.alice), "suspend")
        lengths.append((decision.until - timezone.now() + timedelta(hours=1)).days)
    assert lengths == list(cases.SUSPENSION_DAYS)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_person_comes_back_only_when_nothing_keeps_them_out(cast, order):
    made = [
        decide(cast, another_case("person", cast.alice.pk, cast.alice), "suspend", days=3),
        decide(cast, another_case("person", cast.alice.pk, cast.alice), "ban"),
    ]
    assert User.objects.get(pk=cast.alice.pk).suspended_until is None, "a ban has no end"
    actions.undo_decision(cast.mod, made[order[0]])
    assert not User.objects.get(pk=cast.alice.pk).is_active
    actions.undo_decision(cast.mod, made[order[1]])
    assert User.objects.get(pk=cast.alice.pk).is_active


def test_staff_is_not_suspended_and_nothing_is_written(cast, make_person, make_video):
    helper = make_person("helper", is_staff=True)
    case = case_of(cast.bob, "video", make_video(helper).pk)
    with pytest.raises(Invalid):
        decide(cast, case, "ban")
    assert User.objects.get(pk=helper.pk).is_active
    assert not Decision.objects.exists()


# --- Undoing --------------------------------------------------------------------------------------------------------


def test_undoing_puts_the_case_back_into_the_queue_with_its_reports(cast, reported):
    decision = decide(cast, reported, "warn")
    actions.undo_decision(cast.mod, decision)
    assert [case.pk for case in access.queue(cast.mod)] == [reported.pk]
    assert set(Report.objects.values_list("state", "handled_by")) == {("open", None)}
    assert AuditEntry.objects.filter(verb="decide.undo").exists()


def test_undoing_twice_is_undoing_once(cast, reported):
    decision = decide(cast, reported, "warn")
    actions.undo_decision(cast.mod, decision)
    actions.undo_decision(cast.mod, Decision.objects.get())
    assert AuditEntry.objects.filter(verb="decide.undo").count() == 1


def test_undoing_leaves_a_case_that_was_opened_meanwhile(cast, clip, reported):
    decision = decide(cast, reported, "dismiss")
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    newer = Case.objects.get(state="open")
    actions.undo_decision(cast.mod, decision)
    assert [case.pk for case in access.queue(cast.mod)] == [newer.pk]


def test_strikes_are_counted_while_they_stand_and_are_young(cast, clip, reported):
    decision = decide(cast, reported, "remove")
    decide(cast, another_case("person", cast.alice.pk, cast.alice), "restrict")
    assert access.strikes(cast.mod, cast.alice) == access.strikes(cast.alice, cast.alice) == 1
    Decision.objects.filter(pk=decision.pk).update(created_at=timezone.now() - timedelta(days=91))
    assert access.strikes(cast.mod, cast.alice) == 0
    Decision.objects.filter(pk=decision.pk).update(created_at=timezone.now())
    actions.undo_decision(cast.mod, decision)
    assert access.strikes(cast.mod, cast.alice) == 0


# --- Evidence -------------------------------------------------------------------------------------------------------


def test_moderators_see_a_reported_clip_whoever_may_watch_it(cast, make_video):
    case = case_of(cast.bob, "video", make_video(cast.alice, caption="Secret", audience="followers").pk)
    decide(cast, case, "remove")
    shown = access.evidence(cast.mod, case)
    assert (shown.text, shown.author["username"], shown.exists) == ("Secret", "alice", True)
    assert shown.video_url.endswith("360.mp4")


def test_moderators_read_the_reported_message_and_nothing_around_it(cast):
    talk, _new = open_conversation(cast.carol, ["alice"])
    send_message(cast.carol, talk.pk, client_id="1", text="Before")
    bad = send_message(cast.carol, talk.pk, client_id="2", text="Bad")
    shown = access.evidence(cast.mod, case_of(cast.alice, "message", bad.pk))
    assert shown.text == "Bad"
    assert "Before" not in str(shown)


def test_a_message_nobody_reported_is_no_evidence(cast):
    talk, _new = open_conversation(cast.carol, ["alice"])
    message = send_message(cast.carol, talk.pk, client_id="1", text="Private")
    case = another_case("message", message.pk, cast.carol)
    assert "Private" not in str(access.evidence(cast.mod, case))
