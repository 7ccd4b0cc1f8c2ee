"""What every test shares: a real Redis-protocol server, a private data folder, and the cast.

The cast: alice (creator), bob (follows alice), carol (friend of alice), dave (stranger), mallory (blocked by alice),
mod (moderator). Passwords are the demo's.
"""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from socialapp.translations import compile_all
from tests.environment import REDIS, ROOT
from tests.makers import person, video

RUNNING = {
    "site",
    "embedded_site",
    "composed_site",
    "servers",
    "chromium",
}  # fixtures with processes of their own


def pytest_configure(config):
    """Catalogues are compiled before any process reads them, and by one process only."""
    if not hasattr(config, "workerinput"):
        compile_all(Path(__file__).parent.parent / "locale")


def pytest_itemcollected(item):
    """The tests of a file that share something running go to one worker: it starts long, and once instead of once a worker."""
    if RUNNING.intersection(item.fixturenames) and not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def pytest_unconfigure(config):
    if REDIS is not None:
        REDIS.terminate()
        REDIS.wait(10)
    shutil.rmtree(ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def _fresh_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _fresh_redis():
    from socialapp.lib.redis import connection

    yield
    connection().flushdb()


@pytest.fixture(autouse=True)
def _nothing_promoted():
    """As a process that looked a moment ago and found nothing: a test that promotes something lets it look again (`forget`)."""
    from datetime import UTC, datetime

    from videos.feed import promoted

    promoted._known.rows, promoted._known.until = [], float("inf")
    promoted._known.day = datetime.now(UTC).date()
    promoted._known.curve, promoted._known.curve_until = promoted.pacing.UNIFORM, 0.0
    yield
    promoted._known.rows = []


@pytest.fixture
def make_person(db):
    """`person`, for tests that have a database."""
    return person


@pytest.fixture
def cast(make_person):
    """alice, bob, carol, dave, mallory and mod, standing to each other as their names say."""
    from django.utils import timezone

    from accounts.models import Follow, User
    from privacy.models import Block

    people = SimpleNamespace(
        **{name: make_person(name) for name in ("alice", "bob", "carol", "dave", "mallory")},
        mod=make_person("mod", is_staff=True, is_superuser=True),
    )
    now = timezone.now()
    for follower, followed in (
        (people.bob, people.alice),
        (people.carol, people.alice),
        (people.alice, people.carol),
    ):
        Follow.objects.create(follower=follower, followed=followed, state="accepted", accepted_at=now)
        User.objects.filter(pk=follower.pk).update(
            following_count=User.objects.get(pk=follower.pk).following_count + 1
        )
        User.objects.filter(pk=followed.pk).update(
            followers_count=User.objects.get(pk=followed.pk).followers_count + 1
        )
    Block.objects.create(blocker=people.alice, blocked=people.mallory)
    return people


@pytest.fixture
def make_video(db):
    """`video`, for tests that have a database."""
    return video


@pytest.fixture
def api():
    """A DRF client; `api.as_(person)` logs in without a password and skips CSRF."""
    from rest_framework.test import APIClient

    class Client(APIClient):
        def as_(self, person):
            client = Client()
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            return client

    return Client()


@pytest.fixture
def browser():
    """Django's client; `browser.as_(person)` is logged in."""
    from django.test import Client

    class Browser(Client):
        def as_(self, person):
            browser = Browser()
            browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            return browser

    return Browser()
