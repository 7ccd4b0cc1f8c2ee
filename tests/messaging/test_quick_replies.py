"""Quick replies: a person's saved answers, for their own eyes."""

import pytest

from messaging.models import QuickReply

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/quick-replies/"


def test_they_are_kept_changed_and_deleted(cast, api):
    alice = api.as_(cast.alice)
    made = alice.post(ADDRESS, {"text": " On its way \n"}, format="json")
    assert made.status_code == 201
    one = f"{ADDRESS}{made.json()['id']}/"
    assert made.json()["text"] == "On its way"
    assert alice.patch(one, {"text": "Sent today"}, format="json").json()["text"] == "Sent today"
    assert [row["text"] for row in alice.get(ADDRESS).json()["results"]] == ["Sent today"]
    assert alice.delete(one).status_code == 204
    assert alice.get(ADDRESS).json()["results"] == []
    assert alice.delete(one).status_code == 404


def test_nobody_else_reads_or_touches_them(cast, api):
    row = QuickReply.objects.create(owner=cast.alice, text="canary")
    for person in (cast.bob, cast.carol, cast.mod):
        client = api.as_(person)
        assert "canary" not in client.get(ADDRESS).content.decode()
        assert client.patch(f"{ADDRESS}{row.pk}/", {"text": "x"}, format="json").status_code == 404
        assert client.delete(f"{ADDRESS}{row.pk}/").status_code == 404
    assert QuickReply.objects.get().text == "canary"


@pytest.mark.parametrize("text", ["", " \n", "x" * 501, "\x00"])
def test_what_cannot_be_sent_is_refused(cast, api, text):
    answer = api.as_(cast.alice).post(ADDRESS, {"text": text}, format="json")
    assert answer.status_code == 400
    assert "text" in answer.json()["error"]["fields"]


def test_twenty_fit(cast, api):
    alice = api.as_(cast.alice)
    for n in range(20):
        assert alice.post(ADDRESS, {"text": str(n)}, format="json").status_code == 201
    full = alice.post(ADDRESS, {"text": "one more"}, format="json")
    assert (full.status_code, full.json()["error"]["code"]) == (409, "quick_replies_full")
    assert [row["text"] for row in alice.get(ADDRESS).json()["results"]] == [str(n) for n in range(20)]
