"""Lengths to a frame, and sound beside its picture: uploads and finished clips are laid over each other by their content.

The shift of the sound is found by correlating it with the upload's, the shift of the picture by the moments at which small
pictures agree best; what counts is the difference of the two.
"""

import numpy
import pytest

from .conftest import CORPUS, EDITED, EDITS, LONG_TRIM, SILENT, TOO_LONG, VALID
from .references import opened, picture_shift, picture_times, small_frames, sound_of, sound_shift

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus")]

IN_SYNC = 0.040  # seconds
# A third of a second cannot be laid over anything.
TOO_SHORT_TO_TELL = {"hdr_hlg10.mp4", "portrait_4k60.mp4"}
LIVELY = 0.5  # where less than this moves, the pictures' own time stamps must do


def length_of(data):
    """Seconds from the first picture to the end of the last one, as players count them."""
    with opened(data) as container:
        stream = container.streams.video[0]
        times = [
            (float(p.pts * p.time_base), float((p.duration or 0) * p.time_base))
            for p in container.demux(stream)
            if p.pts is not None
        ]
    return max(at + lasts for at, lasts in times) - min(at for at, _lasts in times)


def frame_of(data):
    return picture_times(data)[3]


@pytest.mark.parametrize("name", VALID)
def test_a_clip_is_as_long_as_its_upload(clips, person, name):
    clip, frame = clips[name], picture_times(CORPUS / "valid" / name)[3]
    first, last, _count, _each = picture_times(CORPUS / "valid" / name)
    seen = last - first + frame
    for file in clip["playback"]["mp4"]:
        data = person.get(file["url"])
        allowed = max(frame, frame_of(data)) + 0.002
        length = length_of(data)
        # As long as the upload's picture, or to the end of its sound, where that goes on.
        assert seen - allowed <= length <= max(seen, VALID[name]) + allowed, (length, seen, frame)


@pytest.mark.parametrize(("name", "edit"), EDITED)
def test_an_edited_clip_is_as_long_as_its_edit_list_says(edited, person, name, edit):
    clip = edited[name, edit]
    assert clip["state"] == "ready", clip["error"]
    wanted = EDITS[edit](VALID[name])[1]
    for file in clip["playback"]["mp4"]:
        data = person.get(file["url"])
        frame = (
            max(frame_of(data), picture_times(CORPUS / "valid" / name)[3]) + 0.01
        )  # VALID is rounded to that
        assert length_of(data) == pytest.approx(wanted, abs=frame)
        assert clip["duration"] == pytest.approx(wanted, abs=frame)


def test_a_clip_over_the_limit_publishes_when_it_is_trimmed(edited, person):
    clip = edited[TOO_LONG, "trimmed"]
    assert clip["state"] == "ready", clip["error"]
    start, end = LONG_TRIM["trim"].values()
    assert clip["duration"] == pytest.approx(end - start, abs=1 / 30)
    for file in clip["playback"]["mp4"]:
        assert length_of(person.get(file["url"])) == pytest.approx(end - start, abs=1 / 30)


@pytest.mark.parametrize(("name", "edit"), EDITED)
def test_an_edited_clip_fills_the_screen_of_a_phone(edited, person, name, edit):
    clip = edited[name, edit]
    assert clip["height"] / clip["width"] == pytest.approx(16 / 9, abs=0.02)
    for file in clip["playback"]["mp4"]:
        with opened(person.get(file["url"])) as container:
            picture = container.streams.video[0]
            assert picture.height / picture.width == pytest.approx(16 / 9, abs=0.02)


@pytest.mark.parametrize("name", sorted(VALID.keys() - SILENT - TOO_SHORT_TO_TELL))
def test_sound_stays_beside_its_picture(clips, person, name):
    before, pictures = sound_of(CORPUS / "valid" / name), small_frames(CORPUS / "valid" / name)
    for file in [clips[name]["playback"]["mp4"][0], clips[name]["playback"]["mp4"][-1]]:
        data = person.get(file["url"])
        sound, sure = sound_shift(before, sound_of(data))
        seen = small_frames(data)
        picture, lively = picture_shift(pictures, seen)
        told = f"sound {1000 * sound:+.0f} ms (sure {sure:.2f}), picture {1000 * picture:+.0f} ms (sure {lively:.2f})"
        print(f"{name} {file['height']}: {told}")
        assert sure > 0.5, sure
        if lively < LIVELY:
            picture = seen[0][0] - pictures[0][0]
        assert abs(sound - picture) <= IN_SYNC, (sound, picture)


@pytest.mark.parametrize(
    ("name", "edit"), [pair for pair in EDITED if pair[1] == "trimmed" and pair[0] not in SILENT]
)
def test_sound_stays_beside_its_picture_where_it_is_trimmed(edited, person, name, edit):
    """The sound must begin where the edit list says; the picture's own beginning is judged by its length and the flash-and-beep
    tests of the renderer."""
    start = EDITS[edit](VALID[name])[0]["trim"]["start"]
    before = sound_of(CORPUS / "valid" / name)
    data = person.get(edited[name, edit]["playback"]["mp4"][0]["url"])
    cut = before[round(start * 8000) :]
    if not len(cut) or float(numpy.abs(cut).max()) < 1e-3:
        pytest.skip("nothing to hear")
    sound, sure = sound_shift(cut, sound_of(data), most=0.15)
    print(f"{name} {edit}: sound {1000 * sound:+.0f} ms (sure {sure:.2f})")
    if sure > 0.5:
        assert abs(sound) <= IN_SYNC
