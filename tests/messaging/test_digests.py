"""E-mail digests: who gets one and when, what is in it when it is made, and one click that ends them."""

import email.policy
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing
from django.utils import timezone

from accounts import actions as accounts
from messaging import actions, digests
from messaging.models import NotificationSettings
from privacy import actions as privacy
from videos import actions as videos

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


@pytest.fixture
def confirmed(cast):
    for person in (cast.alice, cast.bob):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return cast


def make_due(person, **fields):
    NotificationSettings.objects.filter(pk=person.pk).update(digest_due_at=timezone.now(), **fields)


def sent_to(person):
    """What one run sends to this person: the mail, or None."""
    mail.outbox.clear()
    make_due(person)
    digests.send_due()
    assert len(mail.outbox) <= 1
    return mail.outbox[0] if mail.outbox else None


def texts(message):
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    return message.body, html


def test_what_was_not_seen_is_told_in_one_mail(confirmed, make_video):
    clip = make_video(confirmed.alice)
    for person in (confirmed.bob, confirmed.carol, confirmed.dave):
        videos.like(person, clip)
    accounts.follow(confirmed.dave, confirmed.alice)
    message = sent_to(confirmed.alice)
    assert message.to == ["alice@example.com"]
    assert message.subject == "[Glint] You have 2 notifications you have not seen"
    for text in texts(message):
        assert "dave and 2 others liked your clip" in text
        assert "dave followed you" in text
        assert f"http://127.0.0.1:8000{clip.get_absolute_url()}" in text


def test_conversations_are_named_and_nothing_of_what_was_written(confirmed):
    talk, _created = actions.open_conversation(confirmed.carol, ["alice"])
    for number in range(2):
        actions.send_message(confirmed.carol, talk.pk, client_id=f"c{number}", text="canary-words")
    actions.change_notification_settings(confirmed.alice, digest="daily")
    message = sent_to(confirmed.alice)
    for text in texts(message):
        assert "2 new messages in your conversation with carol" in text
        assert "canary" not in text
    assert "canary" not in message.subject


def test_comments_are_told_without_their_words(confirmed, make_video):
    videos.comment(confirmed.bob, make_video(confirmed.alice), "canary-words")
    message = sent_to(confirmed.alice)
    assert "bob commented on your clip" in message.body
    assert not any("canary" in text for text in texts(message))


def test_nothing_is_sent_when_all_was_read(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    actions.mark_notifications_read(confirmed.alice)
    assert sent_to(confirmed.alice) is None
    row = NotificationSettings.objects.get(pk=confirmed.alice.pk)
    assert (row.digest_due_at, row.digest_sent_at) == (None, None)


def test_what_one_mail_told_the_next_does_not(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    assert sent_to(confirmed.alice)
    assert sent_to(confirmed.alice) is None
    videos.like(confirmed.bob, make_video(confirmed.alice))
    assert "1 notification " in sent_to(confirmed.alice).subject


def block(cast, clip):
    privacy.block(cast.alice, cast.bob)


def hide(cast, clip):
    type(clip).objects.filter(pk=clip.pk).update(held_for="term")


@pytest.mark.parametrize(
    "revoke",
    [
        block,
        hide,
        lambda cast, clip: privacy.mute(cast.alice, cast.bob),
        lambda cast, clip: accounts.deactivate(cast.bob),
        lambda cast, clip: videos.unlike(cast.bob, clip),
        lambda cast, clip: actions.change_notification_settings(
            cast.alice, channels={"likes": {"email": False}}
        ),
        lambda cast, clip: EmailAddress.objects.filter(user=cast.alice).update(verified=False),
        lambda cast, clip: type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False),
        lambda cast, clip: accounts.deactivate(cast.alice),
        lambda cast, clip: NotificationSettings.objects.update(digest="off"),
    ],
)
def test_what_changed_after_it_was_queued_is_asked_again(confirmed, make_video, revoke):
    clip = make_video(confirmed.alice if revoke is not hide else confirmed.carol)
    if revoke is hide:
        NotificationSettings.objects.get_or_create(person=confirmed.alice)
        videos.comment(confirmed.bob, clip, "@alice")
    else:
        videos.like(confirmed.bob, clip)
    assert NotificationSettings.objects.get(pk=confirmed.alice.pk).digest_due_at is not None
    revoke(confirmed, clip)
    assert sent_to(confirmed.alice) is None


def test_muted_and_archived_conversations_are_left_out(confirmed):
    for name in ("carol", "bob"):
        person = getattr(confirmed, name)
        talk, _created = actions.open_conversation(confirmed.alice, [name])
        actions.send_message(confirmed.alice, talk.pk, client_id=name, text="hi")
        actions.send_message(person, talk.pk, client_id=f"{name}2", text="hello")
        if name == "carol":
            actions.mute_conversation(confirmed.alice, talk.pk, True)
    NotificationSettings.objects.get_or_create(person=confirmed.alice)
    body = sent_to(confirmed.alice).body
    assert "conversation with bob" in body
    assert "carol" not in body


def test_a_mail_is_in_the_language_of_its_reader(confirmed, make_video):
    type(confirmed.alice).objects.filter(pk=confirmed.alice.pk).update(language="fr")
    videos.like(confirmed.bob, make_video(confirmed.alice))
    message = sent_to(confirmed.alice)
    assert '<html lang="fr"' in texts(message)[1]


def test_names_cannot_put_anything_into_the_html(confirmed, make_video):
    accounts.update_profile(confirmed.bob, display_name="<b>bob</b>")
    videos.like(confirmed.bob, make_video(confirmed.alice))
    plain, html = texts(sent_to(confirmed.alice))
    assert "<b>bob</b> liked" in plain
    assert "&lt;b&gt;bob&lt;/b&gt; liked" in html


def test_a_mail_loads_nothing_from_anywhere(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    html = texts(sent_to(confirmed.alice))[1]
    assert not re.search(r"<(img|link|script|iframe)|url\(|src=", html)


# --- When ---


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("digest", "zone", "now", "due"),
    [
        ("daily", "", "2026-06-10 08:00", "2026-06-10 09:00"),
        ("daily", "", "2026-06-10 09:00", "2026-06-11 09:00"),
        ("weekly", "", "2026-06-10 08:00", "2026-06-15 09:00"),  # a Wednesday, and the Monday after it
        ("weekly", "", "2026-06-15 08:59", "2026-06-15 09:00"),
        ("daily", "Asia/Tokyo", "2026-06-10 08:00", "2026-06-11 00:00"),
        ("weekly", "America/Los_Angeles", "2026-06-14 23:00", "2026-06-15 16:00"),
        ("off", "", "2026-06-10 08:00", None),
    ],
)
def test_a_digest_comes_in_the_morning_of_its_reader(digest, zone, now, due):
    settings = NotificationSettings(person_id=60, digest=digest, time_zone=zone)  # the minute 60 % 60
    assert actions.next_slot(settings, at(now)) == (at(due) if due else None)


def test_a_group_that_is_not_mailed_makes_no_digest_due(confirmed, make_video):
    actions.change_notification_settings(confirmed.alice, channels={"likes": {"email": False}})
    videos.like(confirmed.bob, make_video(confirmed.alice))
    assert NotificationSettings.objects.get(pk=confirmed.alice.pk).digest_due_at is None


def test_unread_messages_make_a_digest_due_until_it_told_of_them(confirmed):
    NotificationSettings.objects.create(person=confirmed.alice)
    talk, _created = actions.open_conversation(confirmed.carol, ["alice"])
    actions.send_message(confirmed.carol, talk.pk, client_id="1", text="hello")
    assert actions.expect_digests_of_messages() == 1
    assert sent_to(confirmed.alice)
    assert actions.expect_digests_of_messages() == 0
    actions.send_message(confirmed.carol, talk.pk, client_id="2", text="still there?")
    assert actions.expect_digests_of_messages() == 1


# --- The queue ---


def test_two_workers_do_not_send_the_same(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    make_due(confirmed.alice)
    assert actions.claim_digests() == [confirmed.alice.pk]
    assert actions.claim_digests() == []


def test_what_a_dead_worker_held_is_sent_by_the_next(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    make_due(confirmed.alice, digest_leased_until=timezone.now() - timedelta(seconds=1))
    assert digests.send_due() == 1


def test_a_mail_server_that_refuses_leaves_it_due_and_the_others_served(confirmed, make_video, monkeypatch):
    for person in (confirmed.alice, confirmed.bob):
        videos.like(confirmed.dave, make_video(person))
        make_due(person)
    send = digests.EmailMultiAlternatives.send

    def refuse(message, *args, **kwargs):
        if message.to == ["alice@example.com"]:
            raise OSError("refused")
        return send(message, *args, **kwargs)

    monkeypatch.setattr(digests.EmailMultiAlternatives, "send", refuse)
    assert digests.send_due() == 1
    row = NotificationSettings.objects.get(pk=confirmed.alice.pk)
    assert row.digest_due_at is not None
    assert row.digest_sent_at is None
    monkeypatch.undo()
    NotificationSettings.objects.update(digest_leased_until=None)
    assert digests.send_due() == 1


def test_what_could_not_be_sent_for_days_is_dropped(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    NotificationSettings.objects.update(digest_due_at=timezone.now() - actions.TRY_FOR)
    assert actions.claim_digests() == []
    assert NotificationSettings.objects.get(pk=confirmed.alice.pk).digest_due_at is None


# --- One click ---


def link(message):
    return re.fullmatch(
        r"<http://127\.0\.0\.1:8000(/notifications/unsubscribe/[^/]+/)>",
        message.extra_headers["List-Unsubscribe"],
    )[1]


@pytest.fixture
def message(confirmed, make_video):
    videos.like(confirmed.bob, make_video(confirmed.alice))
    return sent_to(confirmed.alice)


def test_the_headers_are_those_of_rfc_8058(message):
    parsed = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link(message) in str(parsed["List-Unsubscribe"]).replace(" ", "")
    assert all(link(message) in text for text in texts(message))


def test_one_click_of_a_mail_program_ends_digests_without_log_in_or_cookies(message, confirmed):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link(message), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    row = NotificationSettings.objects.get(pk=confirmed.alice.pk)
    assert (row.digest, row.digest_due_at) == ("off", None)
    assert strict.post(link(message), {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_looking_at_the_link_ends_nothing(message, confirmed, browser):
    answer = browser.get(link(message))
    assert answer.status_code == 200
    assert NotificationSettings.objects.get(pk=confirmed.alice.pk).digest == "weekly"
    assert "alice" not in answer.content.decode()


def test_the_link_leads_nowhere_else(message, browser):
    answer = browser.post(link(message) + "?next=https://evil.example/", {"next": "https://evil.example/"})
    assert answer.status_code == 200
    assert not re.search(r"""(href|action|content)=["']?[^"'/]*//evil""", answer.content.decode())


@pytest.mark.parametrize("salt", ["messaging.other", "django.core.signing"])
def test_a_link_that_we_did_not_make_is_not_there(message, confirmed, browser, salt):
    forged = signing.dumps(confirmed.alice.pk, salt=salt)
    assert browser.post(f"/notifications/unsubscribe/{forged}/").status_code == 404
    assert browser.get("/notifications/unsubscribe/1/").status_code == 404
    assert NotificationSettings.objects.get(pk=confirmed.alice.pk).digest == "weekly"


def test_only_its_own_readers_digests_end(message, confirmed, browser):
    NotificationSettings.objects.get_or_create(person=confirmed.bob)
    browser.as_(confirmed.bob).post(link(message))
    assert NotificationSettings.objects.get(pk=confirmed.bob.pk).digest == "weekly"
