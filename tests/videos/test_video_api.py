"""Clips over the API: the contract's shapes, and the right refusal for everybody else."""

import pytest

from socialapp.lib.ratelimit import limit
from videos import actions
from videos.models import Comment, Like, Sound, Transcode, Video

pytestmark = pytest.mark.django_db

CONTRACT = {
    "id", "url", "author", "caption", "tags", "audience", "state", "progress", "error", "duration", "width", "height",
    "cover", "blurhash", "playback", "sound", "counts", "viewer", "published_at",
}  # fmt: skip


@pytest.fixture
def clip(cast, make_video):
    return make_video(
        cast.alice,
        caption="Harbour at #Dusk with @bob",
        sound=Sound.objects.create(title="Waves", owner=cast.alice),
    )


def test_a_clip_has_the_contracts_shape(api, cast, clip):
    answer = api.as_(cast.bob).get(f"/api/v1/videos/{clip.pk}/")
    assert answer.status_code == 200
    shown = answer.json()
    assert set(shown) >= CONTRACT
    assert shown["id"] == str(clip.pk)
    assert shown["url"] == f"/@alice/video/{clip.pk}/"
    assert shown["author"]["username"] == "alice"
    assert shown["author"]["relation"] == {"following": "yes", "follows_me": False, "blocked": False}
    assert shown["tags"] == ["dusk"]
    assert shown["playback"]["hls"].startswith("/media/")
    assert [file["height"] for file in shown["playback"]["mp4"]] == [640]
    assert shown["sound"]["title"] == "Waves"
    assert shown["counts"] == {"views": 0, "likes": 0, "comments": 0, "shares": 0, "saves": 0}
    assert shown["viewer"] == {
        "liked": False,
        "saved": False,
        "own": False,
        "may_comment": True,
        "may_duet": True,
        "may_stitch": True,
        "may_download": True,
        "may_invite": True,
        "may_use_sound": False,  # its file was not extracted
    }
    assert shown["published_at"].endswith("Z")
    assert shown["duration"] == 1.0


def test_visitors_may_read_a_public_clip(api, clip):
    shown = api.get(f"/api/v1/videos/{clip.pk}/").json()
    assert not any(shown["viewer"].values())


def test_progress_and_failure_are_told_to_the_author_only(api, cast, make_video):
    running = make_video(cast.alice, state="processing")
    Transcode.objects.create(video=running, state="running", stage="ladder", percent=40)
    failed = make_video(cast.alice, state="failed", error_code="no_video", playlist="")
    mine = api.as_(cast.alice)
    assert mine.get(f"/api/v1/videos/{running.pk}/").json()["progress"] == {"stage": "ladder", "percent": 40}
    error = mine.get(f"/api/v1/videos/{failed.pk}/").json()["error"]
    assert error["code"] == "no_video"
    assert error["message"]
    shown = api.as_(cast.bob).get(f"/api/v1/videos/{running.pk}/").json()
    assert (shown["state"], shown["progress"], shown["error"]) == ("processing", None, None)
    assert api.as_(cast.bob).get(f"/api/v1/videos/{failed.pk}/").status_code == 404


def test_hidden_and_absent_answer_alike(api, cast, make_video):
    hidden = make_video(cast.alice, audience="only_me")
    answers = [api.as_(cast.bob).get(f"/api/v1/videos/{n}/") for n in (hidden.pk, 1, "nonsense", "9" * 30)]
    assert {a.status_code for a in answers} == {404}
    assert len({a.content for a in answers}) == 1


@pytest.mark.parametrize("what", ["like", "save", "not-interested"])
def test_toggles_may_be_repeated(api, cast, clip, what):
    client = api.as_(cast.bob)
    address = f"/api/v1/videos/{clip.pk}/{what}/"
    first, again = client.post(address).json(), client.post(address).json()
    assert again | {"before": None} == first | {"before": None}, "only what stood there before differs"
    assert client.delete(address).json() == client.delete(address).json()
    assert api.post(address).status_code == 401
    assert api.as_(cast.mallory).post(address).status_code == 404


def test_a_like_shows_in_the_clip(api, cast, clip):
    client = api.as_(cast.bob)
    assert client.post(f"/api/v1/videos/{clip.pk}/like/").json() == {"liked": True, "likes": 1}
    shown = client.get(f"/api/v1/videos/{clip.pk}/").json()
    assert shown["viewer"]["liked"]
    assert shown["counts"]["likes"] == 1
    assert client.delete(f"/api/v1/videos/{clip.pk}/like/").json() == {"liked": False, "likes": 0}


def test_a_forged_request_changes_nothing(clip, cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(f"/api/v1/videos/{clip.pk}/like/").status_code == 403
    assert not Like.objects.exists()


def test_the_author_changes_a_clip(api, cast, clip):
    answer = api.as_(cast.alice).patch(
        f"/api/v1/videos/{clip.pk}/", {"caption": "New #words", "audience": "friends"}, format="json"
    )
    assert (answer.json()["tags"], answer.json()["audience"]) == (["words"], "friends")
    assert api.as_(cast.bob).get(f"/api/v1/videos/{clip.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [({"audience": "aliens"}, "audience"), ({"caption": "x" * 2201}, "caption"), ({"likes": 9}, "likes")],
)
def test_a_wrong_change_names_the_field(api, cast, clip, body, field):
    answer = api.as_(cast.alice).patch(f"/api/v1/videos/{clip.pk}/", body, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_a_draft_is_published_by_its_author(api, cast, make_video):
    draft = make_video(cast.alice, state="draft", published_at=None)
    Transcode.objects.create(video=draft, state="done", stage="done", percent=100)
    address = f"/api/v1/videos/{draft.pk}/"
    assert api.as_(cast.bob).get(address).status_code == 404
    assert api.as_(cast.alice).patch(address, {"draft": True}, format="json").status_code == 400
    published = api.as_(cast.alice).patch(address, {"draft": False, "caption": "Now"}, format="json").json()
    assert (published["state"], published["caption"]) == ("ready", "Now")
    assert published["published_at"]
    assert api.as_(cast.bob).get(address).status_code == 200


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_only_the_author_changes_or_deletes(api, cast, clip, verb):
    address = f"/api/v1/videos/{clip.pk}/"
    assert getattr(api, verb)(address, {}, format="json").status_code == 401
    assert getattr(api.as_(cast.bob), verb)(address, {}, format="json").status_code == 403
    assert getattr(api.as_(cast.mallory), verb)(address, {}, format="json").status_code == 404
    assert Video.objects.filter(pk=clip.pk).exists()


def test_the_author_deletes_a_clip(api, cast, clip):
    assert api.as_(cast.alice).delete(f"/api/v1/videos/{clip.pk}/").status_code == 204
    assert api.as_(cast.alice).get(f"/api/v1/videos/{clip.pk}/").status_code == 404


def test_a_conversation_below_a_clip(api, cast, clip):
    bob, alice = api.as_(cast.bob), api.as_(cast.alice)
    list_address = f"/api/v1/videos/{clip.pk}/comments/"
    said = bob.post(list_address, {"text": "What light"}, format="json")
    assert said.status_code == 201
    comment = said.json()
    assert {name for name, value in comment["viewer"].items() if value} == {"own", "may_delete"}
    reply = alice.post(list_address, {"text": "Thank you", "reply_to": comment["id"]}, format="json").json()
    assert (reply["reply_to"], reply["author"]["is_creator"]) == (comment["id"], True)
    listed = api.get(list_address).json()["results"]
    assert [(c["id"], c["counts"]["replies"]) for c in listed] == [(comment["id"], 1)]
    replies = api.get(list_address, {"parent": comment["id"]}).json()["results"]
    assert [c["text"] for c in replies] == ["Thank you"]

    own = f"/api/v1/comments/{comment['id']}/"
    assert bob.patch(own, {"text": "What a light"}, format="json").json()["edited"]
    assert alice.patch(own, {"text": "Mine"}, format="json").status_code == 403
    assert alice.post(own + "like/").json() == {"liked": True, "likes": 1}
    assert alice.delete(own + "like/").json() == {"liked": False, "likes": 0}
    assert alice.post(own + "pin/").json() == {"pinned": True}
    assert bob.post(own + "pin/").status_code == 403
    assert alice.delete(own + "pin/").json() == {"pinned": False}
    assert api.as_(cast.dave).delete(own).status_code == 403
    assert alice.delete(own).status_code == 204
    assert not Comment.objects.exists()
    assert bob.get(own).status_code == 404


def test_the_same_key_writes_one_comment(api, cast, clip):
    client = api.as_(cast.bob)
    answers = [
        client.post(
            f"/api/v1/videos/{clip.pk}/comments/",
            {"text": "Once"},
            format="json",
            headers={"Idempotency-Key": "k1"},
        )
        for _n in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Comment.objects.count() == 1


def test_closed_comments_are_refused_with_a_sentence(api, cast, make_video):
    clip = make_video(cast.alice, comments="nobody")
    answer = api.as_(cast.bob).post(f"/api/v1/videos/{clip.pk}/comments/", {"text": "Hi"}, format="json")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "comments_closed"
    assert not api.as_(cast.bob).get(f"/api/v1/videos/{clip.pk}/").json()["viewer"]["may_comment"]


def test_too_many_comments_say_when_to_come_back(api, cast, clip, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "comment": "1/60"}
    limit("comment", cast.bob.pk)
    answer = api.as_(cast.bob).post(f"/api/v1/videos/{clip.pk}/comments/", {"text": "Hi"}, format="json")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7.5, "x": 1}, {"text": "Hi", "reply_to": "1"}])
def test_a_comment_that_makes_no_sense_is_refused(api, cast, clip, body):
    answer = api.as_(cast.bob).post(f"/api/v1/videos/{clip.pk}/comments/", body, format="json")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


def test_sharing_answers_with_the_address(api, cast, clip, settings):
    client = api.as_(cast.bob)
    answer = client.post(f"/api/v1/videos/{clip.pk}/share/", {"channel": "link"}, format="json")
    assert answer.json() == {"url": f"{settings.BASE_URL}/@alice/video/{clip.pk}/"}
    assert client.post(f"/api/v1/videos/{clip.pk}/share/", {"channel": "x"}, format="json").status_code == 400


def test_why_gives_reasons(api, cast, clip):
    kinds = [r["kind"] for r in api.as_(cast.bob).get(f"/api/v1/videos/{clip.pk}/why/").json()["reasons"]]
    assert kinds == ["following", "fresh"]


@pytest.mark.parametrize(
    ("name", "visitors"), [("for-you", 200), ("explore", 200), ("following", 401), ("friends", 401)]
)
def test_feeds_answer_in_pages(api, cast, clip, name, visitors):
    assert api.get(f"/api/v1/feeds/{name}/").status_code == visitors
    answer = api.as_(cast.carol).get(f"/api/v1/feeds/{name}/").json()
    assert [c["id"] for c in answer["results"]] == [str(clip.pk)]
    assert answer["next"] is None


@pytest.mark.parametrize("name", ["for-you", "explore", "following", "friends"])
def test_a_forged_cursor_is_refused_with_a_sentence(api, cast, clip, name):
    answer = api.as_(cast.bob).get(f"/api/v1/feeds/{name}/?cursor=nonsense")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_cursor"


def test_next_leads_to_the_next_page(api, cast, make_video):
    clips = {str(make_video(cast.alice).pk) for _n in range(25)}
    client, address, seen = api.as_(cast.bob), "/api/v1/users/ALICE/videos/", []
    while address:
        answer = client.get(address).json()
        seen += [c["id"] for c in answer["results"]]
        address = answer["next"]
    assert len(seen) == 25
    assert set(seen) == clips


def test_a_persons_tags_and_sounds_lists_pass_the_gate(api, cast, clip, make_video):
    from videos.hashtags import apply_tags

    secret = make_video(cast.alice, caption="#dusk canary", audience="friends", sound=clip.sound)
    for video in (clip, secret):
        apply_tags(video)
    for address in (
        "users/alice/videos/",
        "tags/DUSK/videos/",
        f"sounds/{clip.sound.pk}/videos/",
        "search/?q=dusk",
    ):
        assert [c["id"] for c in api.as_(cast.dave).get(f"/api/v1/{address}").json()["results"]] == [
            str(clip.pk)
        ]
        assert len(api.as_(cast.carol).get(f"/api/v1/{address}").json()["results"]) == 2
    assert api.as_(cast.mallory).get("/api/v1/users/alice/videos/").status_code == 404
    assert api.as_(cast.mallory).get(f"/api/v1/sounds/{clip.sound.pk}/videos/").status_code == 404
    assert api.as_(cast.mallory).get("/api/v1/tags/dusk/videos/").json()["results"] == []


def test_search_finds_what_one_may_find(api, cast, clip, make_video):
    from videos.hashtags import apply_tags

    apply_tags(clip)
    apply_tags(make_video(cast.alice, caption="#duskcanary", audience="only_me"))
    cast.carol.privacy.findable = False
    cast.carol.privacy.save()
    dave = api.as_(cast.dave)

    def found(kind, text):
        return [
            r.get("username") or r.get("name") or r.get("title") or r["id"]
            for r in dave.get("/api/v1/search/", {"q": text, "type": kind}).json()["results"]
        ]

    assert found("people", "@ali") == ["alice"]
    assert found("people", "carol") == []
    assert found("videos", "harbour DUSK") == [str(clip.pk)]
    assert found("videos", "harbour noon") == []
    assert found("tags", "#dus") == ["dusk"]
    assert found("sounds", "wave") == ["Waves"]
    assert found("tags", "  ") == []
    assert dave.get("/api/v1/search/", {"q": "x", "type": "ships"}).status_code == 400
    assert dave.get("/api/v1/search/", {"q": "\x00%_\\ '"}).status_code == 200


def test_things_can_be_reported_only_by_who_sees_them(api, cast, clip, make_video):
    said = actions.comment(cast.bob, clip, "Rude")
    for kind, pk in (("video", clip.pk), ("comment", said.pk), ("sound", clip.sound_id)):
        body = {"target": {"type": kind, "id": str(pk)}, "reason": "spam"}
        assert api.as_(cast.mallory).post("/api/v1/reports/", body, format="json").status_code == 404
        assert api.as_(cast.dave).post("/api/v1/reports/", body, format="json").status_code == 201
