"""Passkeys in a real browser, with the virtual authenticator of Chromium's WebAuthn domain: add, log in, prove, remove."""

import itertools

import pytest

from tests.makers import PASSWORD
from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("passkeys")) as site:
        # A passkey belongs to a host name; an address of numbers cannot have one.
        site.name = site.url.replace("127.0.0.1", "localhost")
        yield site


@pytest.fixture
def page(chromium, site):
    """A page in which somebody new is logged in by the password, on a device that can keep passkeys."""
    context = chromium.new_context(base_url=site.name)
    page = context.new_page()
    page.person = f"alice{next(NUMBERS)}"
    page.session = context.new_cdp_session(page)
    page.session.send("WebAuthn.enable")
    page.device = page.session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})[
        "authenticatorId"
    ]
    page.goto("/accounts/signup/")
    for name, value in (
        ("username", page.person),
        ("email", f"{page.person}@example.com"),
        ("password1", PASSWORD),
        ("birth_date", "1990-02-28"),
    ):
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url(lambda url: "signup" not in url)
    yield page
    context.close()


def log_in(page):
    page.goto("/accounts/login/?next=/settings/security/")
    page.fill("[name=login]", page.person)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_out(page):
    """As on a machine where nobody is logged in; the device keeps its passkeys."""
    page.goto("about:blank")  # an open page would notice and go to the log-in by itself
    page.context.clear_cookies()


def add_passkey(page):
    page.goto("/accounts/second-factor/webauthn/add/")
    page.fill("[name=name]", "My laptop")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/recovery-codes/")


def test_a_passkey_is_added_logs_in_and_is_removed(page):
    add_passkey(page)
    page.goto("/settings/security/")
    assert page.get_by_role("link", name="Remove My laptop").is_visible()

    log_out(page)
    page.goto("/accounts/login/?next=/settings/security/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/settings/security/")

    log_out(page)
    log_in(page)
    page.wait_for_url("**/second-factor/authenticate/**")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/settings/security/")

    page.get_by_role("link", name="Remove My laptop").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/remove/")
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_url("**/webauthn/")
    log_out(page)
    log_in(page)
    page.wait_for_url("**/settings/security/")


def test_a_dialog_that_is_closed_leaves_a_sentence_and_the_page(page):
    add_passkey(page)
    log_out(page)
    page.session.send("WebAuthn.setUserVerified", {"authenticatorId": page.device, "isUserVerified": False})
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkey was used.").wait_for()
    assert page.get_by_role("button", name="Use a passkey").is_enabled()


def test_a_device_that_has_one_already_says_so(page):
    add_passkey(page)
    page.goto("/accounts/second-factor/webauthn/add/")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("has a passkey for your account already").wait_for()
