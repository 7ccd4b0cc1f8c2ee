"""The corpus and the site that takes it."""

import os
from pathlib import Path

import pytest

from tests.videos.conftest import site, token  # noqa: F401  (the same site as the other live tests)

CORPUS = Path(os.environ["MEDIA_CORPUS"]).resolve() if os.environ.get("MEDIA_CORPUS") else None


def pytest_collection_modifyitems(items):
    skip = pytest.mark.skip(reason="MEDIA_CORPUS does not name the folder of real and hostile uploads")
    for item in items:
        if item.get_closest_marker("corpus") and (CORPUS is None or not CORPUS.is_dir()):
            item.add_marker(skip)
