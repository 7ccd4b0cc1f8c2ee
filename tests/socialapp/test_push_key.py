"""The key that push services know the site by: made once, kept safe, refused when it cannot be one."""

import base64
import stat
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from messaging import vapid
from socialapp.checks import check_configuration


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR, settings.VAPID_PRIVATE_KEY = tmp_path / "data", ""
    return settings.DATA_DIR


def test_the_first_start_makes_a_key_that_only_its_owner_reads(folder):
    assert vapid.ensure_key() is True
    assert stat.S_IMODE(vapid.key_file().stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["vapid_private_key"]


def test_a_later_start_keeps_it(folder):
    vapid.ensure_key()
    before = vapid.public_key()
    assert vapid.ensure_key() is False
    assert vapid.public_key() == before


def test_processes_that_start_together_agree(folder):
    made = []
    starts = [threading.Thread(target=lambda: made.append(vapid.ensure_key())) for _number in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(made) == [False] * 7 + [True]


def test_the_settings_come_before_the_file(folder, settings):
    settings.VAPID_PRIVATE_KEY = "ERERERERERERERERERERERERERERERERERERERERERE"
    assert vapid.ensure_key() is False
    assert not vapid.key_file().exists()
    point = ec.derive_private_key(int("11" * 32, 16), ec.SECP256R1()).public_key().public_numbers()
    raw = b"\4" + point.x.to_bytes(32) + point.y.to_bytes(32)
    assert vapid.public_key() == base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_word_for_a_push_service_is_kept_for_a_while_and_names_only_the_service(folder):
    one = vapid.authorization("https://fcm.googleapis.com/fcm/send/somebody")
    assert one == vapid.authorization("https://fcm.googleapis.com/fcm/send/somebody-else")
    assert one != vapid.authorization("https://web.push.apple.com/somebody")


def said(code):
    return [error.msg for error in check_configuration(None) if error.id == f"socialapp.{code}"]


@pytest.mark.parametrize("key", ["short", "A" * 44, "not base64 at all, and neither a key of any curve"])
def test_a_key_that_is_none_is_refused_without_being_repeated(settings, key):
    settings.VAPID_PRIVATE_KEY = key
    (sentence,) = said("E035")
    assert "VAPID_PRIVATE_KEY" in sentence
    assert key not in sentence


@pytest.mark.parametrize("subject", ["", "admin@example.org", "http://example.org", "mailto:"])
def test_a_subject_that_push_services_would_refuse_is_refused(settings, subject):
    settings.VAPID_SUBJECT = subject
    assert said("E036")


@pytest.mark.parametrize(
    "host", ["*", "*.", "*.com/", "https://push.example.org", "10.0.0.7", "*.internal", "push"]
)
def test_a_host_that_opens_the_inside_is_refused(settings, host):
    settings.WEB_PUSH_HOSTS = [host]
    assert said("E037")


def test_the_defaults_are_fine(settings):
    assert not [*said("E035"), *said("E036"), *said("E037")]
