"""Clips in the queue and a worker for them, as the tests of clips have them."""

from tests.videos.conftest import publish, upload_of, work  # noqa: F401
