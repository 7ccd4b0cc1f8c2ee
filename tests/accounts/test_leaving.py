"""Leaving: hidden at once, with a code, thirty days to think again, and back by logging in."""

import contextlib
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from accounts import actions, leaving
from accounts.models import Deletion, User
from privacy.models import AuditEntry
from socialapp.lib.errors import Conflict
from tests.makers import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


@pytest.fixture
def alice(cast):
    EmailAddress.objects.create(user=cast.alice, email=cast.alice.email, verified=True, primary=True)
    return cast.alice


def code_sent():
    """The code in the newest mail that has one."""
    bodies = [message.body for message in reversed(mail.outbox)]
    return next(found.group() for body in bodies if (found := re.search(r"\b\d{6}\b", body)))


def ask(client):
    """Delete the account, as a program does."""
    assert client.post("/api/v1/me/delete/code/").status_code == 202
    return client.post("/api/v1/me/delete/", {"code": code_sent()}, format="json")


def log_in(browser, name="alice"):
    return browser.post("/accounts/login/", {"login": name, "password": PASSWORD})


def test_deleting_says_what_it_needs(api, alice):
    answer = api.as_(alice).get("/api/v1/me/delete/").json()
    assert answer["destinations"] == [{"kind": "email", "masked": "a•••@example.com"}]
    assert (answer["grace_days"], answer["exports"]) == (30, "/api/v1/exports/")


def test_with_its_code_the_account_is_hidden_at_once(api, alice, cast):
    client = api.as_(alice)
    answer = ask(client)
    assert answer.status_code == 202
    row = Deletion.objects.get(person=alice)
    assert timedelta(days=29.9) < row.erase_at - timezone.now() < timedelta(days=30.1)
    assert api.as_(cast.bob).get("/api/v1/users/alice/").status_code == 404
    assert AuditEntry.objects.filter(verb="delete.ask", target_id=alice.pk).exists()


def test_every_log_in_ends(api, alice):
    tokens = [
        api.post(
            "/_allauth/app/v1/auth/login", {"username": "alice", "password": PASSWORD}, format="json"
        ).json()["meta"]["session_token"]
        for _number in range(2)
    ]
    first = {"HTTP_X_SESSION_TOKEN": tokens[0]}
    assert api.post("/api/v1/me/delete/code/", **first).status_code == 202
    done = api.post("/api/v1/me/delete/", {"code": code_sent()}, format="json", **first)
    assert done.status_code == 202
    for token in tokens:
        assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 401


def test_the_person_is_written_to(api, alice):
    ask(api.as_(alice))
    told = mail.outbox[-1]
    assert told.to == ["alice@example.com"]
    assert "/accounts/login/" in told.body


def test_a_wrong_code_deletes_nothing(api, alice):
    client = api.as_(alice)
    client.post("/api/v1/me/delete/code/")
    right = code_sent()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _try in range(3):
        assert client.post("/api/v1/me/delete/", {"code": wrong}, format="json").status_code == 400
    assert client.post("/api/v1/me/delete/", {"code": right}, format="json").status_code == 400, "three tries"
    assert not Deletion.objects.exists()
    alice.refresh_from_db()
    assert alice.deactivated_at is None


def test_another_log_in_cannot_use_the_code(api, alice):
    api.as_(alice).post("/api/v1/me/delete/code/")
    assert api.as_(alice).post("/api/v1/me/delete/", {"code": code_sent()}, format="json").status_code == 400
    assert not Deletion.objects.exists()


def test_without_a_confirmed_address_there_is_no_code(api, browser, cast):
    refused = api.as_(cast.bob).post("/api/v1/me/delete/code/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "nowhere_to_send")
    page = browser.as_(cast.bob).get("/settings/account/delete/").content.decode()
    assert "/accounts/email/" in page


def test_logging_in_within_the_days_of_grace_brings_all_of_it_back(api, browser, alice, cast):
    ask(api.as_(alice))
    assert log_in(browser).status_code == 302
    assert not Deletion.objects.exists()
    assert api.as_(cast.bob).get("/api/v1/users/alice/").status_code == 200
    assert AuditEntry.objects.filter(verb="delete.cancel", target_id=alice.pk).exists()
    assert leaving.erase_due() == 0


def test_after_the_days_of_grace_it_is_erased(api, browser, alice):
    ask(api.as_(alice))
    Deletion.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    assert leaving.erase_due() == 1
    assert not User.objects.filter(username="alice").exists()
    assert log_in(browser).status_code == 200  # the form again, as for any name that is not there


def test_logging_in_is_refused_once_the_erasure_has_begun(api, browser, alice):
    ask(api.as_(alice))
    Deletion.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    assert leaving.claim() is not None
    log_in(browser)
    assert "_auth_user_id" not in browser.session
    with pytest.raises(Conflict):
        actions.restore(User.objects.get(username="alice"))
    assert Deletion.objects.exists()


def test_a_log_in_and_the_erasure_that_race_end_in_one_of_the_two(alice):
    """Whoever locks the person first wins; there is never an account that is both back and being erased."""
    import threading

    from django.db import connection

    for _round in range(8):
        past = timezone.now() - timedelta(seconds=1)
        Deletion.objects.update_or_create(
            person=alice, defaults={"erase_at": past, "lease_token": "", "lease_until": None}
        )
        User.objects.filter(pk=alice.pk).update(is_active=True, deactivated_at=past)
        came = threading.Barrier(2)

        def claim(came=came):
            came.wait()
            leaving.claim()
            connection.close()

        def restore(came=came):
            came.wait()
            with contextlib.suppress(Conflict):
                actions.restore(User.objects.get(pk=alice.pk))
            connection.close()

        threads = [threading.Thread(target=one) for one in (claim, restore)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        person = User.objects.get(pk=alice.pk)
        erased = Deletion.objects.filter(pk=alice.pk, lease_token__gt="").exists()
        assert erased != (person.is_active and person.deactivated_at is None)
        assert erased or not Deletion.objects.exists()


def test_asking_twice_keeps_the_first_day(alice, api):
    ask(api.as_(alice))
    day = Deletion.objects.get().erase_at
    client = api.as_(alice)
    ask(client)
    assert Deletion.objects.get().erase_at == day


def test_the_last_administrator_stays(api, cast):
    EmailAddress.objects.create(user=cast.mod, email=cast.mod.email, verified=True, primary=True)
    refused = api.as_(cast.mod).post("/api/v1/me/delete/code/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "last_administrator")
    User.objects.filter(pk=cast.dave.pk).update(is_superuser=True)
    assert api.as_(cast.mod).post("/api/v1/me/delete/code/").status_code == 202


def test_a_suspension_in_the_days_of_grace_changes_nothing_about_the_day(api, alice, cast):
    ask(api.as_(alice))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    Deletion.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    assert leaving.erase_due() == 1
    assert not User.objects.filter(pk=alice.pk).exists()


# --- The pages ------------------------------------------------------------------------------------------------


def test_the_page_offers_the_download_sends_the_code_and_deletes(browser, alice):
    client = browser.as_(alice)
    assert "/settings/account/delete/" in client.get("/settings/account/leave/").content.decode()
    page = client.get("/settings/account/delete/").content.decode()
    assert "ask for a download first" in page
    assert 'name="code"' not in page
    assert client.post("/settings/account/delete/", {"via": "email"}).status_code == 302
    assert 'name="code"' in client.get("/settings/account/delete/").content.decode()
    done = client.post("/settings/account/delete/", {"code": code_sent()})
    assert (done.status_code, done["Location"]) == (302, "/accounts/login/")
    assert Deletion.objects.filter(person=alice).exists()
    assert "will be erased on" in client.get("/accounts/login/").content.decode()


def test_a_wrong_code_on_the_page_is_said_beside_the_field(browser, alice):
    client = browser.as_(alice)
    client.post("/settings/account/delete/", {"via": "email"})
    answer = client.post("/settings/account/delete/", {"code": "nonsense"})
    assert answer.status_code == 400
    assert "This code is wrong or no longer holds." in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/settings/account/delete/", "/settings/account/leave/", "/settings/data/"]
)
def test_visitors_are_sent_to_the_log_in(browser, db, address):
    answer = browser.get(address)
    assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)
