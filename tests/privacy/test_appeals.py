"""Answers to decisions: a person asks once, another moderator answers, and everybody concerned is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from messaging.access import notification_cards, notifications
from privacy import access, actions, cases, mailing, statements
from privacy.models import Appeal, AuditEntry, Case, Decision
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.engines


@pytest.fixture
def decision(cast, make_video):
    """alice's clip was labelled by mod after bob reported it."""
    clip = make_video(cast.alice, caption="Buy now")
    actions.report(cast.bob, "video", str(clip.pk), "spam", "An ad")
    return actions.decide(cast.mod, Case.objects.get(), "label", reason="spam")


@pytest.fixture
def other(make_person):
    return make_person("second", is_staff=True)


def bell(person):
    return [(card["text"], card["url"]) for card in notification_cards(person, list(notifications(person)))]


# --- Appealing ------------------------------------------------------------------------------------------------------


def test_a_person_appeals_once(cast, decision):
    appeal = actions.appeal(cast.alice, decision, "It is not an ad.")
    assert [row.pk for row in access.appeals(cast.mod)] == [appeal.pk]
    with pytest.raises(Conflict) as refusal:
        actions.appeal(cast.alice, decision, "Really.")
    assert "once" in str(refusal.value.message)


def test_only_the_person_concerned_appeals(cast, decision):
    for person in (cast.bob, cast.mod, None):
        with pytest.raises(NotFound):
            actions.appeal(person, decision, "Mine")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001])
def test_an_appeal_says_something(cast, decision, text):
    with pytest.raises(Invalid):
        actions.appeal(cast.alice, decision, text)
    assert not Appeal.objects.exists()


def test_the_time_to_appeal_ends(cast, decision):
    Decision.objects.update(created_at=timezone.now() - timedelta(days=cases.APPEAL_DAYS, minutes=1))
    with pytest.raises(Conflict) as refusal:
        actions.appeal(cast.alice, decision, "Late")
    assert "over" in str(refusal.value.message)
    assert not access.decision_fields(access.own_decision(cast.alice, decision.pk))["may_appeal"]


def test_a_decision_that_was_taken_back_cannot_be_appealed(cast, decision):
    actions.undo_decision(cast.mod, decision)
    with pytest.raises(Conflict):
        actions.appeal(cast.alice, decision, "Why")


# --- Answering ------------------------------------------------------------------------------------------------------


def test_granting_takes_the_decision_back_and_leaves_the_case_closed(cast, decision, other):
    appeal = actions.appeal(cast.alice, decision, "It is not an ad.")
    actions.answer_appeal(other, appeal, grant=True)
    decision.refresh_from_db()
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answered_by, decision.undone_by) == ("granted", other, other)
    assert Case.objects.get().state == "closed"
    assert not decision.person.videos.get().is_sensitive


def test_refusing_needs_words_and_leaves_the_decision(cast, decision, other):
    appeal = actions.appeal(cast.alice, decision, "It is not an ad.")
    with pytest.raises(Invalid):
        actions.answer_appeal(other, appeal, grant=False)
    actions.answer_appeal(other, appeal, grant=False, answer="It has a price.")
    decision.refresh_from_db()
    assert decision.undone_at is None
    assert (
        access.decision_fields(access.own_decision(cast.alice, decision.pk))["appeal"]["answer"]
        == "It has a price."
    )


def test_who_decided_does_not_answer_while_another_moderator_is_there(cast, decision, other):
    appeal = actions.appeal(cast.alice, decision, "Look again")
    with pytest.raises(Forbidden):
        actions.answer_appeal(cast.mod, appeal, grant=True)
    other.is_active = False
    other.save()
    actions.answer_appeal(cast.mod, appeal, grant=True)


def test_an_appeal_is_answered_once(cast, decision, other):
    appeal = actions.appeal(cast.alice, decision, "Look again")
    stale = Appeal.objects.get()
    actions.answer_appeal(other, appeal, grant=False, answer="No")
    with pytest.raises(Conflict):
        actions.answer_appeal(other, stale, grant=True)
    assert Appeal.objects.get().state == "refused"


def test_others_do_not_answer(cast, decision):
    appeal = actions.appeal(cast.alice, decision, "Look again")
    for person in (cast.alice, cast.bob):
        with pytest.raises(NotFound):
            actions.answer_appeal(person, appeal, grant=True)


def test_undoing_a_decision_grants_the_appeal_that_waits(cast, decision):
    actions.appeal(cast.alice, decision, "Look again")
    actions.undo_decision(cast.mod, decision)
    appeal = Appeal.objects.get()
    assert (appeal.state, bool(appeal.answer)) == ("granted", True)
    assert not access.appeals(cast.mod).exists()


# --- Being told -----------------------------------------------------------------------------------------------------


@pytest.fixture
def told(cast, make_video, django_capture_on_commit_callbacks):
    """The same decision, with what happens after commit."""
    clip = make_video(cast.alice, caption="Buy now")
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    with django_capture_on_commit_callbacks(execute=True):
        return actions.decide(cast.mod, Case.objects.get(), "remove", reason="spam")


def test_the_person_and_the_reporter_are_told(cast, told):
    assert bell(cast.alice) == [("A moderator removed your clip", f"/settings/status/{told.pk}/")]
    assert bell(cast.bob) == [
        ("We looked at what you reported and acted on it. Thank you", "/settings/reports/")
    ]
    assert bell(cast.dave) == []


def test_a_dismissal_is_told_to_the_reporter_only(cast, make_video, django_capture_on_commit_callbacks):
    actions.report(cast.bob, "video", str(make_video(cast.alice).pk), "spam")
    with django_capture_on_commit_callbacks(execute=True):
        actions.decide(cast.mod, Case.objects.get(), "dismiss")
    assert bell(cast.alice) == []
    assert bell(cast.bob)[0][0] == "We looked at what you reported. It does not break our rules"


def test_taking_back_and_answering_are_told(cast, told, other, django_capture_on_commit_callbacks):
    appeal = actions.appeal(cast.alice, told, "No")
    with django_capture_on_commit_callbacks(execute=True):
        actions.answer_appeal(other, appeal, grant=False, answer="It is an ad")
    with django_capture_on_commit_callbacks(execute=True):
        actions.undo_decision(cast.mod, told)
    texts = {text for text, _url in bell(cast.alice)}
    assert {"Your appeal was answered", "A decision about you was taken back"} <= texts


# --- E-mail ---------------------------------------------------------------------------------------------------------


def test_the_statement_is_mailed_once_with_a_link_that_needs_no_log_in(cast, decision):
    assert mailing.mail(decision.pk, mailing.STATEMENT)
    assert not mailing.mail(decision.pk, mailing.STATEMENT)
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert "A moderator marked your clip as sensitive" in message.subject
    assert "Buy now" in message.body
    token = message.body.split("/decisions/")[1].split("/")[0]
    assert access.decision_by_token(token).pk == decision.pk
    assert AuditEntry.objects.filter(verb="mail.statement", target_id=decision.pk).count() == 1


def test_the_mail_names_neither_reporter_nor_moderator(cast, decision):
    mailing.mail(decision.pk, mailing.STATEMENT)
    text = mail.outbox[0].subject + mail.outbox[0].body
    for name in ("bob", "mod@", "@mod", "An ad"):
        assert name not in text


def test_a_decision_that_was_taken_back_is_not_mailed(cast, decision):
    actions.undo_decision(cast.mod, decision)
    assert not mailing.mail(decision.pk, mailing.STATEMENT)
    assert not mailing.mail(decision.pk, mailing.UNDONE), (
        "who never heard of it need not hear that it is gone"
    )
    assert mail.outbox == []


def test_a_mail_server_that_is_away_loses_nothing(cast, decision, monkeypatch):
    monkeypatch.setattr("privacy.mailing.EmailMessage.send", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mailing.mail(decision.pk, mailing.STATEMENT)
    monkeypatch.undo()
    Decision.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert list(mailing.due()) == [(decision.pk, "statement")]
    assert mailing.mail(decision.pk, mailing.STATEMENT)
    assert list(mailing.due()) == []


def test_forged_and_old_links_lead_nowhere(decision, time_machine):
    token = statements.token_of(decision)
    for forged in ("", "x", token[:-1], token.replace(token[:3], "AAA"), str(decision.pk)):
        with pytest.raises(NotFound):
            access.decision_by_token(forged)
    time_machine.move_to(timezone.now() + timedelta(days=statements.LINK_DAYS, hours=1))
    with pytest.raises(NotFound):
        access.decision_by_token(token)
