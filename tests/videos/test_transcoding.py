"""What is made of which source, and that ffmpeg is told nothing it could be tricked with."""

import dataclasses
import random
from pathlib import Path

import pytest

from socialapp.lib.ffmpeg import FfmpegFailed, run_ffmpeg
from videos import hls, transcoding
from videos.failures import SENTENCES, Unusable, sentence
from videos.probe import Sound, Source, probe, sniff

from .clips import clip

SOURCE = Source(
    path=Path("/work/clip.mp4"),
    demuxer="mov",
    size=1_000_000,
    duration=10.0,
    width=1080,
    height=1920,
    video_index=0,
    codec="h264",
    profile="High",
    pix_fmt="yuv420p",
    frame_rate=30.0,
    variable_rate=False,
    as_stored=True,
    interlaced=False,
    primaries=1,
    transfer=1,
    matrix=1,
    full_range=False,
    bitrate=5_000_000,
    keyframes=(0.0, 2.0, 4.0, 6.0, 8.0),
    sound=Sound(1, "aac", "LC", 2, 128_000),
)


def like(**changes):
    return dataclasses.replace(SOURCE, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"codec": "hevc"},
        {"profile": "High 10"},
        {"pix_fmt": "yuv422p"},
        {"demuxer": "mpegts"},
        {"as_stored": False},
        {"transfer": 18},
        {"primaries": 9},
        {"width": 2160, "height": 3840},
        {"width": 1081},
        {"frame_rate": 120.0},
        {"bitrate": 20_000_000},
        {"keyframes": ()},
        {"keyframes": (0.0, 6.0)},
        {"keyframes": (1.0, 4.0, 8.0)},
        {"sound": Sound(1, "opus", "", 2, 0)},
        {"sound": Sound(1, "aac", "HE-AAC", 2, 0)},
        {"sound": Sound(1, "aac", "LC", 6, 0)},
    ],
    ids=str,
)
def test_only_what_browsers_play_well_is_copied(changes):
    assert transcoding.conforms(SOURCE)
    assert transcoding.conforms(like(sound=None))
    assert not transcoding.conforms(like(**changes))


@pytest.mark.parametrize(
    ("width", "height", "sides"),
    [
        (1080, 1920, [1080, 720, 480, 360]),
        (2160, 3840, [1080, 720, 480, 360]),
        (720, 1280, [720, 480, 360]),
        (640, 1136, [640, 480, 360]),
        (500, 900, [480, 360]),
        (360, 640, [360]),
        (241, 427, [240]),
        (3840, 2160, [1080, 720, 480, 360]),
    ],
)
def test_the_ladder_never_enlarges(width, height, sides):
    rungs = transcoding.ladder(like(width=width, height=height, codec="hevc"))
    assert [rung.short_side for rung in rungs] == sides
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width + 1
        assert rung.width / rung.height == pytest.approx(width / height, rel=0.02)


def test_a_copy_takes_the_place_of_the_rung_beside_it():
    rungs = transcoding.ladder(SOURCE)
    assert [(rung.short_side, rung.copied) for rung in rungs] == [
        (1080, True),
        (720, False),
        (480, False),
        (360, False),
    ]
    assert transcoding.first(SOURCE) == rungs[0]
    assert transcoding.first(like(codec="hevc")).short_side == 480
    assert transcoding.first(like(codec="hevc", width=270, height=480)).short_side == 270


def test_small_renditions_have_half_of_sixty_frames():
    rates = {
        rung.short_side: rung.frame_rate for rung in transcoding.ladder(like(codec="hevc", frame_rate=120.0))
    }
    assert rates == {1080: 60, 720: 60, 480: 30, 360: 30}


def test_ffmpeg_is_held_to_one_local_file_one_demuxer_and_known_codecs(tmp_path):
    for source in (
        SOURCE,
        like(codec="hevc", transfer=16, primaries=9, matrix=9),
        like(codec="vp9", sound=None),
    ):
        rungs = transcoding.ladder(source)
        for command in (
            transcoding.copy_command(source, rungs[0], tmp_path),
            transcoding.encode_command(source, [rung for rung in rungs if not rung.copied], tmp_path),
        ):
            before = command[: command.index("-i")]
            options = dict(zip(before[::2], before[1::2], strict=True))
            assert options["-protocol_whitelist"] == "file,pipe"
            assert options["-format_whitelist"] == options["-f"] == "mov"
            assert "hls" not in options["-codec_whitelist"]
            assert int(options["-max_pixels"]) <= 4096 * 4096
            assert command.count("-i") == 1
            assert command[command.index("-i") + 1] == "/work/clip.mp4"
            outputs = sum(part.endswith(".mp4") for part in command) - 1
            for flag in ("-dn", "-sn", "-map_metadata", "-map_chapters"):
                assert command.count(flag) == outputs


def test_one_decode_makes_the_whole_ladder(tmp_path):
    command = transcoding.encode_command(like(codec="hevc"), transcoding.ladder(like(codec="hevc")), tmp_path)
    assert command.count("-i") == 1
    graph = command[command.index("-filter_complex") + 1]
    assert "split=4" in graph
    assert "asplit=4" in graph


def test_loudness_is_changed_only_where_nothing_is_copied(tmp_path):
    """A player changes between renditions: one at the upload's loudness beside one at −16 LUFS would jump."""
    quiet = transcoding.Loudness(-30.0, 4.0, -40.0, -20.0)
    rungs = transcoding.ladder(SOURCE)
    assert "loudnorm" not in " ".join(transcoding.encode_command(SOURCE, rungs[1:], tmp_path, None, quiet))
    assert transcoding.measure_loudness(SOURCE, tmp_path) is None
    other = like(codec="hevc")
    command = transcoding.encode_command(other, transcoding.ladder(other), tmp_path, None, quiet)
    assert "loudnorm=I=-16" in " ".join(command)
    assert "linear=true" in " ".join(command)


def test_sound_whose_peaks_leave_no_room_is_limited_and_silence_is_left_alone(tmp_path):
    other = like(codec="hevc")

    def graph(measured):
        command = transcoding.encode_command(other, transcoding.ladder(other), tmp_path, None, measured)
        return command[command.index("-filter_complex") + 1]

    peaky = graph(transcoding.Loudness(-30.0, 4.0, -40.0, -8.0))
    assert "volume=14.00dB" in peaky
    assert "alimiter=attack" in peaky
    assert "volume=10.50dB" in graph(
        transcoding.Loudness(-40.0, 4.0, -50.0, 0.0)
    )  # more would be heard as noise
    for still in (None, transcoding.Loudness(-70.0, 0.0, 0.0, -99.0)):
        assert not {"volume", "loudnorm", "alimiter"} & set(graph(still).replace("]", "=").split("="))


@pytest.mark.parametrize(
    ("summary", "measured"),
    [
        (
            "I: -16.1 LUFS Threshold: -26.2 LUFS LRA: 3.0 LU Threshold: -36 LUFS Peak: -8.8 dBFS",
            (-16.1, 3.0, -26.2, -8.8),
        ),
        ("I: -70.0 LUFS Threshold: 0.0 LUFS LRA: 0.0 LU Peak: -inf dBFS", (-70.0, 0.0, 0.0, -99.0)),
        ("", None),
    ],
)
def test_what_was_measured_is_read_from_the_last_summary(summary, measured):
    found = transcoding._measured(f"Summary: I: -1 LUFS\nSummary:\n{summary}")
    assert found == (measured and transcoding.Loudness(*measured))


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", "empty"),
        (b"hello there, this is text", "not_media"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "image"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x.ts", "playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd", "playlist"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><MPD>", "playlist"),
        (b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\x10\0mdat", "incomplete"),
        (b"G" * 20, "not_media"),
    ],
)
def test_a_file_is_judged_by_what_it_is_not_by_its_name(tmp_path, head, code):
    path = tmp_path / "clip.mp4"
    path.write_bytes(head)
    with pytest.raises(Unusable) as refusal:
        sniff(path)
    assert refusal.value.code == code


H264, AAC = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"), ("-c:a", "aac")


@pytest.mark.parametrize(
    ("name", "demuxer", "video", "audio"),
    [
        ("a.mov", "mov", H264, AAC),
        ("a.mkv", "matroska", H264, AAC),
        ("a.ts", "mpegts", H264, AAC),
        ("a.webm", "matroska", ("-c:v", "libvpx", "-deadline", "realtime"), ("-c:a", "libopus")),
        ("a.avi", "avi", ("-c:v", "mpeg4"), ("-c:a", "libmp3lame")),
    ],
)
def test_every_container_that_is_taken(tmp_path, name, demuxer, video, audio):
    made = clip(name, size="160x284", seconds=1, video=video, audio=audio)
    source = probe(made, tmp_path)
    assert source.demuxer == demuxer
    assert source.duration == pytest.approx(1, abs=0.1)
    out = tmp_path / "out"
    out.mkdir()
    transcoding.make(source, [transcoding.first(source)], out)
    assert hls.read_index(out / transcoding.first(source).name).seconds == pytest.approx(1, abs=0.1)


def test_sound_without_picture_and_picture_without_sound(tmp_path):
    with pytest.raises(Unusable) as refusal:
        probe(clip("a.mp4", seconds=1, video=("-vn",)), tmp_path)
    assert refusal.value.code == "no_video"
    assert probe(clip("a.mp4", seconds=1, audio=None), tmp_path).sound is None


def test_a_pixel_that_is_not_square_is_made_so(tmp_path):
    source = probe(clip("a.mp4", size="720x576", seconds=1, extra=("-vf", "setsar=16/15")), tmp_path)
    assert (source.width, source.height) == (768, 576)
    assert not transcoding.conforms(source)


def test_every_sentence_can_be_said():
    words = {"codec": "PRORES", "length": "6:03", "limit": "3:00", "width": 9000, "height": 9000}
    said = {sentence(code, words) for code in SENTENCES}
    assert len(said) == len(SENTENCES)
    assert not any("%(" in text for text in said)
    assert sentence("from an older version", {})
    assert sentence("too_long", {})  # parameters that are missing make no error


@pytest.mark.parametrize("seed", range(12))
def test_damaged_files_end_one_way_or_the_other(tmp_path, seed):
    """A flipped bit, a missing piece, a repeated piece: a result or a refusal, never anything else."""
    dice = random.Random(seed)
    data = bytearray(clip(size="160x284", seconds=1).read_bytes())
    for _wound in range(dice.choice([1, 5, 50])):
        at = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at : at + dice.randrange(200)]
            case 2:
                data[at:at] = data[at : at + dice.randrange(200)]
            case 3:
                data[at : at + 8] = dice.randbytes(8)
    wounded = tmp_path / "wounded.mp4"
    wounded.write_bytes(data)
    folder = tmp_path / "work"
    folder.mkdir()
    refusals = []
    try:
        source = probe(wounded, folder)
        transcoding.make(source, [transcoding.first(source)], folder)
        hls.read_index(folder / transcoding.first(source).name)
    except (Unusable, FfmpegFailed, hls.BadIndex) as end:
        refusals.append(end)
    assert all(sentence(end.code, end.params) for end in refusals if isinstance(end, Unusable))


def test_a_run_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(FfmpegFailed) as failure:
        run_ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=r=60:d=3600", "-f", "null", "-"],
            inputs=[],
            folder=tmp_path,
            wall=1.5,
        )
    assert failure.value.over == "wall"


def test_a_file_that_grows_too_large_is_ended(tmp_path):
    with pytest.raises(FfmpegFailed):
        run_ffmpeg(
            [
                "-f",
                "lavfi",
                "-i",
                "testsrc2=r=60:d=60",
                "-c:v",
                "rawvideo",
                "-f",
                "avi",
                str(tmp_path / "big.avi"),
                "-y",
            ],
            inputs=[],
            folder=tmp_path,
            wall=60,
            file_bytes=5_000_000,
        )
    assert (tmp_path / "big.avi").stat().st_size < 5_000_000 + 512  # the limit counts in blocks
