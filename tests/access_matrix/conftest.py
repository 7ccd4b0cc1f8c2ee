"""The worlds that surfaces are asked about: that of the matrix, and that of canaries for what no address reaches."""

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.test import override_settings

from tests.makers import person, video

from .secrets_kept import make_secrets
from .world import make_world


@pytest.fixture(scope="module")
def settled(django_db_setup, django_db_blocker):
    """The matrix' world, made once for a file: each of its tests asks the same rows and leaves no trace in them."""
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        RATE_LIMITS=dict.fromkeys(configured.RATE_LIMITS, "100000/1"),
    )
    with django_db_blocker.unblock(), transaction.atomic():
        with quick:
            world = make_world(person, video)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def secrets(make_person, make_video, settings):
    """tests/access_matrix/secrets_kept.py: private things, each with a word, and ten kinds of outsiders."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")
    return make_secrets(make_person, make_video)
