"""Real and hostile uploads through the whole way: tuspy, the server, a worker, and what a player then gets.

Each clip is compared with what an independent decoder (PyAV, with its own rotation and colour arithmetic in numpy) makes
of the upload: upright, the right length, the right colours.
"""

import io

import av
import numpy
import pytest

from .conftest import CORPUS, HOSTILE, SILENT, TOO_LONG, VALID
from .references import fitted, ours, reference

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus")]

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
