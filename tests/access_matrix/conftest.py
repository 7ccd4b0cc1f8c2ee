"""The world of canaries, for the surfaces that no address of the matrix reaches."""

import pytest

from .secrets_kept import make_secrets


@pytest.fixture
def secrets(make_person, make_video, settings):
    """tests/access_matrix/secrets_kept.py: private things, each with a word, and ten kinds of outsiders."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")
    return make_secrets(make_person, make_video)
