"""Addresses of files: signed, short-lived, scoped to a folder; and how the files are served."""

import base64
import hashlib
import re
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from videos import media
from videos.actions import delete_video, move_folder
from videos.models import DoomedFolder

DATA = bytes(range(256)) * 40


@pytest.fixture
def video(cast, make_video):
    video = make_video(cast.alice)
    default_storage.save(media.key_of(video.folder, "360.mp4"), ContentFile(DATA))
    default_storage.save(media.key_of(video.folder, "master.m3u8"), ContentFile(b"#EXTM3U\n"))
    default_storage.save(f"originals/{video.folder}/original.mp4", ContentFile(b"with the camera's location"))
    return video


@pytest.fixture
def url(video):
    return media.media_url(video, "360.mp4")


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_file_is_served_to_whoever_has_its_address(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    assert body(response) == DATA
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert int(re.search(r"max-age=(\d+)", response["Cache-Control"])[1]) <= 3600


def test_a_playlists_relative_reference_has_the_same_signature(browser, video):
    playlist = media.media_url(video, "master.m3u8")
    response = browser.get(playlist)
    assert response["Content-Type"] == "application/vnd.apple.mpegurl"
    assert browser.get(playlist.replace("master.m3u8", "360.mp4")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-99", 206, (0, 100)),
        ("bytes=100-", 206, (100, len(DATA))),
        ("bytes=-50", 206, (len(DATA) - 50, len(DATA))),
        ("bytes=5-999999999", 206, (5, len(DATA))),
        ("bytes=0-0", 206, (0, 1)),
        (f"bytes={len(DATA)}-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-3", 200, (0, len(DATA))),
        ("bytes=0-1,5-6", 200, (0, len(DATA))),
        ("bytes=-", 200, (0, len(DATA))),
        ("bytes=0-" + "9" * 5000, 200, (0, len(DATA))),
        ("pages=1-2", 200, (0, len(DATA))),
    ],
)
def test_ranges(browser, url, asked, status, span):
    response = browser.get(url, headers={"Range": asked})
    assert response.status_code == status
    if span is None:
        assert response["Content-Range"] == f"bytes */{len(DATA)}"
        return
    assert body(response) == DATA[slice(*span)]
    assert int(response["Content-Length"]) == span[1] - span[0]
    if status == 206:
        assert response["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/{len(DATA)}"


def test_head_has_everything_but_the_body(browser, url):
    response = browser.head(url, headers={"Range": "bytes=0-9"})
    assert response.status_code == 206
    assert response["Content-Length"] == "10"
    assert body(response) == b""


def test_validators(browser, url):
    etag = browser.get(url)["ETag"]
    assert browser.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert browser.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert browser.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


def test_only_reading_is_allowed(browser, url):
    assert browser.post(url).status_code == 405
    assert browser.delete(url).status_code == 405


def test_forged_old_and_absent_addresses_look_alike(browser, video, url, cast, make_video):
    _empty, _media, expires, signature, folder, name = url.split("/")
    other = make_video(cast.bob)
    now = int(time.time())
    wrong = [
        f"/media/{int(expires) + 1}/{signature}/{folder}/{name}",
        f"/media/{expires}/{signature[:-1]}A/{folder}/{name}"
        if signature[-1] != "A"
        else f"/media/{expires}/{signature[:-1]}B/{folder}/{name}",
        f"/media/{expires}/{signature}/{other.folder}/{name}",
        f"/media/{now - 1}/{media.signature(now - 1, folder)}/{folder}/{name}",
        f"/media/{expires}/{signature}/{folder}/720.mp4",
        f"/media/{expires}/{signature}/{folder}/original.mp4",
        f"/media/{expires}/{signature}/{folder}/..%2f..%2foriginals%2f{folder}%2foriginal.mp4",
        f"/media/{expires}/{media.signature(int(expires), '..')}/../{name}",
        f"/media/{expires}/{signature}/{folder}/{name}%00.webp",
        f"/media/{expires}/{signature}é/{folder}/{name}",
        f"/media/9e9/{signature}/{folder}/{name}",
        f"/media/{'9' * 400}/{signature}/{folder}/{name}",
    ]
    assert {browser.get(address).status_code for address in wrong} == {404}
    answers = {browser.get(address).content for address in wrong[:6]}
    assert len(answers) == 1


def test_the_proxys_formula_gives_the_same_signature(url, settings):
    """nginx: secure_link_md5 "$exp/$folder SECRET" compares base64url(md5(that))."""
    _empty, _media, expires, signature, folder, _name = url.split("/")
    digest = hashlib.md5(f"{expires}/{folder} {media.secret()}".encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == signature
    assert len(signature) == 22


def test_addresses_of_what_anyone_may_watch_are_stable_and_live_up_to_an_hour(video):
    start = 1_800_000_000
    urls = {media.media_url(video, "360.mp4", now=start + second) for second in range(0, 1800, 60)}
    assert len(urls) == 1
    lives = int(urls.pop().split("/")[2]) - start
    assert 1800 <= lives <= 3600


@pytest.mark.parametrize("change", ["audience", "private", "draft", "hidden"])
def test_all_other_addresses_die_within_a_minute(video, cast, change):
    match change:
        case "audience":
            video.audience = "followers"
        case "private":
            video.author.privacy.is_private = True
        case "draft":
            video.state = "draft"
        case "hidden":
            video.author.is_active = False
    for now in range(1_800_000_000, 1_800_000_040):
        expires = int(media.media_url(video, "360.mp4", now=now).split("/")[2])
        assert 30 <= expires - now <= 60


def test_a_clip_in_a_new_folder_has_no_old_addresses(browser, video, url):
    old = video.folder
    move_folder(video.pk)
    video.refresh_from_db()
    assert video.folder != old
    assert browser.get(url).status_code == 404
    assert browser.get(media.media_url(video, "360.mp4")).status_code == 200
    assert default_storage.exists(f"originals/{video.folder}/original.mp4")
    assert not default_storage.exists(f"originals/{old}/original.mp4")
    assert not DoomedFolder.objects.exists()


def test_going_private_kills_the_addresses_that_are_out_there(
    browser, video, url, cast, monkeypatch, django_capture_on_commit_callbacks
):
    from privacy.actions import update_privacy
    from videos import tasks

    monkeypatch.setattr(tasks.move_folders, "delay", tasks.move_folders)
    with django_capture_on_commit_callbacks(execute=True):
        update_privacy(cast.alice, is_private=True)
    assert browser.get(url).status_code == 404


def test_a_deleted_clips_address_is_dead_at_once(
    browser, video, url, cast, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        delete_video(cast.alice, video)
    assert browser.get(url).status_code == 404


def test_a_folder_that_cannot_be_erased_now_is_erased_by_the_sweep(
    cast, video, monkeypatch, django_capture_on_commit_callbacks
):
    from videos.actions import erase_doomed

    def away(folder):
        raise OSError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(media, "erase_folder", away)
        with django_capture_on_commit_callbacks(execute=True):
            delete_video(cast.alice, video)
    assert DoomedFolder.objects.count() == 1
    assert erase_doomed() == 1
    assert not default_storage.exists(media.key_of(video.folder, "360.mp4"))


def test_playback_lists_the_renditions_and_nothing_before_they_exist(video, make_video, cast):
    shown = media.playback(video)
    assert shown["hls"].endswith("/master.m3u8")
    assert [(file["height"], file["bitrate"]) for file in shown["mp4"]] == [(640, 500_000)]
    waiting = make_video(cast.alice, state="processing", playlist="")
    assert media.playback(waiting) == {"hls": "", "mp4": [], "captions": []}


def test_the_media_host_of_the_settings_is_in_front(video, settings):
    settings.MEDIA_BASE_URL = "https://media.example"
    assert media.cover_url(video).startswith("https://media.example/media/")


def test_a_folder_whose_move_was_lost_is_moved_by_the_sweep(
    browser, video, url, cast, monkeypatch, django_capture_on_commit_callbacks
):
    """The broker took the nudge, and nobody acted on it."""
    from privacy.actions import update_privacy
    from videos import tasks

    monkeypatch.setattr(tasks.move_folders, "delay", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        update_privacy(cast.alice, is_private=True)
    assert browser.get(url).status_code == 200
    assert tasks.move_folders() == 1
    assert browser.get(url).status_code == 404
    assert tasks.move_folders() == 0


def test_a_folder_that_cannot_be_moved_now_is_moved_by_the_sweep(browser, video, url, cast, monkeypatch):
    from videos.actions import ask_moves, move_asked

    def away(old, new):
        raise OSError("the store is away")

    ask_moves(cast.alice.pk)
    with monkeypatch.context() as patched:
        patched.setattr(media, "copy_folder", away)
        assert move_asked() == 0
    assert move_asked() == 1
    assert browser.get(url).status_code == 404
