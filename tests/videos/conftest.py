"""What tests of uploads and of the pipeline share: a clip in the queue, and a worker that does what waits."""

import shutil

import pytest


@pytest.fixture
def upload_of(db):
    """A complete upload of a file by a person, as tus would have left it."""
    from videos import uploads
    from videos.actions import create_upload, keep_upload

    def make(person, path):
        upload = create_upload(person, length=path.stat().st_size, filename=path.name)
        shutil.copyfile(path, uploads.path_of(upload))
        return keep_upload(upload)

    return make


@pytest.fixture
def publish(upload_of):
    """A clip of a file, waiting in the queue."""
    from videos.actions import publish_video

    def make(person, path, **fields):
        return publish_video(person, upload=upload_of(person, path), **fields)

    return make


@pytest.fixture
def work():
    """Do what waits in the queue, here and now; returns the clip as it is then."""
    from videos import jobs

    def do(video=None):
        while jobs.run_next():
            pass
        if video is not None:
            video.refresh_from_db()
        return video

    return do


@pytest.fixture(scope="session")
def site():
    """A site with a server of its own, one for the whole run."""
    from .live import Site

    made = Site()
    made.serve()
    yield made
    made.close()


@pytest.fixture(scope="session")
def token(site):
    return site.token("alice")
