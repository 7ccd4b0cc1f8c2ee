"""Which browsers may be pushed to: whose they are, which addresses are let, and trying it out."""

import pytest

from messaging import push_service
from messaging.models import PushSubscription

pytestmark = pytest.mark.django_db
URL = "/api/v1/push/subscriptions/"


def subscribe(client, browser, **changes):
    return client.post(URL, {**browser.subscription, **changes}, format="json")


def test_the_key_is_told_to_who_is_logged_in(cast, api, push_service):
    assert api.get("/api/v1/push/").status_code == 401
    answer = api.as_(cast.alice).get("/api/v1/push/").json()
    assert answer == {"public_key": push_service.public_key}
    assert len(answer["public_key"]) == 87


def test_a_browser_is_listed_without_its_address(cast, listening):
    browser = listening(cast.alice)
    text = browser.client.get(URL).content.decode()
    assert "127.0.0.1" not in text
    assert [row["this"] for row in browser.client.get(URL).json()["results"]] == [True]


def test_browsers_of_other_log_ins_are_told_apart(cast, listening):
    desk = listening(cast.alice, "desk")
    listening(cast.alice, "phone")
    assert [row["this"] for row in desk.client.get(URL).json()["results"]] == [False, True]


def test_the_same_browser_again_is_the_same_row(cast, listening):
    browser = listening(cast.alice)
    answer = subscribe(browser.client, browser)
    assert (answer.status_code, answer.json()["id"]) == (200, browser.id)
    assert PushSubscription.objects.count() == 1


def test_a_shared_browser_follows_who_is_logged_in_there(cast, api, listening):
    browser = listening(cast.alice)
    assert subscribe(api.as_(cast.bob), browser).status_code == 200
    assert PushSubscription.objects.get().person == cast.bob
    assert browser.client.get(URL).json()["results"] == []


def test_nobody_takes_a_browser_whose_keys_they_do_not_have(cast, api, listening, push_service):
    browser = listening(cast.alice)
    theirs = push_service.browser("theirs")
    answer = subscribe(api.as_(cast.mallory), browser, keys=theirs.subscription["keys"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_your_browser")
    assert PushSubscription.objects.get().person == cast.alice


def test_other_peoples_browsers_are_not_there(cast, api, listening):
    browser = listening(cast.alice)
    assert api.as_(cast.bob).delete(f"{URL}{browser.id}/").status_code == 404
    assert api.as_(cast.bob).get(URL).json()["results"] == []
    assert PushSubscription.objects.count() == 1


def test_a_browser_can_be_taken_off_the_list(cast, listening):
    browser = listening(cast.alice)
    assert browser.client.delete(f"{URL}{browser.id}/").status_code == 204
    assert browser.client.delete(f"{URL}{browser.id}/").status_code == 404


def test_the_oldest_of_too_many_goes(cast, listening, monkeypatch):
    from messaging.actions import pushing

    monkeypatch.setattr(pushing, "BROWSERS", 2)
    for name in ("one", "two", "three"):
        listening(cast.alice, name)
    assert [row.endpoint[-4:] for row in PushSubscription.objects.order_by("pk")] == ["/two", "hree"]


def test_a_program_with_a_token_can_be_pushed_to(cast, api, push_service):
    log_in = {"username": "alice", "password": "demo-password"}
    token = api.post("/_allauth/app/v1/auth/login", log_in, format="json").json()["meta"]["session_token"]
    browser = push_service.browser("program")
    answer = api.post(URL, browser.subscription, format="json", headers={"X-Session-Token": token})
    assert answer.status_code == 201
    api.delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
    assert not PushSubscription.objects.exists()


LET = [
    "https://fcm.googleapis.com/fcm/send/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://web.push.apple.com/abc",
    "https://wns2-am3p.notify.windows.com/w/?token=abc",
]
REFUSED = [
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:8443/",
    "https://fcm.googleapis.com.example.org/",
    "https://example.org/fcm.googleapis.com",
    "https://example.org#fcm.googleapis.com",
    "https://user@fcm.googleapis.com/",
    "https://fcm.googleapis.com@example.org/",
    "https://example.org\\.push.apple.com/",
    "https://push.apple.com/",
    "https://notpush.apple.com/",
    "https://127.0.0.1/",
    "http://localhost:6379/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "file:///etc/passwd",
    "gopher://fcm.googleapis.com/",
    "//fcm.googleapis.com/",
    "https://fcm.googleapis.com/\r\nHost: inside",
    "https://fcm.googleapis.com:port/",
    "https://ｆcm.googleapis.com/",
    "https://fcm.googleapis.com/" + "a" * 1000,
    "",
]


@pytest.mark.parametrize("endpoint", LET)
def test_browsers_push_services_are_let(endpoint):
    assert push_service.allows(endpoint)


@pytest.mark.parametrize("endpoint", REFUSED)
def test_no_other_address_is(endpoint):
    assert not push_service.allows(endpoint)


def test_an_address_that_is_no_push_services_is_refused_with_a_sentence(cast, api, push_service, settings):
    settings.WEB_PUSH_HOSTS = ["fcm.googleapis.com"]
    answer = subscribe(api.as_(cast.alice), push_service.browser("alice"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_push_service")
    assert not PushSubscription.objects.exists()


def test_an_address_that_is_no_longer_let_is_not_pushed_to(cast, listening, push_service, settings):
    browser = listening(cast.alice)
    settings.WEB_PUSH_HOSTS = ["fcm.googleapis.com"]
    assert browser.client.post("/api/v1/push/test/").status_code == 503
    assert push_service.pushes == []


@pytest.mark.parametrize(
    "keys", [{"p256dh": "AAAA", "auth": "AAAA"}, {"p256dh": "B" * 87, "auth": "A" * 22}, {}]
)
def test_keys_that_cannot_be_used_are_refused(cast, api, push_service, keys):
    answer = subscribe(api.as_(cast.alice), push_service.browser("alice"), keys=keys)
    assert answer.status_code == 400
    assert not PushSubscription.objects.exists()


def test_one_can_be_tried(cast, listening):
    browser = listening(cast.alice)
    assert browser.client.post("/api/v1/push/test/").json() == {"sent": True}
    assert [(said["title"], said["tag"]) for said in browser.received] == [
        ("Notifications work here", "test")
    ]


def test_a_try_is_for_ones_own_log_in(cast, api, listening):
    listening(cast.alice)
    assert api.as_(cast.alice).post("/api/v1/push/test/").status_code == 404


def test_a_try_that_fails_says_so(cast, listening, push_service):
    browser = listening(cast.alice)
    push_service.answers["alice"] = [(429, {"Retry-After": "30"})]
    answer = browser.client.post("/api/v1/push/test/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json()["error"]["code"] == "not_pushed"


def test_tries_are_limited(cast, listening, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "push_test": "1/600"}
    browser = listening(cast.alice)
    assert [browser.client.post("/api/v1/push/test/").status_code for _try in range(2)] == [200, 429]
