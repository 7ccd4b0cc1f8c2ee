"""Whom one blocks, mutes or restricts: one by one, many at once, as files to keep and to bring along."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import actions, name_lists
from privacy.access import is_blocked, is_muted, is_restricted
from privacy.actions import block, mute
from socialapp.lib.errors import Invalid, TooLarge

pytestmark = pytest.mark.engines

LISTS = ("blocks", "mutes", "restrictions")
KEYS = dict(zip(LISTS, ("blocked", "muted", "restricted"), strict=True))


def send(client, path, body):
    return client.post(f"/api/v1/me/{path}", body, format="json")


def names(client, which):
    return [row["username"] for row in client.get(f"/api/v1/me/{which}/").json()["results"]]


def a_file(text, name="people.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


# --- One and many ---------------------------------------------------------------------------------------------


def test_a_person_is_restricted_and_released_by_the_api(api, cast):
    client = api.as_(cast.bob)
    assert client.post("/api/v1/users/dave/restrict/").json() == {"restricted": True}
    assert is_restricted(cast.bob, cast.dave)
    assert client.get("/api/v1/users/dave/").json()["restricted"]
    assert not api.as_(cast.dave).get("/api/v1/users/bob/").json()["restricted"]
    assert client.delete("/api/v1/users/dave/restrict/").status_code == 204
    assert not is_restricted(cast.bob, cast.dave)


@pytest.mark.parametrize("which", LISTS)
def test_many_come_onto_a_list_and_off_it_at_once(api, cast, which):
    client = api.as_(cast.bob)
    outcome = send(client, f"{which}/", {"usernames": ["@Carol", "dave", "DAVE", "nobody", "bob"]}).json()
    assert outcome == {
        "done": ["Carol", "dave"],
        "unknown": ["nobody", "bob"],
        "left": [],
        "retry_after": None,
    }
    assert names(client, which) == ["dave", "carol"]
    outcome = send(client, f"{which}/remove/", {"usernames": ["carol", "mod"]}).json()
    assert (outcome["done"], outcome["unknown"]) == (["carol"], ["mod"])
    assert names(client, which) == ["dave"]


def test_naming_somebody_twice_changes_nothing(api, cast):
    block(cast.bob, cast.dave)
    assert send(api.as_(cast.bob), "blocks/", {"usernames": ["dave"]}).json()["done"] == ["dave"]
    assert names(api.as_(cast.bob), "blocks") == ["dave"]


def test_who_blocked_me_looks_like_nobody(api, cast):
    client = api.as_(cast.mallory)
    mine = send(client, "mutes/", {"usernames": ["alice"]})
    nobody = send(client, "mutes/", {"usernames": ["nobody"]})
    assert mine.json()["unknown"] == ["alice"]
    assert mine.json().keys() == nobody.json().keys()
    assert not is_muted(cast.mallory, cast.alice)


def test_who_left_can_be_taken_off_a_list(api, cast):
    mute(cast.bob, cast.dave)
    actions.deactivate(cast.dave)
    assert send(api.as_(cast.bob), "mutes/remove/", {"usernames": ["dave"]}).json()["done"] == ["dave"]


def test_past_the_limit_the_rest_is_left_and_what_is_done_holds(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "block": "1/3600"}
    outcome = send(api.as_(cast.bob), "blocks/", {"usernames": ["carol", "dave", "mod"]}).json()
    assert (outcome["done"], outcome["left"]) == (["carol"], ["dave", "mod"])
    assert outcome["retry_after"] > 0
    assert is_blocked(cast.bob, cast.carol)
    assert not is_blocked(cast.bob, cast.dave)


def test_a_bulk_block_ends_follows_as_a_single_one_does(api, cast):
    send(api.as_(cast.alice), "blocks/", {"usernames": ["bob", "carol"]})
    cast.alice.refresh_from_db()
    assert (cast.alice.followers_count, cast.alice.following_count) == (0, 0)


def test_five_hundred_names_take_few_queries_when_nobody_is_there(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        actions.add_named(cast.bob, name_lists.LISTS["blocked"], [f"no{n}" for n in range(500)])


# --- Files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", LISTS)
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_is_exported_can_be_imported_elsewhere(api, cast, which, kind):
    client = api.as_(cast.bob)
    send(client, f"{which}/", {"usernames": ["carol", "dave"]})
    file = client.get(f"/api/v1/me/{which}/export/?format={kind}")
    assert file["Content-Disposition"] == f'attachment; filename="{KEYS[which]}.{kind}"'
    assert "no-store" in file["Cache-Control"]
    other = api.as_(cast.mod)
    outcome = other.post(f"/api/v1/me/{which}/import/", {"file": a_file(file.content)}, format="multipart")
    assert outcome.json()["done"] == ["dave", "carol"]
    assert names(other, which) == ["carol", "dave"]


@pytest.mark.parametrize(
    "text",
    [
        "carol\ndave\n",
        "\ufeffusername,since\ncarol,2026-01-01\ndave,2026-01-01\n",
        "id,Handle\n1,@carol\n2,@dave\n",
        "https://elsewhere.example/@carol/\r\nhttps://elsewhere.example/@dave\r\n",
        '["carol", "@dave"]',
        '{"people": [{"username": "carol"}, {"username": "dave", "since": "x"}]}',
        '{"usernames": ["carol", "dave", ""]}',
        "carol\n\n  \nCAROL\ndave",
    ],
)
def test_files_of_others_are_read_generously(text):
    assert name_lists.read_file(io.BytesIO(text.encode())) == ["carol", "dave"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"[1, 2",
        b'{"a": 1}',
        b"[]",
        b"no spaces here",
        b"<script>",
        b"=1+1",
        b"\x00",
        b'"' * 9,
    ],
)
def test_a_file_without_names_is_refused_with_a_sentence(api, cast, data):
    answer = api.as_(cast.bob).post(
        "/api/v1/me/blocks/import/", {"file": a_file(data or b"\n")}, format="multipart"
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith(".")


def test_a_large_file_and_a_long_list_are_refused_before_anybody_is_blocked():
    with pytest.raises(TooLarge):
        name_lists.read_file(io.BytesIO(b"a" * (name_lists.MAX_BYTES + 1)))
    with pytest.raises(Invalid, match="too_many_names"):
        name_lists.read_file(io.BytesIO("\n".join(f"n{n}" for n in range(501)).encode()))


def test_an_import_without_a_file_says_so(api, cast):
    answer = api.as_(cast.bob).post("/api/v1/me/blocks/import/", {"file": "carol"}, format="multipart")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["file"])


# --- Pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", name_lists.LISTS)
def test_the_page_adds_lists_and_takes_off(browser, cast, key):
    page, path = browser.as_(cast.bob), f"/settings/privacy/{key}/"
    said = page.post(path, {"act": "add", "usernames": "carol, @dave\nnobody"}, follow=True).content.decode()
    assert "2 people are on this list" in said
    assert "Not found: @nobody" in said
    assert "@dave" in said
    page.post(path, {"act": "remove", "chosen": ["carol"]})
    assert "@carol" not in page.get(path).content.decode()
    assert "dave" in page.get(f"{path}export.csv").content.decode()
    assert json.loads(page.get(f"{path}export.json").content)["people"][0]["username"] == "dave"


def test_the_page_takes_a_file(browser, cast):
    page = browser.as_(cast.bob)
    page.post("/settings/privacy/muted/", {"act": "add", "file": a_file("dave")})
    assert is_muted(cast.bob, cast.dave)


def test_a_wrong_name_is_shown_where_it_was_typed(browser, cast):
    answer = browser.as_(cast.bob).post(
        "/settings/privacy/blocked/", {"act": "add", "usernames": "<b>dave</b>"}
    )
    assert answer.status_code == 400
    assert "&lt;b&gt;dave" in answer.content.decode()
    assert "<b>dave" not in answer.content.decode()


def test_lists_are_ones_own(browser, api, cast):
    block(cast.alice, cast.bob)
    assert names(api.as_(cast.carol), "blocks") == []
    assert browser.get("/settings/privacy/blocked/").status_code == 302
    assert api.get("/api/v1/me/blocks/export/").status_code == 401


def test_a_format_that_is_not_on_offer_is_refused_as_the_schema_says(api, cast):
    answer = api.as_(cast.bob).get("/api/v1/me/blocks/export/?format=xml")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
