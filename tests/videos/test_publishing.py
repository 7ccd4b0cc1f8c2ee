"""What an author says of a clip, when it appears, and what happens while its bytes still travel."""

import shutil
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from privacy.models import AuditEntry
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from videos import actions, uploads
from videos.models import Part, Transcode, Upload, Video

from .clips import clip

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(cast, api):
    return api.as_(cast.alice)


@pytest.fixture
def shop(make_person):
    return make_person("shop", is_business=True)


@pytest.fixture
def arriving(cast):
    """An upload of a real clip of which only some bytes have come; `arriving.finish()` sends the rest."""

    class Arriving:
        def __init__(self, person=None, seconds=1):
            self.path = clip(seconds=seconds)
            self.row = actions.create_upload(person or cast.alice, length=self.path.stat().st_size)
            uploads.path_of(self.row).write_bytes(self.path.read_bytes()[:1000])

        def finish(self, tell=True):
            shutil.copyfile(self.path, uploads.path_of(self.row))
            return actions.keep_upload(self.row) if tell else None

    return Arriving


def publish(client, upload, **body):
    return client.post("/api/v1/videos/", {"upload": upload.pk, **body}, format="json")


def shown(client, video_id):
    return client.get(f"/api/v1/videos/{video_id}/").json()


# --- Settings ---------------------------------------------------------------------------------------------------------


def test_everything_said_at_publishing_is_on_the_card(alice, api, cast, upload_of):
    body = {
        "caption": "A walk",
        "audience": "followers",
        "comments": "friends",
        "duet": "nobody",
        "stitch": "friends",
        "download": "following",
        "labels": ["ai", "sensitive"],
    }
    made = publish(alice, upload_of(cast.alice, clip(seconds=1)), **body)
    assert made.status_code == 201, made.json()
    card = shown(alice, made.json()["id"])
    assert {name: card[name] for name in body} == {**body, "labels": ["sensitive", "ai"]}
    assert (card["product"], card["remix"], card["publish_at"], card["edit"]) == (None, None, None, {})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"duet": "aliens"}, "duet"),
        ({"labels": ["funny"]}, "labels"),
        ({"publish_at": "tomorrow"}, "publish_at"),
        ({"publish_at": "2020-01-01T00:00:00Z"}, "publish_at"),
        ({"edit": {"speed": 9}}, "edit.speed"),
        ({"edit": {"colour": "red"}}, "edit.colour"),
        ({"edit": {"parts": [{"upload": "nothing"}]}}, "edit.parts.0.upload"),
        ({"edit": {"parts": [{}]}}, "edit.parts.0.upload"),
        ({"edit": {"voice": {"start": 0}}}, "edit.voice.upload"),
        ({"edit": {"sound": {"id": "12"}}}, "edit.sound.id"),
        ({"product": {"url": "https://shop.example/"}}, "product"),
    ],
)
def test_what_cannot_be_used_is_named(alice, cast, upload_of, change, field):
    answer = publish(alice, upload_of(cast.alice, clip(seconds=1)), **change)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Video.objects.exists()


def test_a_setting_changes_after_publishing_and_is_audited(alice, cast, make_video):
    video = make_video(cast.alice)
    change = {"duet": "nobody", "stitch": "friends", "download": "nobody", "labels": ["paid"]}
    answer = alice.patch(f"/api/v1/videos/{video.pk}/", change, format="json")
    assert {name: answer.json()[name] for name in change} == change
    entry = AuditEntry.objects.get(verb="video.update")
    assert entry.detail["duet"] == "nobody"
    assert entry.detail["is_paid_partnership"] is True
    assert alice.patch(f"/api/v1/videos/{video.pk}/", {"labels": []}, format="json").json()["labels"] == []


def test_a_business_links_a_product(api, shop, make_video):
    video = make_video(shop)
    client = api.as_(shop)
    product = {"title": "A  lamp", "url": "https://www.shop.example/lamp?x=1"}
    card = client.patch(f"/api/v1/videos/{video.pk}/", {"product": product}, format="json").json()
    assert card["product"] == {"title": "A lamp", "url": product["url"]}
    nameless = {"product": {"title": "", "url": product["url"]}}
    card = client.patch(f"/api/v1/videos/{video.pk}/", nameless, format="json").json()
    assert card["product"]["title"] == "shop.example"
    assert api.get(f"/api/v1/videos/{video.pk}/").json()["product"]["url"] == product["url"]
    card = client.patch(f"/api/v1/videos/{video.pk}/", {"product": None}, format="json").json()
    assert card["product"] is None


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "javascript:alert(1)",
        "https://",
        "shop.example",
        "//shop.example/",
        "https://a:b@shop.example/",
        "https://shop.example/" + "x" * 300,
        "https://shop example/",
        "https://shop.example\n/",
        "https://shop.example/\u202egnp.exe",
    ],
)
def test_a_product_link_must_be_a_plain_https_address(shop, make_video, url):
    with pytest.raises(Invalid) as refused:
        actions.update_video(shop, make_video(shop), product={"title": "x", "url": url})
    assert "product.url" in refused.value.fields


def test_a_product_goes_when_the_account_is_no_longer_a_business(api, shop, make_video):
    video = make_video(shop, product_title="Lamp", product_url="https://shop.example/")
    shop.is_business = False
    shop.save()
    assert api.get(f"/api/v1/videos/{video.pk}/").json()["product"] is None


# --- Schedules ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def scheduled(cast, make_video):
    video = make_video(
        cast.alice, state="draft", published_at=None, publish_at=timezone.now() + timedelta(hours=2)
    )
    Transcode.objects.create(video=video, state="done", as_draft=True)
    return video


def test_a_scheduled_clip_is_a_draft_until_its_hour(alice, api, cast, upload_of, work):
    then = timezone.now() + timedelta(hours=2)
    made = publish(alice, upload_of(cast.alice, clip(seconds=1)), publish_at=then.isoformat()).json()
    assert made["state"] == "draft"
    video = work(Video.objects.get(pk=made["id"]))
    assert video.state == "draft"
    address = f"/api/v1/videos/{video.pk}/"
    assert alice.get(address).json()["publish_at"]
    assert api.as_(cast.bob).get(address).status_code == 404
    assert actions.publish_due() == 0
    with time_machine.travel(then + timedelta(seconds=1)):
        assert actions.publish_due() == 1
        assert actions.publish_due() == 0
    card = api.as_(cast.bob).get(address).json()
    assert (card["state"], card["publish_at"]) == ("ready", None)
    video.refresh_from_db()
    assert video.published_at is not None
    assert video.publish_at is None


def test_a_schedule_is_kept_after_a_long_time_away(scheduled):
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert actions.publish_due() == 1
    scheduled.refresh_from_db()
    assert scheduled.state == "ready"


def test_a_schedule_moves_and_is_cancelled(alice, scheduled):
    address = f"/api/v1/videos/{scheduled.pk}/"
    later = timezone.now() + timedelta(days=3)
    assert alice.patch(address, {"publish_at": later.isoformat()}, format="json").status_code == 200
    assert actions.publish_due(timezone.now() + timedelta(hours=3)) == 0
    card = alice.patch(address, {"publish_at": None}, format="json").json()
    assert (card["publish_at"], card["state"]) == (None, "draft")
    assert actions.publish_due(later + timedelta(days=30)) == 0


def test_a_scheduled_clip_may_be_published_now(alice, api, scheduled):
    card = alice.patch(f"/api/v1/videos/{scheduled.pk}/", {"draft": False}, format="json").json()
    assert (card["state"], card["publish_at"]) == ("ready", None)


@pytest.mark.parametrize("days", [-1, 61])
def test_a_schedule_lies_within_the_next_sixty_days(cast, scheduled, days):
    with pytest.raises(Invalid) as refused:
        actions.update_video(cast.alice, scheduled, publish_at=timezone.now() + timedelta(days=days))
    assert list(refused.value.fields) == ["publish_at"]


def test_what_has_appeared_cannot_be_scheduled(alice, cast, make_video):
    video = make_video(cast.alice)
    answer = alice.patch(
        f"/api/v1/videos/{video.pk}/",
        {"publish_at": (timezone.now() + timedelta(days=1)).isoformat()},
        format="json",
    )
    assert "publish_at" in answer.json()["error"]["fields"]
    assert alice.patch(f"/api/v1/videos/{video.pk}/", {"publish_at": None}, format="json").status_code == 200


def test_a_clip_that_is_still_made_may_be_scheduled(cast, publish):
    video = publish(cast.alice, clip(seconds=1))
    actions.update_video(cast.alice, video, publish_at=timezone.now() + timedelta(hours=1))
    video.refresh_from_db()
    assert (video.state, video.transcode.as_draft) == ("draft", True)


def test_a_clip_whose_hour_comes_before_it_plays_appears_with_its_first_rendition(cast, publish, work):
    video = publish(cast.alice, clip(seconds=1), publish_at=timezone.now() + timedelta(hours=1))
    actions.publish_due(timezone.now() + timedelta(hours=2))
    video.refresh_from_db()
    assert (video.state, video.published_at) == ("processing", None)
    work(video)
    assert (video.state, video.published_at is not None) == ("ready", True)


def test_a_schedule_that_was_cancelled_meanwhile_is_not_kept(scheduled, monkeypatch):
    """Cancelled between the list and the row: the row decides."""
    real = Video.objects.select_for_update

    def cancelled(*args, **options):
        Video.objects.filter(pk=scheduled.pk).update(publish_at=None)
        return real(*args, **options)

    monkeypatch.setattr(type(Video.objects), "select_for_update", lambda self, *a, **o: cancelled(*a, **o))
    assert actions.publish_due(timezone.now() + timedelta(days=1)) == 0


# --- While bytes travel ---------------------------------------------------------------------------------------------------


def test_details_are_kept_while_bytes_travel_and_the_last_byte_queues_the_clip(alice, arriving, work):
    upload = arriving()
    made = publish(alice, upload.row, caption="On its way #sea", draft=True)
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    video = Video.objects.get(pk=made.json()["id"])
    assert video.transcode.state == "expected"
    assert work(video).state == "draft"
    assert video.renditions.count() == 0
    alice.patch(f"/api/v1/videos/{video.pk}/", {"caption": "Changed", "draft": False}, format="json")
    upload.finish()
    video.refresh_from_db()
    assert (video.transcode.state, video.caption) == ("queued", "Changed")
    assert Upload.objects.get().state == "used"
    assert work(video).state == "ready"


def test_a_clip_of_several_uploads_waits_for_all_of_them(alice, cast, arriving, upload_of, work):
    first, voice = upload_of(cast.alice, clip(seconds=1)), arriving()
    part = upload_of(cast.alice, clip("second.mp4", seconds=1))
    edit = {"parts": [{"upload": part.pk}], "voice": {"upload": voice.row.pk, "start": 0.2}}
    made = publish(alice, first, edit=edit)
    assert made.status_code == 201, made.json()
    video = Video.objects.get(pk=made.json()["id"])
    assert video.transcode.state == "expected"
    assert sorted(video.parts.values_list("role", "position")) == [("clip", 1), ("voice", 0)]
    assert video.original_bytes == first.length + part.length + voice.row.length
    voice.finish()
    video.transcode.refresh_from_db()
    assert video.transcode.state == "queued"
    video = work(video)
    assert (video.state, video.error_code) == ("ready", "")
    assert abs(video.duration_ms - 2000) < 100
    assert not Upload.objects.exists()


def test_a_server_that_died_after_the_last_byte_does_not_lose_the_clip(alice, arriving):
    upload = arriving()
    video = Video.objects.get(pk=publish(alice, upload.row).json()["id"])
    assert actions.queue_arrived() == 0
    upload.finish(tell=False)
    assert actions.queue_arrived() == 1
    assert Transcode.objects.get(video=video).state == "queued"
    assert actions.queue_arrived() == 0


def test_a_clip_is_queued_once_however_often_the_end_is_told(alice, arriving):
    upload = arriving()
    publish(alice, upload.row)
    upload.finish()
    Transcode.objects.update(state="running")
    upload.finish()
    assert Transcode.objects.get().state == "running"


def test_an_upload_that_never_arrives_fails_the_clip_and_loses_no_details(
    alice, arriving, django_capture_on_commit_callbacks
):
    upload = arriving()
    video_id = publish(alice, upload.row, caption="Words", labels=["ai"], draft=True).json()["id"]
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.expire_uploads() == 1
    card = shown(alice, video_id)
    assert (card["state"], card["error"]["code"]) == ("failed", "upload_expired")
    assert "choose the file again" in card["error"]["message"]
    assert (card["caption"], card["labels"]) == ("Words", ["ai"])
    assert not uploads.path_of(upload.row).exists()
    refused = alice.post(f"/api/v1/videos/{video_id}/retry/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "source_gone")


def test_another_file_takes_the_place_of_one_that_never_arrived(alice, cast, arriving, upload_of, work):
    upload = arriving()
    video_id = publish(alice, upload.row, caption="Words", draft=True).json()["id"]
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    actions.expire_uploads()
    body = {"upload": upload_of(cast.alice, clip(seconds=1)).pk}
    card = alice.patch(f"/api/v1/videos/{video_id}/", body, format="json").json()
    assert (card["state"], card["error"]) == ("draft", None)
    video = work(Video.objects.get(pk=video_id))
    assert (video.state, video.caption, bool(video.playlist)) == ("draft", "Words", True)
    refused = alice.patch(
        f"/api/v1/videos/{video_id}/", {"upload": upload_of(cast.alice, clip(seconds=1)).pk}, format="json"
    )
    assert refused.status_code == 409


def test_an_upload_that_a_clip_waits_for_is_not_cancelled(cast, alice, arriving):
    upload = arriving()
    publish(alice, upload.row)
    with pytest.raises(Conflict):
        actions.delete_upload(cast.alice, upload.row)


def test_deleting_a_clip_that_waits_takes_its_uploads_along(cast, alice, arriving, upload_of):
    main, part = arriving(), upload_of(cast.alice, clip(seconds=1))
    made = publish(alice, main.row, edit={"parts": [{"upload": part.pk}]}).json()
    actions.delete_video(cast.alice, Video.objects.get(pk=made["id"]))
    assert not Upload.objects.exists()


def test_nobody_elses_upload_becomes_a_part(alice, cast, upload_of):
    theirs = upload_of(cast.bob, clip(seconds=1))
    for edit in ({"parts": [{"upload": theirs.pk}]}, {"voice": {"upload": theirs.pk}}):
        answer = publish(alice, upload_of(cast.alice, clip(seconds=1)), edit=edit)
        assert answer.status_code == 400
    assert publish(alice, theirs).status_code == 404


def test_a_file_is_used_once(alice, cast, upload_of):
    first, second = (upload_of(cast.alice, clip(seconds=1)) for _n in range(2))
    for parts in ([{"upload": first.pk}], [{"upload": second.pk}, {"upload": second.pk}]):
        assert publish(alice, first, edit={"parts": parts}).status_code == 400
    assert publish(alice, first, edit={"parts": [{"upload": second.pk}]}).status_code == 201
    assert publish(alice, second).status_code == 409
    third = upload_of(cast.alice, clip(seconds=1))
    assert publish(alice, third, edit={"parts": [{"upload": second.pk}]}).status_code == 400


def test_unfinished_uploads_are_listed_for_another_browser(alice, api, cast, arriving):
    upload, other = arriving(), arriving(cast.bob)
    video_id = publish(alice, upload.row, draft=True).json()["id"]
    answer = alice.get("/api/v1/uploads/").json()
    assert len(answer["results"]) == 1
    one = answer["results"][0]
    assert (one["id"], one["offset"], one["length"]) == (upload.row.pk, 1000, upload.row.length)
    assert (one["video"], one["url"]) == (video_id, f"/api/v1/uploads/{upload.row.pk}")
    assert answer["quota"]["limit"] is None
    assert api.as_(cast.bob).get("/api/v1/uploads/").json()["results"][0]["id"] == other.row.pk
    upload.finish()
    assert alice.get("/api/v1/uploads/").json()["results"] == []


# --- Editing again ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(cast, publish, work):
    """A clip of three seconds by alice, finished."""
    return work(publish(cast.alice, clip(seconds=3)))


def test_a_new_edit_makes_the_clip_again_while_the_old_one_plays(alice, made, work):
    address = f"/api/v1/videos/{made.pk}/"
    before = alice.get(address).json()["playback"]["mp4"]
    answer = alice.patch(address, {"edit": {"trim": {"start": 0, "end": 1.5}}}, format="json")
    assert answer.status_code == 200, answer.json()
    assert answer.json()["edit"] == {"version": 1, "trim": {"end": 1.5}}
    made.refresh_from_db()
    assert (made.revision, made.state, made.transcode.state) == (1, "ready", "queued")
    assert [f["height"] for f in alice.get(address).json()["playback"]["mp4"]] == [
        f["height"] for f in before
    ]
    work(made)
    assert (made.state, abs(made.duration_ms - 1500) < 100) == ("ready", True)
    assert set(made.renditions.values_list("revision", flat=True)) == {1}


def test_the_same_edit_again_makes_nothing(cast, made):
    actions.update_video(cast.alice, made, edit={"speed": 1.0})
    made.refresh_from_db()
    assert (made.revision, made.transcode.state) == (0, "done")


def test_a_part_is_added_and_taken_away_again(alice, cast, made, upload_of, work):
    address = f"/api/v1/videos/{made.pk}/"
    more = upload_of(cast.alice, clip("second.mp4", seconds=1))
    assert alice.patch(address, {"edit": {"parts": [{"upload": more.pk}]}}, format="json").status_code == 200
    assert abs(work(made).duration_ms - 4000) < 100
    kept = Part.objects.get()
    again = upload_of(cast.alice, clip("third.mp4", seconds=2))
    edit = {"parts": [{"upload": again.pk}, {"part": 1, "trim": {"start": 0, "end": 0.5}}]}
    assert alice.patch(address, {"edit": edit}, format="json").status_code == 200
    assert abs(work(made).duration_ms - 5500) < 100
    assert Part.objects.get(position=2).pk == kept.pk
    assert alice.patch(address, {"edit": {}}, format="json").status_code == 200
    assert abs(work(made).duration_ms - 3000) < 100
    assert not Part.objects.exists()
    assert not Upload.objects.exists()


def test_a_clip_that_plays_is_not_made_again_of_a_file_that_still_travels(alice, made, arriving):
    answer = alice.patch(
        f"/api/v1/videos/{made.pk}/", {"edit": {"parts": [{"upload": arriving().row.pk}]}}, format="json"
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "incomplete")


def test_an_edit_changes_while_its_file_travels(alice, arriving, work):
    upload = arriving(seconds=3)
    made = Video.objects.get(pk=publish(alice, upload.row, draft=True).json()["id"])
    alice.patch(f"/api/v1/videos/{made.pk}/", {"edit": {"trim": {"start": 1, "end": 2}}}, format="json")
    made.refresh_from_db()
    assert (made.revision, made.transcode.state) == (0, "expected")
    upload.finish()
    assert abs(work(made).duration_ms - 1000) < 100


def test_only_the_author_edits(api, cast, made):
    for person, status in ((cast.bob, 403), (cast.mallory, 404)):
        answer = api.as_(person).patch(f"/api/v1/videos/{made.pk}/", {"edit": {"speed": 2}}, format="json")
        assert answer.status_code == status
    with pytest.raises(Forbidden):
        actions.update_video(cast.bob, made, edit={"speed": 2})
    assert made.transcode.state == "done"


def test_the_edit_and_the_schedule_are_for_the_author_only(api, cast, made, alice):
    actions.update_video(cast.alice, made, edit={"speed": 2})
    card = api.as_(cast.bob).get(f"/api/v1/videos/{made.pk}/").json()
    assert (card["edit"], card["publish_at"]) == (None, None)


# --- Room -------------------------------------------------------------------------------------------------------------------


def test_the_quota_counts_what_lies_here_and_what_is_announced(cast, settings, make_video):
    settings.UPLOAD_QUOTA_MB = 10
    video = make_video(cast.alice, original_bytes=4 << 20)  # and a rendition of 62,500 bytes
    actions.create_upload(cast.alice, length=5 << 20)
    with pytest.raises(TooLarge) as refused:
        actions.create_upload(cast.alice, length=1 << 20)
    assert refused.value.code == "quota_full"
    assert "9 of your 10 MB" in str(refused.value.message)
    actions.create_upload(cast.alice, length=900_000)
    actions.create_upload(cast.bob, length=9 << 20)
    actions.delete_video(cast.alice, video)
    actions.create_upload(cast.alice, length=1 << 20)


def test_the_quota_is_told(alice, cast, settings, make_video):
    settings.UPLOAD_QUOTA_MB = 10
    make_video(cast.alice, original_bytes=1000)
    make_video(cast.alice, original_bytes=5000, state="removed")
    assert alice.get("/api/v1/uploads/").json()["quota"] == {"used": 63_500, "limit": 10 << 20}


def test_publishing_what_was_announced_needs_no_further_room(alice, cast, settings, upload_of):
    path = clip(seconds=1)
    settings.UPLOAD_QUOTA_MB = 1
    assert path.stat().st_size > 100_000
    assert publish(alice, upload_of(cast.alice, path)).status_code == 201


def test_absent_and_others_uploads_answer_alike(alice, cast, upload_of):
    theirs = publish(alice, upload_of(cast.bob, clip(seconds=1)))
    none = alice.post("/api/v1/videos/", {"upload": "nothing"}, format="json")
    assert (theirs.status_code, theirs.content) == (404, none.content)
    with pytest.raises(NotFound):
        actions.publish_video(cast.alice, upload=Upload.objects.get())
