"""The generated OpenAPI schema is whole, and the API answers as it says: schemathesis asks it hundreds of strange things."""

import os
import random

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))


def test_the_schema_is_made_without_a_warning(db):
    from django.core.management import call_command

    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)


@pytest.fixture
def world(cast, make_video, api):
    """A clip with a comment, a conversation and the like, so that a real id in a path reaches real code."""
    from django.utils import timezone

    from messaging import actions as messaging
    from videos.actions import comment
    from videos.models import Challenge, Preference, RecentSearch, Tag

    video = make_video(cast.alice, caption="Harbour at dusk #sea")
    said = comment(cast.bob, video, "What light")
    conversation, _new = messaging.open_conversation(cast.carol, ["alice"])
    message = messaging.send_message(cast.carol, conversation.pk, client_id="one", text="Hello")
    now = timezone.now()
    challenge = Challenge.objects.create(
        slug="at-sea",
        host=cast.alice,
        tag=Tag.objects.get_or_create(name="sea")[0],
        title="At sea",
        brief="Film water.",
        starts_at=now - timezone.timedelta(1),
        ends_at=now + timezone.timedelta(1),
        published_at=now,
    )
    preference = Preference.objects.create(person=cast.alice, stance="more", tag=challenge.tag)
    searched = RecentSearch.objects.create(person=cast.alice, text="harbour")
    answer = api.post(
        "/_allauth/app/v1/auth/login", {"username": "alice", "password": "demo-password"}, format="json"
    ).json()
    return {
        "token": answer["meta"]["session_token"],
        "video_id": str(video.pk),
        "comment_id": str(said.pk),
        "conversation_id": str(conversation.pk),
        "message_id": str(message.pk),
        "username": "bob",
        "tag": "sea",
        "slug": challenge.slug,
        "preference_id": str(preference.pk),
        "search_id": str(searched.pk),
    }


@schemathesis.serializer("application/offset+octet-stream")
def _bytes_of_an_upload(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def wsgi():
    """The site as a WSGI server calls it. A request must not close the connection that holds this test's transaction."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from socialapp.wsgi import application

    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield application
    for signal in signals:
        signal.connect(close_old_connections)


def api_schema():
    from drf_spectacular.generators import SchemaGenerator

    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


SCHEMA = api_schema()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def strange(operation):
    """Requests as the schema has them, and such that it forbids."""
    try:
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        wrong.validate()
    except Exception:  # nothing that could be wrong: no body, no parameters
        return operation.as_strategy()
    return st.one_of(operation.as_strategy(), wrong)


def test_every_operation_says_what_it_refuses_with():
    operations = [o for path in SCHEMA.raw_schema["paths"].values() for o in path.values()]
    assert len(operations) > 90
    for operation in operations:
        assert {"429", "503"} <= set(operation["responses"])
        refusals = [r for status, r in operation["responses"].items() if int(status) >= 400]
        assert all(r["description"] for r in refusals)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method.upper()} {o.path}")
def test_an_operation_answers_as_its_schema_says(operation, world, wsgi):
    SCHEMA.app = wsgi
    dice = random.Random(operation.label)

    @given(case=strange(operation))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        for name in case.path_parameters or {}:
            if name in world and dice.random() < 0.7:
                case.path_parameters[name] = world[name]
        response = case.call(app=wsgi, headers={"X-Session-Token": world["token"]})
        checks = [
            not_a_server_error,
            content_type_conformance,
            response_schema_conformance,
            status_code_conformance,
        ]
        case.validate_response(response, checks=checks)
        if response.status_code >= 400 and operation.method != "head":
            error = response.json()["error"]
            assert error["code"]
            assert error["message"]

    ask()
