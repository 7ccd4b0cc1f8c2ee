"""Bodies of the API that no browser sends: each is refused in the error shape, none is an error page."""

import pytest

BODIES = {
    "half a character": r'{"text": "\ud800"}',
    "half a character as a name": r'{"\ud800": 1}',
    "no number": '{"text": NaN}',
    "more than any number": '{"text": 1%s}' % ("0" * 400),
    "past all nesting": '{"text": ' + "[" * 5000 + "]" * 5000 + "}",
    "half of it": '{"text": "a',
    "nothing but a bracket": "[",
    "no UTF-8": b'{"text": "\xff"}',
}


@pytest.fixture
def send(api, cast, make_video):
    client, address = api.as_(cast.bob), f"/api/v1/videos/{make_video(cast.alice).pk}/comments/"
    return lambda raw, **options: client.post(address, raw, content_type="application/json", **options)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_json_is_refused(send, name):
    answer = send(BODIES[name])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parse_error")


def test_a_body_past_the_limit_is_refused_unread(send, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert send('{"text": "short"}').status_code == 201
    answer = send('{"text": "%s"}' % ("a" * 200))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
