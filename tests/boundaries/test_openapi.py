"""The generated OpenAPI schema is whole, and the API answers as it says: schemathesis asks it hundreds of strange things."""

import os
import random

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))


def test_the_schema_is_made_without_a_warning(db):
    from django.core.management import call_command

    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)


@pytest.fixture
def world(cast, make_video, api):
    """A clip with a comment and a conversation, so that a real id in a path reaches real code."""
    from messaging import actions as messaging
    from videos.actions import comment

    video = make_video(cast.alice, caption="Harbour at dusk #sea")
    said = comment(cast.bob, video, "What light")
    conversation, _new = messaging.open_conversation(cast.carol, ["alice"])
    message = messaging.send_message(cast.carol, conversation.pk, client_id="one", text="Hello")
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
    }


@pytest.fixture
def api_schema(world):
    from socialapp.wsgi import application

    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    dice = random.Random(7)

    @schema.hook
    def map_path_parameters(context, path_parameters):
        for name in path_parameters or {}:
            if name in world and dice.random() < 0.7:
                path_parameters[name] = world[name]
        return path_parameters

    schema.world = world
    return schema


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_answers_as_its_schema_says(case, world):
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    response = case.call(headers={"X-Session-Token": world["token"]})
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    if response.status_code < 300:
        checks.append(status_code_conformance)
    case.validate_response(response, checks=checks)
    if response.status_code >= 400:
        error = response.json()["error"]
        assert error["code"]
        assert error["message"]
