"""What people tell their feeds, by the API: on a clip, without one, the list of it, and how each is taken back."""

import pytest

from privacy.models import Block
from videos import feed
from videos.hashtags import apply_tags
from videos.models import Preference, Sound


@pytest.fixture
def clip(cast, make_video):
    """alice's public clip with a sound and the tag "sea"."""
    video = make_video(
        cast.alice, caption="Morning #sea", sound=Sound.objects.create(owner=cast.alice, title="Waves")
    )
    apply_tags(video)
    return video


@pytest.mark.parametrize(("way", "stance"), [("more", "more"), ("less", "less"), ("not-interested", "hide")])
@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "Morning #sea"),
        ({"of": "author"}, "alice"),
        ({"of": "sound"}, "Waves"),
        ({"of": "tag", "tag": "#Sea"}, "sea"),
    ],
)
def test_a_word_on_a_clip_says_what_it_is_about(api, cast, clip, way, stance, body, name):
    answer = api.as_(cast.dave).post(f"/api/v1/videos/{clip.pk}/{way}/", body, format="json")
    kept = answer.json()["preference"]
    assert (answer.status_code, kept["stance"], kept["of"], kept["name"]) == (
        200,
        stance,
        body.get("of", "clip"),
        name,
    )


@pytest.mark.parametrize("way", ["less", "not-interested"])
def test_a_new_word_says_what_it_replaced_and_an_undo_restores_it(api, cast, clip, way):
    client = api.as_(cast.dave)
    said = client.post(f"/api/v1/videos/{clip.pk}/more/", {}, format="json").json()
    assert said["before"] is None
    again = client.post(f"/api/v1/videos/{clip.pk}/{way}/", {}, format="json").json()
    assert again["before"] == "more"
    address = f"/api/v1/preferences/{again['preference']['id']}/"
    assert client.delete(f"{address}?back_to=never").status_code == 400
    assert client.delete(f"{address}?back_to=more").status_code == 204
    assert Preference.objects.get().stance == "more"


@pytest.mark.parametrize("way", ["more", "less", "not-interested"])
def test_a_word_on_a_clip_is_taken_back(api, cast, clip, way):
    client = api.as_(cast.dave)
    client.post(f"/api/v1/videos/{clip.pk}/{way}/", {"of": "tag", "tag": "sea"}, format="json")
    assert client.delete(f"/api/v1/videos/{clip.pk}/{way}/").status_code in (200, 204)
    assert Preference.objects.count() == 1  # that was about the clip itself
    client.delete(f"/api/v1/videos/{clip.pk}/{way}/?of=tag&tag=sea")
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"of": "tag", "tag": "mountains"}, 404),
        ({"of": "tag"}, 404),
        ({"of": "planet"}, 400),
        ({"planet": "Mars"}, 400),
    ],
)
def test_a_word_about_what_the_clip_has_not_is_refused(api, cast, clip, body, status):
    answer = api.as_(cast.dave).post(f"/api/v1/videos/{clip.pk}/more/", body, format="json")
    assert (answer.status_code, Preference.objects.count()) == (status, 0)


def test_a_clip_without_sound_has_none_to_hide(api, cast, make_video):
    silent = make_video(cast.alice)
    answer = api.as_(cast.dave).post(
        f"/api/v1/videos/{silent.pk}/not-interested/", {"of": "sound"}, format="json"
    )
    assert answer.status_code == 404


def test_one_is_not_uninterested_in_oneself(api, cast, clip):
    answer = api.as_(cast.alice).post(
        f"/api/v1/videos/{clip.pk}/not-interested/", {"of": "author"}, format="json"
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "own")


@pytest.mark.parametrize("of", ["clip", "author", "sound", "tag"])
def test_the_same_words_need_no_clip_at_hand(api, cast, clip, of):
    subject = {"clip": clip.pk, "author": cast.alice.pk, "sound": clip.sound_id, "tag": "sea"}[of]
    client = api.as_(cast.dave)
    answer = client.post(
        "/api/v1/preferences/", {"stance": "hide", "of": of, "subject": str(subject)}, format="json"
    )
    assert (answer.status_code, answer.json()["preference"]["of"]) == (200, of)
    assert clip not in feed.for_you(cast.dave).items


@pytest.mark.parametrize("of", ["clip", "author", "sound", "tag"])
def test_what_one_may_not_meet_is_not_found(api, cast, clip, of):
    subject = {"clip": clip.pk, "author": cast.alice.pk, "sound": clip.sound_id, "tag": "sea"}[of]
    answer = api.as_(cast.mallory).post(
        "/api/v1/preferences/", {"stance": "less", "of": of, "subject": str(subject)}, format="json"
    )
    assert (answer.status_code, Preference.objects.count()) == (404, 0)


def test_the_list_is_ones_own_newest_first(api, cast, clip):
    client = api.as_(cast.dave)
    for way, body in (
        ("more", {}),
        ("less", {"of": "author"}),
        ("not-interested", {"of": "tag", "tag": "sea"}),
    ):
        client.post(f"/api/v1/videos/{clip.pk}/{way}/", body, format="json")
    rows = client.get("/api/v1/preferences/").json()["results"]
    assert [(row["stance"], row["of"]) for row in rows] == [
        ("hide", "tag"),
        ("less", "author"),
        ("more", "clip"),
    ]
    assert api.as_(cast.bob).get("/api/v1/preferences/").json()["results"] == []


def test_what_is_hidden_by_now_has_no_name_and_can_still_be_taken_back(api, cast, clip):
    client = api.as_(cast.dave)
    for body in ({}, {"of": "author"}, {"of": "sound"}):
        client.post(f"/api/v1/videos/{clip.pk}/less/", body, format="json")
    Block.objects.create(blocker=cast.alice, blocked=cast.dave)
    rows = client.get("/api/v1/preferences/").json()["results"]
    assert {(row["subject"], row["name"], row["url"], row["cover"]) for row in rows} == {
        (None, "", None, None)
    }
    for row in rows:
        assert client.delete(f"/api/v1/preferences/{row['id']}/").status_code == 204
    assert not Preference.objects.exists()


def test_the_list_costs_the_same_for_many(api, cast, make_video, django_assert_max_num_queries):
    client = api.as_(cast.dave)
    for _ in range(6):
        client.post(f"/api/v1/videos/{make_video(cast.alice).pk}/more/", {}, format="json")
    with django_assert_max_num_queries(8):  # session, person, the page, what it is about
        assert len(client.get("/api/v1/preferences/").json()["results"]) == 6


def test_somebody_elses_word_is_not_there(api, cast, clip):
    api.as_(cast.dave).post(f"/api/v1/videos/{clip.pk}/more/", {}, format="json")
    row = Preference.objects.get()
    assert api.as_(cast.bob).delete(f"/api/v1/preferences/{row.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/feeds/for-you/", "/?fragment=1"])
def test_a_feed_chosen_anew_leaves_out_what_is_on_the_screen(api, cast, make_video, path):
    clips = [make_video(cast.alice) for _ in range(5)]
    shown = f"{clips[0].pk},{clips[3].pk},nothing,-5"
    text = api.as_(cast.dave).get(path, {"shown": shown, "fragment": "1"}).content.decode()
    assert [str(clip.pk) in text for clip in clips] == [False, True, True, False, True]


def test_steering_again_shows_on_the_page_that_is_chosen_anew(api, cast, clip, make_video):
    other = make_video(cast.carol)
    client = api.as_(cast.dave)
    client.post(f"/api/v1/videos/{clip.pk}/not-interested/", {"of": "author"}, format="json")
    results = client.get("/api/v1/feeds/for-you/", {"shown": "1"}).json()["results"]
    assert [row["id"] for row in results] == [str(other.pk)]
