"""tus, verb by verb, as Django's views answer it. The streamed PATCH and a foreign client are in test_upload_live.py."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from videos import tus, uploads
from videos.actions import expire_uploads
from videos.models import Upload
from videos.uploads import Writer

TUS = {"Tus-Resumable": "1.0.0"}
DATA = b"0123456789" * 10


def metadata(**fields):
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in fields.items())


@pytest.fixture
def alice(cast, api):
    return api.as_(cast.alice)


def create(client, length=100, **headers):
    return client.post("/api/v1/uploads/", headers={**TUS, "Upload-Length": str(length), **headers})


@pytest.fixture
def address(alice):
    return create(alice)["Location"].removeprefix("http://testserver")


def patch(client, address, data, offset, **headers):
    return client.generic(
        "PATCH",
        address,
        data,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": str(offset), **headers},
    )


def row(address):
    return Upload.objects.get(pk=address.rpartition("/")[2])


def test_creation(alice, cast):
    response = create(
        alice,
        **{"Upload-Metadata": metadata(filename="../../my walk.mp4", filetype="video/mp4") + ",is_private"},
    )
    assert response.status_code == 201
    assert response["Tus-Resumable"] == "1.0.0"
    assert response["Upload-Offset"] == "0"
    assert response["Upload-Expires"].endswith("GMT")
    upload = row(response["Location"])
    assert (upload.owner, upload.length, upload.filename, upload.filetype) == (
        cast.alice,
        100,
        "my walk.mp4",
        "video/mp4",
    )
    asked = alice.head(response["Location"], headers=TUS)
    assert asked.status_code == 200
    assert (asked["Upload-Offset"], asked["Upload-Length"], asked["Cache-Control"]) == (
        "0",
        "100",
        "no-store",
    )
    assert asked["Upload-Metadata"] == metadata(filename="my walk.mp4", filetype="video/mp4")


def test_bytes_arrive_in_parts(alice, address):
    assert patch(alice, address, DATA[:30], 0)["Upload-Offset"] == "30"
    assert alice.head(address, headers=TUS)["Upload-Offset"] == "30"
    last = patch(alice, address, DATA[30:], 30)
    assert (last.status_code, last["Upload-Offset"]) == (204, "100")
    assert row(address).state == "complete"
    assert uploads.path_of(row(address)).read_bytes() == DATA


def test_creation_with_upload(alice):
    response = alice.generic(
        "POST",
        "/api/v1/uploads/",
        DATA[:40],
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Length": "100"},
    )
    assert (response.status_code, response["Upload-Offset"]) == (201, "40")


def test_an_empty_file_is_complete_at_once(alice):
    assert row(create(alice, 0)["Location"]).state == "complete"


def test_the_offset_is_the_files_true_length(alice, address):
    patch(alice, address, DATA[:30], 0)
    with uploads.path_of(row(address)).open(
        "ab"
    ) as file:  # what a crash may leave: bytes that no answer spoke of
        file.write(DATA[30:35])
    assert alice.head(address, headers=TUS)["Upload-Offset"] == "35"
    refused = patch(alice, address, DATA[30:], 30)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "bad_offset")
    assert patch(alice, address, DATA[35:], 35).status_code == 204


@pytest.mark.parametrize("algorithm", uploads.CHECKSUMS)
def test_checksums(alice, address, algorithm):
    digest = base64.b64encode(hashlib.new(algorithm, DATA[:50]).digest()).decode()
    wrong = patch(alice, address, DATA[1:51], 0, **{"Upload-Checksum": f"{algorithm} {digest}"})
    assert wrong.status_code == 460
    assert alice.head(address, headers=TUS)["Upload-Offset"] == "0"
    assert (
        patch(alice, address, DATA[:50], 0, **{"Upload-Checksum": f"{algorithm} {digest}"}).status_code == 204
    )


@pytest.mark.parametrize("header", ["crc32 AAAA", "sha1", "sha1 !!!", ""])
def test_a_checksum_that_cannot_be_read_is_refused(alice, address, header):
    response = patch(alice, address, DATA, 0, **{"Upload-Checksum": header})
    assert response.status_code == (400 if header else 204)


def test_termination(alice, address):
    path = uploads.path_of(row(address))
    assert alice.delete(address, headers=TUS).status_code == 204
    assert alice.head(address, headers=TUS).status_code == 404
    assert not path.exists() or not Upload.objects.exists()


def test_termination_removes_the_bytes(alice, address, django_capture_on_commit_callbacks):
    path = uploads.path_of(row(address))
    with django_capture_on_commit_callbacks(execute=True):
        alice.delete(address, headers=TUS)
    assert not path.exists()


def test_options_says_what_the_server_can_do(api):
    response = api.options("/api/v1/uploads/")
    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Extension"] == tus.EXTENSIONS
    assert response["Tus-Max-Size"] == str(500 << 20)


@pytest.mark.parametrize("method", ["post", "head", "patch", "delete"])
def test_another_version_is_refused(alice, address, method):
    target = "/api/v1/uploads/" if method == "post" else address
    for headers in ({}, {"Tus-Resumable": "0.2.2"}):
        response = getattr(alice, method)(target, headers={**headers, "Upload-Length": "1"})
        assert response.status_code == 412
        assert response["Tus-Version"] == "1.0.0"


def test_the_wrong_type_is_refused(alice, address):
    response = alice.generic(
        "PATCH", address, DATA, content_type="video/mp4", headers={**TUS, "Upload-Offset": "0"}
    )
    assert response.status_code == 415


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "9" * 30])
def test_a_length_that_is_none_is_refused(alice, length):
    response = create(alice, length)
    assert response.status_code == 400
    assert "Upload-Length" in response.json()["error"]["message"]


def test_metadata_that_cannot_be_read_is_refused(alice):
    assert create(alice, **{"Upload-Metadata": "filename !!!"}).json()["error"]["code"] == "bad_metadata"


def test_too_large_a_file_is_refused_with_the_limit(alice, settings):
    settings.MAX_UPLOAD_MB = 1
    response = create(alice, (1 << 20) + 1)
    assert response.status_code == 413
    assert "1 MB" in response.json()["error"]["message"]
    assert not Upload.objects.exists()


def test_more_bytes_than_announced_are_refused(alice, address):
    response = patch(alice, address, DATA + b"x", 0)
    assert response.status_code == 413
    assert alice.head(address, headers=TUS)["Upload-Offset"] == "0"


def test_a_second_writer_is_locked_out(alice, address):
    with Writer(row(address), 0, None):
        response = patch(alice, address, DATA, 0)
    assert response.status_code == 423
    assert patch(alice, address, DATA, 0).status_code == 204


def test_a_full_disk_loses_nothing(alice, address, monkeypatch):
    import errno
    import os

    real = os.writev

    def small(fd, pieces):
        if os.fstat(fd).st_size >= 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, [bytes(pieces[0])[: 60 - os.fstat(fd).st_size]])

    monkeypatch.setattr(os, "writev", small)
    response = patch(alice, address, DATA, 0)
    assert (response.status_code, response.json()["error"]["code"]) == (507, "storage_full")
    monkeypatch.undo()
    assert alice.head(address, headers=TUS)["Upload-Offset"] == "60"
    assert patch(alice, address, DATA[60:], 60).status_code == 204


def test_no_room_is_said_before_anything_is_sent(alice, monkeypatch):
    monkeypatch.setattr(uploads, "SPARE_BYTES", 1 << 60)
    assert create(alice).status_code == 507
    assert not Upload.objects.exists()


def test_unpublished_uploads_are_limited(alice, settings):
    settings.UPLOADS_WAITING = 2
    create(alice), create(alice)
    response = create(alice)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many_uploads")
    assert response["Retry-After"]


def test_uploads_an_hour_are_limited(alice, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "upload": "2/3600"}
    assert [create(alice).status_code for _time in range(3)] == [201, 201, 429]


@pytest.mark.parametrize("method", ["head", "patch", "delete"])
def test_nobody_elses_upload_exists(cast, api, address, method):
    client = api.as_(cast.bob)
    theirs = getattr(client, method)(address, headers=TUS)
    none = getattr(client, method)("/api/v1/uploads/nothing", headers=TUS)
    assert theirs.status_code == none.status_code == 404
    assert theirs.content == none.content


@pytest.mark.parametrize("method", ["post", "head", "patch", "delete"])
def test_visitors_are_asked_to_log_in(api, address, method):
    target = "/api/v1/uploads/" if method == "post" else address
    assert getattr(api, method)(target, headers=TUS).status_code == 401


def test_a_forged_request_is_refused(cast, address):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert create(client).status_code == 403
    assert patch(client, address, DATA, 0).status_code == 403
    assert client.head(address, headers=TUS)["Upload-Offset"] == "0"


def test_the_verb_may_travel_in_a_header(alice, address):
    response = alice.generic(
        "POST",
        address,
        DATA,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )
    assert response.status_code == 204
    assert alice.post(address, headers=TUS).status_code == 405


def test_abandoned_uploads_expire_and_used_ones_do_not(
    alice, cast, upload_of, address, publish, django_capture_on_commit_callbacks
):
    from .clips import clip

    used = publish(cast.alice, clip()).upload
    old = row(address)
    path = uploads.path_of(old)
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_uploads() == 1
    assert list(Upload.objects.all()) == [used]
    assert not path.exists()


def test_publishing_by_the_api(alice, cast, upload_of):
    from .clips import clip

    upload = upload_of(cast.alice, clip())
    body = {"upload": upload.pk, "caption": "A walk #sea", "audience": "followers"}
    response = alice.post("/api/v1/videos/", body, format="json", headers={"Idempotency-Key": "one"})
    assert response.status_code == 201
    answer = response.json()
    assert answer["state"] == "processing"
    assert answer["url"] == f"/@alice/video/{answer['id']}/"
    assert (
        alice.post("/api/v1/videos/", body, format="json", headers={"Idempotency-Key": "one"}).json()
        == answer
    )
    shown = alice.get(f"/api/v1/videos/{answer['id']}/").json()
    assert shown["progress"] == {"stage": "waiting", "percent": 0}
    assert shown["audience"] == "followers"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"upload": "nothing"}, 404),
        ({"upload": None}, 400),
        ({"audience": "world"}, 400),
        ({"comments": "cats"}, 400),
        ({"caption": "x" * 2201}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_publishing_refuses_what_it_cannot_use(alice, cast, upload_of, change, status):
    from .clips import clip

    body = {"upload": upload_of(cast.alice, clip()).pk} | change
    response = alice.post("/api/v1/videos/", body, format="json")
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_publishing_survives_a_broker_that_is_away(
    alice, cast, upload_of, monkeypatch, django_capture_on_commit_callbacks
):
    from videos import tasks

    from .clips import clip

    def away(*args, **options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.transcode, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        response = alice.post("/api/v1/videos/", {"upload": upload_of(cast.alice, clip()).pk}, format="json")
    assert response.status_code == 201


def test_retry_by_the_api(alice, api, cast, publish, work, tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("notes")
    video = work(publish(cast.alice, text))
    shown = alice.get(f"/api/v1/videos/{video.pk}/").json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "not_media")
    assert "not a video file" in shown["error"]["message"]
    assert api.as_(cast.bob).post(f"/api/v1/videos/{video.pk}/retry/").status_code == 404
    assert alice.post(f"/api/v1/videos/{video.pk}/retry/").json()["state"] == "processing"
