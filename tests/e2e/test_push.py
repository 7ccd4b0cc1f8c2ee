"""A browser is let, told of a message while the site is closed, and taken off again.

Chromium without a screen reaches no push service, so what it would subscribe to is the double of tests/messaging; what
arrives there is read with the browser's keys and handed to the real service worker, as a push service would.
"""

import base64
import json
import os

import pytest
from django.conf import settings as site

from messaging import vapid
from messaging.models import PushSubscription
from tests.messaging.conftest import listening, live, push_service, send_pushes, servers, session_of, talk  # noqa: F401

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
KEY = base64.urlsafe_b64encode(b"\x11" * 32).rstrip(b"=").decode()

# PushManager as a browser has it that reaches its push service. It remembers, like a browser, across pages.
PUSH_MANAGER = """(made) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const held = () => localStorage.getItem("double");
  const subscription = () => ({
    options: { applicationServerKey: bytes(held()).buffer },
    toJSON: () => made,
    unsubscribe: async () => (localStorage.removeItem("double"), true),
  });
  PushManager.prototype.getSubscription = async () => (held() ? subscription() : null);
  PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
    localStorage.setItem("double", btoa(String.fromCharCode(...new Uint8Array(key))));
    return subscription();
  };
}"""


@pytest.fixture(autouse=True, scope="module")
def _pushing_server():
    """The server process may push to the double, and both have one key."""
    before = dict(os.environ)
    # Playwright's loop runs in this thread, which is no reason for Django to refuse the database to the test.
    os.environ.update(WEB_PUSH_HOSTS="127.0.0.1", VAPID_PRIVATE_KEY=KEY, DJANGO_ALLOW_ASYNC_UNSAFE="true")
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def double(settings, request):
    settings.VAPID_PRIVATE_KEY = KEY
    service = request.getfixturevalue("push_service")
    assert service.public_key == vapid.public_key()
    return service


@pytest.fixture
def window(chromium, live, session_of, double, cast):  # noqa: F811
    """alice's own browser, on her notification settings."""
    keys = double.browser("alice")
    context = chromium.new_context(viewport={"width": 1100, "height": 900})
    context.grant_permissions(["notifications"], origin=live)
    context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": session_of(cast.alice), "url": live}])
    context.add_init_script(f"({PUSH_MANAGER})({json.dumps(keys.subscription)})")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.keys, page.live = keys, live
    page.goto(f"{live}/settings/notifications/")
    yield page
    context.close()


def deliver(page, said):
    """Hand a push to the service worker, as the browser does when one arrives."""
    found = {}
    session = page.context.new_cdp_session(page)
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.update(
            {one["scopeURL"]: one["registrationId"] for one in event["registrations"]}
        ),
    )
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(300)
    worker = {"origin": page.live, "registrationId": found[f"{page.live}/"], "data": json.dumps(said)}
    session.send("ServiceWorker.deliverPushMessage", worker)
    page.wait_for_timeout(700)
    session.detach()


def shown(page):
    return page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const shown = await registration.getNotifications();
          return shown.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }));
        }"""
    )


def test_a_browser_is_let_tried_told_and_taken_off(window, cast, talk, send_pushes, artefacts):  # noqa: F811
    window.get_by_text("Off. Turn it on").wait_for()
    window.get_by_role("button", name="Turn on").click()
    window.get_by_text("On. This browser tells you").wait_for()
    assert PushSubscription.objects.get().person == cast.alice
    window.screenshot(path=artefacts / "push-settings.png")

    window.get_by_role("button", name="Send a test").click()
    window.get_by_text("It should appear in a moment").wait_for()
    assert window.keys.received[-1]["tag"] == "test"

    there = talk("carol", "alice")
    talk.say(cast.carol, there, "See you at the harbour")
    assert send_pushes() == 1
    said = window.keys.received[-1]
    deliver(window, said)
    assert shown(window) == []  # who looks at the site is told there
    window.goto("about:blank")
    deliver(window, said)
    window.goto(f"{window.live}/settings/notifications/")
    assert shown(window) == [
        {
            "title": "carol",
            "body": "See you at the harbour",
            "tag": f"conversation-{there}",
            "url": f"/messages/{there}/",
        }
    ]

    window.get_by_role("button", name="Turn off").click()
    window.get_by_text("Off.").wait_for()
    assert not PushSubscription.objects.exists()


def test_a_notification_leads_to_its_page_and_to_no_other_site(window):
    window.evaluate("navigator.serviceWorker.ready.then(() => true)")
    worker = window.context.service_workers[0]
    opened = worker.evaluate(
        """async () => {
          const opened = [];
          clients.openWindow = async (url) => opened.push(url);
          for (const url of ["/messages/7/", "https://example.org/", undefined]) {
            await registration.showNotification("One", { data: { url }, tag: "one" });
            const [notification] = await registration.getNotifications();
            const event = new NotificationEvent("notificationclick", { notification });
            dispatchEvent(event);
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
          return [opened.map((url) => new URL(url).pathname), (await registration.getNotifications()).length];
        }"""
    )
    assert opened == [["/messages/7/", "/inbox/"], 0]


def test_who_blocked_it_is_told_what_to_do(window):
    window.context.clear_permissions()
    window.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    window.reload()
    window.get_by_text("allow notifications, then reload").wait_for()
    assert window.get_by_role("button", name="Turn on").count() == 0


def test_a_new_log_in_of_the_same_person_goes_on(window, cast, session_of):  # noqa: F811
    window.get_by_role("button", name="Turn on").click()
    window.get_by_text("On. This browser tells you").wait_for()
    PushSubscription.objects.all().delete()  # as log-out does
    cookie = {"name": site.SESSION_COOKIE_NAME, "value": session_of(cast.alice), "url": window.live}
    window.context.add_cookies([cookie])
    window.evaluate("sessionStorage.clear()")
    window.goto(f"{window.live}/explore/")
    window.wait_for_timeout(1500)
    assert PushSubscription.objects.get().person == cast.alice


def test_somebody_else_in_that_browser_is_not_pushed_to(window, cast, session_of):  # noqa: F811
    window.get_by_role("button", name="Turn on").click()
    window.get_by_text("On. This browser tells you").wait_for()
    PushSubscription.objects.all().delete()
    cookie = {"name": site.SESSION_COOKIE_NAME, "value": session_of(cast.bob), "url": window.live}
    window.context.add_cookies([cookie])
    window.evaluate("sessionStorage.clear()")
    window.goto(f"{window.live}/explore/")
    window.wait_for_timeout(1500)
    assert not PushSubscription.objects.exists()
