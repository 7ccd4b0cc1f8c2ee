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

PASSWORD = "demo-password"
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


def person(username, **fields):
    """Make a person by user name; other fields as given."""
    from accounts.models import User

    privacy = fields.pop("privacy", {})
    user = User.objects.create_user(username, f"{username}@example.com", PASSWORD, **fields)
    if privacy:
        for name, value in privacy.items():
            setattr(user.privacy, name, value)
        user.privacy.save()
    return user


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


def video(author, **fields):
    """Make a ready clip by a person, without files; other fields as given."""
    from django.utils import timezone

    from videos.models import Rendition, Video

    fields = {
        "caption": "A clip",
        "state": "ready",
        "duration_ms": 1000,
        "width": 360,
        "height": 640,
        "cover": "cover.webp",
        "playlist": "master.m3u8",
        "published_at": timezone.now(),
        **fields,
    }
    clip = Video.objects.create(author=author, **fields)
    if clip.state == "ready":
        Rendition.objects.create(
            video=clip,
            name="360.mp4",
            width=360,
            height=640,
            short_side=360,
            bitrate=500_000,
            size=62_500,
            codecs="avc1.64001e,mp4a.40.2",
        )
    return clip


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
