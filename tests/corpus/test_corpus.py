"""Real and hostile uploads through the whole way: tuspy, the server, a worker, and what a player then gets.

Each clip is compared with what an independent decoder (PyAV, with its own rotation and colour arithmetic in numpy) makes
of the upload: upright, the right length, the right colours.
"""

import io
import time

import av
import numpy
import pytest
import requests
from PIL import Image
from tusclient import client as tus_client

from .conftest import CORPUS

pytestmark = pytest.mark.corpus

# Seconds, as the corpus' makers state them or independent tools measure them.
VALID = {
    "bt601.mov": 1.06,
    "bunny_720p_sound.mp4": 5.31,
    "edit_list.mp4": 2.55,
    "fragmented.mp4": 1.1,
    "hdr10_av1.mp4": 4.24,
    "hdr_hlg10.mp4": 0.3,
    "mpeg4.avi": 4.09,
    "nasa.mp4": 13.06,
    "pixel7_silent.mp4": 1.21,
    "portrait_4k60.mp4": 0.31,
    "rotated_270.mp4": 4.97,
    "rotated_bunny.mp4": 2.0,
    "sample.mkv": 1.07,
    "transport_stream.ts": 2.5,
    "variable_frame_rate.mp4": 8.73,
    "vp8_60fps.webm": 1.01,
}
SILENT = {"pixel7_silent.mp4", "variable_frame_rate.mp4"}
HOSTILE = {
    "audio_only.mp4": {"no_video"},
    "bitflips.mp4": {"damaged", "incomplete", None},
    "concat_sibling.mp4": {"playlist"},
    "empty.mp4": {"empty"},
    "huge_dimensions.mp4": {"dimensions"},
    "image_named_video.mp4": {"image"},
    "playlist_local_file.avi": {"playlist"},
    "playlist_loopback.mp4": {"playlist"},
    "text.mp4": {"not_media"},
    "truncated.mp4": {"incomplete"},
    "two_hours.mp4": {"too_long"},
}
TOO_LONG = "long_1080p.mp4"


class Person:
    """A program that uses the site as any other does."""

    def __init__(self, site, token):
        self.site, self.headers = site, {"X-Session-Token": token}

    def publish(self, path):
        if path.stat().st_size:
            client = tus_client.TusClient(f"{self.site.url}/api/v1/uploads/", headers=self.headers)
            uploader = client.uploader(str(path), chunk_size=1 << 20, metadata={"filename": path.name})
            uploader.upload()
            url = uploader.url
        else:  # tuspy sends nothing for an empty file
            made = requests.post(
                f"{self.site.url}/api/v1/uploads/",
                headers={**self.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "0"},
                timeout=30,
            )
            url = made.headers["Location"]
        body = {"upload": url.rpartition("/")[2], "caption": path.name}
        answer = requests.post(f"{self.site.url}/api/v1/videos/", json=body, headers=self.headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def video(self, number):
        return requests.get(
            f"{self.site.url}/api/v1/videos/{number}/", headers=self.headers, timeout=30
        ).json()

    def get(self, url):
        answer = requests.get(f"{self.site.url}{url}", timeout=60)
        assert answer.status_code == 200
        return answer.content


@pytest.fixture(scope="session")
def clips(site, token):
    """Every file of the corpus, published by tuspy and worked on by real workers; name → the API's answer at the end."""
    person = Person(site, token)
    files = sorted([*(CORPUS / "valid").iterdir(), *(CORPUS / "hostile").iterdir()])
    numbers = {path.name: person.publish(path) for path in files}
    site.worker()
    site.python("from videos.tasks import sweep_transcodes\nsweep_transcodes()")
    ended, deadline = {}, time.monotonic() + 540
    while len(ended) < len(numbers) and time.monotonic() < deadline:
        for name in numbers.keys() - ended.keys():
            now = person.video(numbers[name])
            if now["state"] in {"ready", "failed"}:
                ended[name] = now
        time.sleep(1)
    missing = numbers.keys() - ended.keys()
    assert not missing, f"no end for {sorted(missing)}"
    return ended


@pytest.fixture(scope="session")
def person(site, token):
    return Person(site, token)


# --- An independent reading of the upload -------------------------------------------------------------------------


def reference(path, at):
    """The frame shown at `at` seconds as RGB, upright and small; colours by numpy only."""
    with av.open(str(path)) as container:
        stream = max(
            container.streams.video, key=lambda s: ("default" in str(s.disposition), s.width * s.height)
        )
        start = (container.start_time or 0) / av.time_base
        chosen = None
        for frame in container.decode(stream):
            if frame.time is None or frame.time < 0:
                continue
            chosen = frame
            if frame.time - start >= at:
                break
        turn = chosen.rotation
        colours = rgb(chosen)
    # ffmpeg counts anticlockwise what has to be undone; numpy turns anticlockwise.
    return numpy.rot90(colours, k=round(turn / 90) % 4)


def rgb(frame):
    """Small RGB of a frame by the equations of H.273 for its own (or, unsaid, the usual) matrix and range."""
    width = 160 if frame.width > frame.height else 90
    same = int(frame.colorspace), int(frame.color_range) or 1
    small = frame.reformat(
        width=width,
        height=round(width * frame.height / frame.width),
        format="yuv444p16le",
        src_colorspace=same[0],
        dst_colorspace=same[0],
        src_color_range=same[1],
        dst_color_range=same[1],
    )
    planes = []
    for plane in small.planes:
        rows = numpy.frombuffer(bytes(plane), "<u2").reshape(small.height, plane.line_size // 2)
        planes.append(rows[:, : small.width].astype(float) / 65535)
    y, u, v = planes
    full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    if not full:
        y, u, v = (y * 255 - 16) / 219, (u * 255 - 128) / 224, (v * 255 - 128) / 224
    else:
        u, v = u - 128 / 255, v - 128 / 255
    kr, kb = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}.get(int(frame.colorspace), (None, None))
    if kr is None:
        sd = int(frame.colorspace) in {5, 6} or min(frame.width, frame.height) < 720
        kr, kb = (0.299, 0.114) if sd else (0.2126, 0.0722)
    red = y + 2 * (1 - kr) * v
    blue = y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    colours = numpy.clip(numpy.stack([red, green, blue], -1), 0, 1)
    transfer = int(frame.color_trc)
    return sdr(colours, transfer) if transfer in {16, 18} else colours


def sdr(colours, transfer):
    """HDR to SDR by the book: BT.2100 to light, BT.2020 to BT.709, reference white at 203 cd/m², a soft knee above."""
    if transfer == 16:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = colours ** (1 / m2)
        light = 10_000 * (numpy.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = numpy.where(colours <= 0.5, colours**2 / 3, (numpy.exp((colours - c) / a) + b) / 12)
        luma = scene @ numpy.array([0.2627, 0.6780, 0.0593])
        light = 1000 * numpy.maximum(luma, 1e-6)[..., None] ** 0.2 * scene
    to_709 = numpy.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    linear = numpy.maximum((light / 203) @ to_709.T, 0)
    peak = linear.max(-1, keepdims=True)
    knee = numpy.where(peak > 0.5, 0.5 + 0.5 * (1 - numpy.exp(-(peak - 0.5) / 0.5)), peak)
    linear = linear * knee / numpy.maximum(peak, 1e-6)
    # Coded for the screens that browsers draw on (IEC 61966-2-1).
    return numpy.where(
        linear < 0.0031308, 12.92 * linear, 1.055 * numpy.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )


def ours(data, at):
    with av.open(io.BytesIO(data)) as container:
        chosen = None
        for frame in container.decode(video=0):
            chosen = frame
            if frame.time is not None and frame.time >= at:
                break
        assert chosen.rotation == 0
        assert (int(chosen.colorspace), int(chosen.color_trc), chosen.format.name) in {
            (1, 1, "yuv420p"),
            (2, 2, "yuv420p"),
            (6, 1, "yuv420p"),
        }
        return rgb(chosen)


def fitted(picture, shape):
    image = Image.fromarray((numpy.clip(picture, 0, 1) * 255).astype("uint8")).resize(
        (shape[1], shape[0]), Image.Resampling.BOX
    )
    return numpy.asarray(image).astype(float) / 255


# --- What must hold --------------------------------------------------------------------------------------------------


def test_the_corpus_is_what_these_tests_know(clips):
    assert set(clips) == {*VALID, *HOSTILE, TOO_LONG}


@pytest.mark.parametrize("name", VALID)
def test_a_real_clip_becomes_ready(clips, name):
    clip = clips[name]
    assert clip["state"] == "ready", clip["error"]
    assert clip["cover"]
    assert clip["blurhash"]
    assert clip["progress"] == {"stage": "done", "percent": 100}
    assert clip["duration"] == pytest.approx(VALID[name], abs=0.08)
    heights = [file["height"] for file in clip["playback"]["mp4"]]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) >= 1


@pytest.mark.parametrize("name", VALID)
def test_every_rendition_plays_to_its_end_and_keeps_the_length(clips, person, name):
    for file in clips[name]["playback"]["mp4"]:
        data = person.get(file["url"])
        with av.open(io.BytesIO(data)) as container:
            assert [stream.type for stream in container.streams] == (
                ["video"] if name in SILENT else ["video", "audio"]
            )
            assert "location" not in str(container.metadata).lower()
            tags = {**container.metadata, **container.streams[0].metadata}
            assert tags.keys() <= {
                "major_brand",
                "minor_version",
                "compatible_brands",
                "language",
                "handler_name",
                "vendor_id",
                "encoder",  # "Lavc libx264": ours, and says nothing of the upload
            }
            frames = [frame.time for frame in container.decode(video=0)]
        assert frames[-1] - frames[0] == pytest.approx(VALID[name], abs=0.2)
        assert frames == sorted(frames)
        for brand in (b"Apple", b"iPhone", b"samsung", b"Pixel", b"Google", b"com.android", b"com.apple"):
            assert brand not in data, brand


@pytest.mark.parametrize("name", VALID)
def test_pictures_are_upright_and_have_the_right_colours(clips, person, name):
    clip = clips[name]
    at = clip["duration"] * 0.4
    expected = reference(CORPUS / "valid" / name, at)
    shown = ours(person.get(clip["playback"]["mp4"][-1]["url"]), at)
    assert (shown.shape[0] > shown.shape[1]) == (clip["height"] > clip["width"])
    expected = fitted(expected, shown.shape)
    hdr = name in {"hdr10_av1.mp4", "hdr_hlg10.mp4", "edit_list.mp4"}

    def unlike(picture):
        return float(numpy.abs(picture - shown).mean())

    right = unlike(expected)
    assert right < (0.05 if hdr else 0.03), right
    # Turned or mirrored it is less alike: the comparison would notice.
    turned = [numpy.rot90(expected, 2), expected[:, ::-1], expected[::-1]]
    assert right < min(unlike(picture) for picture in turned)
    for channel in range(3):
        assert shown[..., channel].mean() == pytest.approx(
            expected[..., channel].mean(), abs=0.05 if hdr else 0.02
        )
    colourful = [float((picture.max(-1) - picture.min(-1)).mean()) for picture in (shown, expected)]
    assert colourful[0] == pytest.approx(colourful[1], abs=0.05 if hdr else 0.03)


@pytest.mark.parametrize("name", VALID)
def test_the_playlists_byte_ranges_hold_whole_fragments(clips, person, name):
    hls = clips[name]["playback"]["hls"]
    master = person.get(hls).decode()
    base = hls.rpartition("/")[0]
    for playlist in [line for line in master.splitlines() if line.endswith(".m3u8")]:
        lines = person.get(f"{base}/{playlist}").decode().splitlines()
        ranges = [line.partition(":")[2].split("@") for line in lines if line.startswith("#EXT-X-BYTERANGE")]
        file = next(line for line in lines if line.endswith(".mp4"))
        data = person.get(f"{base}/{file}")
        for _size, offset in ranges:
            assert data[int(offset) + 4 : int(offset) + 8] == b"moof"
        assert int(ranges[-1][1]) + int(ranges[-1][0]) <= len(data)
        total = sum(float(line.partition(":")[2].rstrip(",")) for line in lines if line.startswith("#EXTINF"))
        assert total == pytest.approx(VALID[name], abs=0.2)


def test_too_long_a_clip_says_how_long_it_is_and_what_the_limit_is(clips):
    assert clips[TOO_LONG]["error"]["code"] == "too_long"
    assert "6:03" in clips[TOO_LONG]["error"]["message"]
    assert "3:00" in clips[TOO_LONG]["error"]["message"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_with_its_own_sentence(clips, name):
    clip = clips[name]
    if clip["state"] == "ready":
        assert None in HOSTILE[name]
        return
    assert clip["state"] == "failed"
    assert clip["error"]["code"] in HOSTILE[name]
    assert len(clip["error"]["message"]) > 20
    assert clip["playback"]["mp4"] == []


def test_hostile_files_have_different_sentences(clips):
    sentences = {clips[name]["error"]["message"] for name in HOSTILE if clips[name]["state"] == "failed"}
    assert len(sentences) >= 8


def test_nothing_is_left_in_the_working_folder(clips, site):
    assert list((site.folder / "work" / "jobs").iterdir()) == []
