"""What is suggested while somebody writes, and the texts that the editor shows: only what may be seen, few queries, limits."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from privacy.actions import block, update_privacy
from videos import access, actions
from videos.hashtags import apply_tags

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def tagged(make_video):
    def make(author, caption, **fields):
        video = make_video(author, caption=caption, **fields)
        apply_tags(video)
        return video

    return make


def tags(client, text):
    return [row["name"] for row in client.get(f"/api/v1/autocomplete/?type=tags&q={text}").json()["results"]]


def people(client, text):
    answer = client.get(f"/api/v1/autocomplete/?type=people&q={text}")
    return [row["username"] for row in answer.json()["results"]]


def test_tags_are_suggested_by_their_beginning_the_most_used_first(api, cast, tagged):
    tagged(cast.alice, "#sea #seagull #search #deep_sea")
    tagged(cast.alice, "#seagull #SEA")
    tagged(cast.alice, "#seagull")
    client = api.as_(cast.bob)
    assert tags(client, "sea") == ["seagull", "sea", "search"]
    assert tags(client, "%23SEAG") == ["seagull"]
    assert tags(client, "") == []
    assert tags(client, "%25") == []
    assert api.get("/api/v1/autocomplete/?q=sea").status_code == 401


def test_a_tag_of_hidden_clips_is_not_suggested(api, cast, tagged):
    tagged(cast.alice, "#secretfriends", audience="friends")
    tagged(cast.alice, "#secretdraft", state="draft", published_at=None)
    assert tags(api.as_(cast.bob), "secret") == []
    assert tags(api.as_(cast.carol), "secret") == ["secretfriends"]
    assert "videos" not in api.as_(cast.carol).get("/api/v1/autocomplete/?q=secret").json()["results"][0]


def test_letters_of_any_script_begin_a_tag(api, cast, tagged):
    tagged(cast.alice, "#море #été #日本")
    client = api.as_(cast.bob)
    assert tags(client, "мо") == ["море"]
    assert tags(client, "ét") == ["été"]
    assert tags(client, "日") == ["日本"]


def test_people_are_suggested_by_their_name_those_one_follows_first(api, cast, make_person):
    make_person("alina", followers_count=900)
    make_person("Alibaba", followers_count=5)
    assert people(api.as_(cast.bob), "ALI") == ["alice", "alina", "Alibaba"]
    assert people(api.as_(cast.bob), "@bo") == []


def test_whoever_may_not_be_mentioned_is_not_suggested(api, cast):
    client = api.as_(cast.dave)
    assert people(client, "alice") == ["alice"]
    update_privacy(cast.alice, mention_audience="friends")
    assert people(client, "alice") == []
    assert people(api.as_(cast.carol), "alice") == ["alice"]


def test_whoever_is_not_to_be_found_is_suggested_to_followers_only(api, cast):
    update_privacy(cast.alice, findable=False)
    assert people(api.as_(cast.dave), "alice") == []
    assert people(api.as_(cast.bob), "alice") == ["alice"]


def test_blocked_and_absent_people_are_not_suggested(api, cast):
    assert people(api.as_(cast.mallory), "alice") == []
    block(cast.dave, cast.carol)
    assert people(api.as_(cast.dave), "carol") == []
    cast.bob.is_active = False
    cast.bob.save()
    assert people(api.as_(cast.dave), "bob") == []


def test_suggestions_cost_few_queries_however_many_match(cast, tagged, make_person):
    for n in range(30):
        make_person(f"many{n}")
        tagged(cast.alice, f"#many{n}")
    with CaptureQueriesContext(connection) as asked:
        assert len(access.suggest_tags(cast.bob, "many")) == 8
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert len(access.suggest_people(cast.bob, "many")) == 8
    assert len(asked) == 2  # the people with what they allow; the viewer's ties to them


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads LIKE by an index of its own kind")
def test_a_prefix_reads_an_index(cast):
    from videos.models import Tag

    plan = Tag.objects.filter(access.starts_with("name", "sea")).explain()
    assert "SEARCH" in plan
    assert "name>" in plan


def test_suggestions_are_limited(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "suggest": "2/60"}
    client = api.as_(cast.bob)
    codes = [client.get("/api/v1/autocomplete/?q=sea").status_code for _n in range(3)]
    assert codes == [200, 200, 429]


# --- Drawn texts ----------------------------------------------------------------------------------------------------------

TEXT = {"text": "Hello 🎉", "x": 0.5, "y": 0.5, "size": 0.1, "width": 180, "height": 320}


def draw(client, **change):
    return client.post(
        "/api/v1/text-layers/", {**TEXT, **change}, format="json", headers={"Accept": "image/png"}
    )


def test_a_text_is_drawn_on_a_frame_as_the_render_draws_it(api, cast):
    from videos import edits, lettering

    answer = draw(api.as_(cast.bob))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.size, picture.mode) == ((180, 320), "RGBA")
    layer = lettering.draw(
        edits.parse_text({k: v for k, v in TEXT.items() if k not in ("width", "height")}), 180, 320
    )
    expected = Image.new("RGBA", (180, 320))
    expected.paste(layer.image, (layer.left, layer.top))
    assert picture.tobytes() == expected.tobytes()
    assert picture.getbbox() is not None


def test_the_same_text_is_drawn_once(api, cast, monkeypatch):
    from videos import lettering

    client = api.as_(cast.bob)
    first = draw(client).content
    monkeypatch.setattr(lettering, "draw", None)
    assert draw(client).content == first


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \x00 "}, "text"),
        ({"text": "x" * 201}, "text.text"),
        ({"width": 4000}, "width"),
        ({"height": 1}, "height"),
        ({"size": 5}, "text.size"),
        ({"color": "red"}, "text.color"),
        ({"font": "/etc/passwd"}, "font"),
        ({"colour": "x"}, "colour"),
    ],
)
def test_a_text_that_cannot_be_drawn_is_refused(api, cast, change, field):
    answer = draw(api.as_(cast.bob), **change)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_drawing_is_for_people_who_are_logged_in_and_limited(api, cast, settings):
    assert draw(api).status_code == 401
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "text_layer": "1/60"}
    client = api.as_(cast.bob)
    assert [draw(client).status_code for _n in range(2)] == [200, 429]


def test_a_person_of_another_clip_hears_nothing_of_a_draft(api, cast, tagged):
    """A draft's tags appear in suggestions only once it is published."""
    video = tagged(cast.alice, "#soon", state="draft", published_at=None)
    assert tags(api.as_(cast.bob), "soon") == []
    actions.publish_draft(cast.alice, video)
    assert tags(api.as_(cast.bob), "soon") == ["soon"]


@pytest.mark.parametrize("method", ["get", "head", "delete", "patch"])
@pytest.mark.parametrize(
    "path",
    [
        "autocomplete/?q=%00",
        "autocomplete/?type=people&q=%00",
        "sounds/?q=%00",
        "sounds/%00/",
        "videos/ID/captions/%00/",
        "uploads/%00",
    ],
)
def test_letters_that_no_database_takes_are_nobodys_error(api, cast, make_video, method, path):
    client = api.as_(cast.alice)
    path = path.replace("ID", str(make_video(cast.alice).pk))
    tus = {"Tus-Resumable": "1.0.0"}
    assert getattr(client, method)(f"/api/v1/{path}", headers=tus).status_code < 500


@pytest.mark.parametrize("name", ["a\x00b", "a/../b", "é", {"a": 1}, True, 7])
def test_an_uploads_name_that_cannot_be_one_is_refused(api, cast, name):
    upload = actions.create_upload(cast.alice, length=10)
    for edit in ({"parts": [{"upload": name}]}, {"voice": {"upload": name}}):
        answer = api.as_(cast.alice).post(
            "/api/v1/videos/", {"upload": upload.pk, "edit": edit}, format="json"
        )
        assert answer.status_code == 400
