"""The Idempotency-Key header of a write: the same key answers as before, and a cache that is away refuses nobody."""

import pytest

KEY = {"HTTP_IDEMPOTENCY_KEY": "once"}


@pytest.fixture
def say(api, cast, make_video):
    url = f"/api/v1/videos/{make_video(cast.alice).pk}/comments/"
    bob = api.as_(cast.bob)
    return lambda: bob.post(url, {"text": "Once"}, format="json", **KEY)


def test_the_same_key_does_the_deed_once(say):
    from videos.models import Comment

    first, again = say(), say()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Comment.objects.count() == 1


def test_without_its_cache_the_deed_is_done_all_the_same(say, settings, tmp_path):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody?db=0"}
    }
    assert say().status_code == 201
