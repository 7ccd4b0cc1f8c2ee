"""Edited clips as they come out: sound and picture together, exact lengths, the right picture and the right sound."""

import dataclasses
import subprocess

import numpy
import pytest
from PIL import Image, ImageFilter
from skimage.metrics import structural_similarity

from socialapp.lib.ffmpeg import binary
from tests.environment import ROOT
from videos import edits, lettering, transcoding
from videos.failures import Unusable
from videos.probe import probe

from .flashes import BEGIN, EVERY, LASTS, QUICK, beeping, flashing, watch

IN_STEP = 0.040  # seconds that sound and picture may be apart
ANY = "12345678901234567"  # a sound's id; its file is handed over


@pytest.fixture
def render(tmp_path, monkeypatch):
    """The finished clip of an edit list and files, rendered as a worker does it; `runs` counts what made the file."""
    runs = []
    real = transcoding.run_ffmpeg
    monkeypatch.setattr(
        transcoding, "run_ffmpeg", lambda *args, **options: runs.append(args[0]) or real(*args, **options)
    )

    def folder(name):
        path = tmp_path / name
        path.mkdir(exist_ok=True)
        return path

    def source(path):
        return path and probe(path, folder("probe"))

    def do(data, main, *, parts=(), remix=None, rungs=1, **files):
        clip = transcoding.compose(
            edits.parse(data),
            source(main),
            parts=[source(part) for part in parts],
            remix=source(remix),
            **files,
        )
        loudness = transcoding.measure_loudness(clip, folder("loudness"))
        made, runs[:] = transcoding.ladder(clip)[:rungs], []
        out = folder("made")
        transcoding.make(clip, made, out, loudness=loudness)
        assert len(runs) == 1
        return clip, [out / rung.name for rung in made]

    return do


def watched(render, *args, **options):
    clip, (path, *_) = render(*args, **options)
    seen = watch(path)
    assert abs(seen.duration - clip.duration) <= seen.frame_seconds + 1e-6
    assert (seen.samples is not None) is clip.has_sound
    if seen.samples is not None:  # the last packet of sound may reach over the end
        assert abs(len(seen.samples) / 48_000 - clip.duration) <= 0.04
    return seen


def in_step(flashes, beeps):
    """The worst distance between a flash and its beep; every one has a partner."""
    assert len(flashes) == len(beeps) > 0
    return max(abs(flashes - beeps))


# --- Sound and picture stay together --------------------------------------------------------------------------------

LONG = {"size": "96x170", "seconds": 8.0}
SYNC = {
    "as it is": ({}, {"video": ("-c:v", "mpeg4", "-q:v", "3")}, {}),
    "webm": ({}, {"name": "a.webm", "video": ("-c:v", "libvpx", "-deadline", "realtime"), "size": "96x170"}, {}),
    "trim": ({"trim": {"start": 0.517, "end": 1.783}}, {}, {}),
    "trim far in": ({"trim": {"start": 6.317, "end": 7.9}}, LONG, {}),
    "trim far in, mkv": ({"trim": {"start": 6.317, "end": 7.9}}, {**LONG, "name": "a.mkv"}, {}),
    "trim far in, ts": ({"trim": {"start": 6.317, "end": 7.9}}, {**LONG, "name": "a.ts"}, {}),
    "half speed": ({"speed": 0.5}, {"seconds": 1.5}, {}),
    "speed 0.77": ({"speed": 0.77}, {}, {}),
    "speed 1.5": ({"speed": 1.5}, {}, {}),
    "double speed": ({"speed": 2}, {}, {}),
    "trim and speed": ({"speed": 1.3, "trim": {"start": 0.41, "end": 1.9}}, {}, {}),
    "crop": ({"reframe": "crop", "focus_x": 0.1}, {"size": "480x270"}, {}),
    "blur": ({"reframe": "blur"}, {"size": "480x270"}, {}),
    "filter": ({"filter": "noir"}, {}, {}),
    "text": ({"texts": [{"text": "hello", "y": 0.1}]}, {}, {}),
    "sixty frames": ({"trim": {"start": 0.3}}, {"rate": 60}, {}),
    "volume": ({"volume": 0.3, "trim": {"start": 0.3}}, {}, {}),
    "parts": (
        {"parts": [{"trim": {"start": 0.41, "end": 1.43}}, {}], "speed": 1.25},
        {},
        {"parts": [{"name": "b.mp4", "rate": 24, "size": "480x270"}, {"name": "c.mkv", "rate": 60, "size": "160x284"}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SYNC)
def test_sound_and_picture_stay_together_through_every_edit(render, name):
    data, main, others = SYNC[name]
    parts = [flashing(**part) for part in others.get("parts", ())]
    seen = watched(render, data, flashing(**main), parts=parts)
    assert in_step(seen.flashes(), seen.beeps()) <= IN_STEP


@pytest.mark.parametrize("layout", ["side", "stack"])
@pytest.mark.parametrize("other", [True, False], ids=["with sound", "silent"])
@pytest.mark.parametrize("own", [True, False], ids=["own sound", "own silent"])
def test_duets_of_sounding_and_silent_clips(render, own, other, layout):
    theirs = flashing(seconds=1.5, size="160x284", beeps=other, tone=2200)
    seen = watched(
        render, {"layout": layout}, flashing(beeps=own, size="160x284"), remix=theirs, remix_kind="duet"
    )
    assert seen.duration == pytest.approx(2, abs=seen.frame_seconds)
    ratio = edits.DUETS[layout][0]
    assert seen.width / seen.height == pytest.approx(ratio, rel=0.02)
    for panel, expected in zip(edits.DUETS[layout][1:], (4, 3), strict=True):
        place = panel.left, panel.left + panel.width, panel.top, panel.top + panel.height
        assert len(seen.flashes(*place)) == expected
    sounds = {1000: (own, 4), 2200: (other, 3)}
    for tone, (sounding, expected) in sounds.items():
        if sounding:
            beeps = seen.beeps(tone)
            assert len(beeps) == expected
            assert in_step(seen.flashes(*_place(layout, tone == 1000)), beeps) <= IN_STEP


def _place(layout, own):
    panel = edits.DUETS[layout][1 if own else 2]
    return panel.left, panel.left + panel.width, panel.top, panel.top + panel.height


@pytest.mark.parametrize("other", [True, False], ids=["with sound", "silent"])
@pytest.mark.parametrize("own", [True, False], ids=["own sound", "own silent"])
def test_stitches_of_sounding_and_silent_clips(render, own, other):
    theirs = flashing(size="284x160", beeps=other, tone=2200)
    data = {"remix_trim": {"start": 0.5, "end": 1.5}, "trim": {"start": 0.5}, "speed": 1.5}
    seen = watched(render, data, flashing(beeps=own, size="160x284"), remix=theirs, remix_kind="stitch")
    assert seen.duration == pytest.approx(2, abs=seen.frame_seconds)
    flashes = seen.flashes()
    assert len(flashes) == 2 + 3
    beeps = seen.beeps()
    wanted = [*(flashes[:2] if other else []), *(flashes[2:] if own else [])]
    if wanted:
        assert in_step(numpy.array(wanted), beeps) <= IN_STEP
    else:
        assert seen.samples is None


@pytest.mark.parametrize("silent", [0, 1, 2])
def test_a_silent_clip_among_joined_ones_stays_silent_for_its_time(render, silent):
    clips = [flashing(beeps=number != silent, size="96x170", seconds=1.0) for number in range(3)]
    seen = watched(render, {"parts": [{}, {}]}, clips[0], parts=clips[1:])
    flashes = seen.flashes()
    assert len(flashes) == 6
    heard = flashes[numpy.floor(flashes + 0.01).astype(int) != silent]
    assert in_step(heard, seen.beeps()) <= IN_STEP


# --- Sounds ---------------------------------------------------------------------------------------------------------


def test_a_chosen_sound_begins_where_it_should_and_may_end_early(render):
    sound = beeping(seconds=1.5, tone=1500)
    data = {"sound": {"id": ANY, "start": 0.4, "original_volume": 0}}
    seen = watched(render, data, flashing(size="96x170"), sound=sound)
    assert seen.beeps() == pytest.approx([BEGIN + EVERY - 0.4, BEGIN + 2 * EVERY - 0.4], abs=0.01)


def test_fades_are_those_that_were_asked_for(render):
    """A steady sound of 1.6 seconds: it fades in over 0.5, and out over the last 0.4 before its own end."""
    data = {"sound": {"id": ANY, "original_volume": 0, "fade_in": 0.5, "fade_out": 0.4}}
    seen = watched(render, data, flashing(size="96x170"), sound=beeping(seconds=1.6, steady=True))
    level = seen.envelope()
    level /= level[14:20].mean()
    at = (numpy.arange(len(level)) + 0.5) * 0.05
    wanted = numpy.clip(numpy.minimum(at / 0.5, (1.6 - at) / 0.4), 0, 1)
    assert numpy.abs(level[:40] - wanted[:40]).max() < 0.08


def test_a_voice_is_heard_from_its_time_on_over_the_clip(render):
    voice = beeping("voice.m4a", seconds=0.4, tone=2200)
    seen = watched(
        render, {"voice": {"start": 0.9, "volume": 1}, "volume": 0.5}, flashing(size="96x170"), voice=voice
    )
    assert seen.beeps(2200) == pytest.approx([0.9 + BEGIN], abs=0.01)
    assert in_step(seen.flashes(), seen.beeps(1000)) <= IN_STEP


def test_volumes_are_as_loud_beside_each_other_as_they_were_set(render):
    data = {"sound": {"id": ANY, "volume": 1.0, "original_volume": 0.25}}
    seen = watched(render, data, flashing(size="96x170"), sound=beeping(seconds=2.0, tone=2200, steady=True))

    def strength(tone):
        during = [slice(int(t * 48_000) + 480, int((t + LASTS) * 48_000) - 480) for t in seen.flashes()]
        heard = numpy.concatenate([seen.samples[part] for part in during])
        turn = numpy.exp(
            -2j
            * numpy.pi
            * tone
            * numpy.concatenate([numpy.arange(s.start, s.stop) for s in during])
            / 48_000
        )
        return abs((heard * turn).mean())

    assert strength(1000) / strength(2200) == pytest.approx(0.25, abs=0.05)


def test_no_sound_track_when_everything_is_turned_off(render):
    seen = watched(render, {"volume": 0}, flashing(size="96x170"))
    assert seen.samples is None


@pytest.mark.parametrize(
    ("data", "sound", "wanted"),
    [
        ({"trim": {"start": 0.1}}, 1.0, -16),
        ({"trim": {"start": 0.1}}, 0.12, -16),
        ({"volume": 0.25}, 1.0, -28),
        ({"trim": {"start": 0.1}}, 0.0, None),
    ],
    ids=["loud", "quiet", "turned down", "silence"],
)
def test_clips_are_equally_loud_unless_they_were_turned_down(render, tmp_path, data, sound, wanted):
    quiet = tmp_path / "quiet.mp4"
    clip = flashing(size="96x170")
    command = [
        binary(),
        "-v",
        "error",
        "-i",
        str(clip),
        "-c:v",
        "copy",
        "-af",
        f"volume={sound}",
        "-c:a",
        "aac",
        str(quiet),
    ]
    subprocess.run(command, check=True)
    _clip, (path,) = render(data, quiet)
    made = probe(path, tmp_path / "probe")
    clip = transcoding.compose(edits.Edit(trim=edits.Trim(0.001)), made)
    measured = transcoding.measure_loudness(clip, tmp_path / "loudness")
    if wanted is None:
        assert measured.integrated <= transcoding.SILENCE
    else:
        assert measured.integrated == pytest.approx(wanted, abs=1)
        assert measured.peak <= transcoding.TRUE_PEAK + 1


# --- Pictures -------------------------------------------------------------------------------------------------------

TEST_PICTURE = "testsrc2=s={size}:r={rate}:d={seconds}"


def similar(shown, wanted):
    return structural_similarity(shown, wanted, channel_axis=2, data_range=255)


def stored(path):
    """The frames of a file of standard definition, without anything of ours."""
    import av

    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="rgb24", src_colorspace="ITU601", dst_colorspace="ITU601")
            for frame in container.decode(video=0)
        ]


def looked(picture, look):
    rows = numpy.array(edits.LOOKS[look].matrix)
    return numpy.clip(picture.astype(float) @ rows[:, :3].T + 255 * rows[:, 3], 0, 255)


def lettered(picture, text):
    height, width = picture.shape[:2]
    layer = lettering.draw(text, width, height)
    canvas = Image.fromarray(picture.round().astype("u1")).convert("RGBA")
    whole = Image.new("RGBA", canvas.size)
    whole.paste(layer.image, (layer.left, layer.top))
    canvas.alpha_composite(whole)
    return numpy.asarray(canvas.convert("RGB")).astype(float)


def blurred_fit(picture, width, height):
    """The whole picture in the middle of a frame, its own copy behind it: blurred, darker, covering all."""
    image = Image.fromarray(picture)
    scale = max(width / image.width, height / image.height)
    cover = image.resize((round(image.width * scale), round(image.height * scale)))
    left, top = (cover.width - width) // 2, (cover.height - height) // 2
    behind = cover.crop((left, top, left + width, top + height)).filter(
        ImageFilter.GaussianBlur(edits.BLUR_SIGMA * width)
    )
    whole = numpy.asarray(behind).astype(float) * edits.BLUR_BRIGHTNESS
    fitting = min(width / image.width, height / image.height)
    inner = numpy.asarray(image.resize((round(image.width * fitting), round(image.height * fitting))))
    y, x = ((height - inner.shape[0]) // 2 // 2 * 2, (width - inner.shape[1]) // 2 // 2 * 2)
    whole[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    return whole


COMBINED = {
    "trim": {"start": 0.4, "end": 1.9},
    "reframe": "blur",
    "speed": 1.5,
    "sound": {"id": ANY, "start": 0.25, "volume": 1.0, "original_volume": 0.4, "fade_in": 0.3, "fade_out": 0.4},
    "texts": [
        {"text": "First 😀", "x": 0.5, "y": 0.15, "size": 0.07, "color": "#ffee00", "font": "heavy", "end": 0.5},
        {"text": "שלום world", "x": 0.5, "y": 0.85, "size": 0.05, "background": "box", "start": 0.3, "end": 1.0},
    ],
    "filter": "warm",
}  # fmt: skip


def test_everything_at_once_is_one_run_and_looks_and_sounds_as_it_was_set(render):
    main = flashing(size="480x270", picture=TEST_PICTURE)
    _clip, (path,) = render(COMBINED, main, sound=beeping(seconds=3.0, tone=2200, steady=True))
    seen = watch(path)
    assert seen.duration == pytest.approx(1.0, abs=seen.frame_seconds)
    assert (seen.width, seen.height) == (480, 854)
    edit, frames = edits.parse(COMBINED), stored(main)
    for number in (1, 6, 11, 17, 23, 28):
        at = number / 30
        nearest = round((0.4 + 1.5 * at) * 30)
        found = []
        for source in frames[
            nearest - 1 : nearest + 2
        ]:  # which of two frames a moment between them shows is open
            wanted = looked(blurred_fit(source, seen.width, seen.height), edit.filter)
            for text in edit.texts:
                if text.start <= at < text.end:
                    wanted = lettered(wanted, text)
            off = numpy.abs(seen.at(at) - wanted).mean()  # SSIM hardly sees colours that are all shifted
            found.append((similar(seen.at(at), wanted.astype("u1")), off))
        alike, off = max(found)
        assert alike > 0.94, (number, found)
        assert off < 3.5, (number, found)
    _compare_sounds(seen)


def _compare_sounds(seen):
    """The envelope against one that is computed: beeps at 0.4 through the speed, and a tone that fades in and out."""
    at = numpy.arange(48_000) / 48_000
    in_source = 0.4 + 1.5 * at
    beeps = 0.4 * (((in_source + EVERY - BEGIN) % EVERY) < LASTS)
    tone = numpy.clip(numpy.minimum(at / 0.3, (1 - at) / 0.4), 0, 1)
    wanted = numpy.sqrt((beeps**2 + tone**2).reshape(-1, 2400).mean(axis=1))
    heard = seen.envelope()[: len(wanted)]
    heard = heard * (heard @ wanted) / (heard @ heard)
    assert numpy.abs(heard - wanted).max() < 0.12
    assert numpy.corrcoef(heard, wanted)[0, 1] > 0.98


@pytest.mark.parametrize("look", [name for name in edits.LOOKS if name != "none"])
def test_filters_are_the_matrix_that_the_browser_shows(render, look):
    every_colour = "colorspectrum=s={size}:r={rate}:d={seconds}"
    main = flashing(
        size="284x160", seconds=0.2, picture=every_colour, beeps=False, video=(*QUICK, "-crf", "2")
    )
    _clip, (path,) = render({"filter": look}, main)
    shown, before = watch(path).at(0.1), stored(main)[3]
    wanted = looked(before, look)
    assert numpy.abs(wanted - before).mean() > 4  # it does something
    assert numpy.abs(shown - wanted).mean() < 3


@pytest.mark.parametrize(("focus", "left"), [(0.0, 0), (0.5, 96), (1.0, 194)])
def test_a_crop_shows_what_lies_in_its_window(render, focus, left):
    main = flashing(size="284x160", seconds=0.5, picture=TEST_PICTURE, beeps=False)
    _clip, (path,) = render({"reframe": "crop", "focus_x": focus}, main)
    seen = watch(path)
    assert (seen.width, seen.height) == (90, 160)
    wanted = stored(main)[6][:, left : left + 90]
    assert similar(seen.at(0.2), wanted) > 0.9


def test_texts_are_seen_in_their_time_only(render):
    data = {
        "texts": [{"text": "I", "size": 0.2, "start": 0.5, "end": 1.0, "font": "heavy", "color": "#ff0000"}]
    }
    main = flashing(size="160x284", picture="color=c=black:s={size}:r={rate}:d={seconds}", beeps=False)
    seen = watch(render(data, main)[1][0])
    red = [frame[..., 0].max() > 120 for frame in seen.frames]
    assert (red.index(True), len(red) - red[::-1].index(True)) == (15, 30)


def test_all_renditions_come_from_one_run(render):
    data = {"texts": [{"text": "hello"}], "filter": "cool", "parts": [{}]}
    main = flashing(size="480x854", seconds=0.5)
    _clip, paths = render(data, main, parts=[main], rungs=2)
    assert [path.name for path in paths] == ["480.mp4", "360.mp4"]
    for path in paths:
        assert in_step(watch(path).flashes(), watch(path).beeps()) <= IN_STEP


# --- Odd files ------------------------------------------------------------------------------------------------------


def _turned(path):
    """The same file, to be shown turned by a quarter."""
    turned = path.with_name("turned.mp4")
    command = [
        binary(),
        "-v",
        "error",
        "-y",
        "-display_rotation",
        "90",
        "-i",
        str(path),
        "-c",
        "copy",
        str(turned),
    ]
    subprocess.run(command, check=True)
    return turned


def test_clips_of_different_kinds_are_joined(render):
    hdr = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params",
           "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc")  # fmt: skip
    parts = [
        _turned(flashing(size="284x160", seconds=1.0)),
        flashing("hdr.mp4", size="160x284", seconds=1.0, video=hdr),
        flashing("odd.mkv", size="100x284", seconds=1.0, extra=("-vf", "setsar=8/5"), rate=24),
        flashing("old.avi", size="320x240", seconds=1.0, video=("-c:v", "mpeg4", "-q:v", "3"), beeps=False),
    ]
    seen = watched(render, {"parts": [{}] * 4}, flashing(size="160x284", seconds=1.0), parts=parts)
    assert seen.duration == pytest.approx(5, abs=0.1)
    assert seen.width / seen.height == pytest.approx(160 / 284, rel=0.02)
    flashes = seen.flashes()
    assert len(flashes) == 10
    assert in_step(flashes[:8], seen.beeps()) <= IN_STEP
    for moment in (
        1.2,
        2.2,
        3.2,
    ):  # these fill the frame: upright, brought to its shape, as bright as any white
        assert seen.at(moment)[20:-20, 20:-20].min() > (150 if moment == 2.2 else 220)
    landscape = seen.at(4.2)
    assert landscape[10, 10].max() < 30 < 220 < landscape[seen.height // 2, 10].min()


@pytest.mark.parametrize(("start", "end"), [(0.8, 1.2), (0.3, 1.25), (0.8, 1.9)])
def test_a_picture_that_stands_still_is_there_wherever_it_is_cut(render, start, end):
    """Screen recordings have no new picture for as long as nothing moves: here none from 0.63 to 1.37 seconds."""
    gap = ("-vf", "select='not(between(n,20,40))'", "-fps_mode", "vfr")
    main = flashing("still.mp4", size="96x170", extra=gap)
    seen = watched(render, {"trim": {"start": start, "end": end}}, main)
    shown = [BEGIN + EVERY * number - start for number in (0, 3) if start < BEGIN + EVERY * number < end]
    assert seen.flashes() == pytest.approx(shown, abs=IN_STEP)


def test_what_an_edited_file_says_of_its_maker_is_gone(render):
    canary = "canary-4a7f-of-somewhere"
    tags = (
        "-metadata",
        f"title={canary}",
        "-metadata",
        f"location={canary}",
        "-metadata:s:v",
        f"handler_name={canary}",
    )
    main = flashing("tags.mp4", size="96x170", seconds=1.0, extra=(*tags, "-movflags", "use_metadata_tags"))
    sound = ROOT / "tagged.m4a"
    command = [
        binary(),
        "-v",
        "error",
        "-y",
        "-i",
        str(beeping()),
        "-metadata",
        f"artist={canary}",
        "-c",
        "copy",
        str(sound),
    ]
    subprocess.run(command, check=True)
    assert canary.encode() in main.read_bytes()
    assert canary.encode() in sound.read_bytes()
    data = {"parts": [{}], "sound": {"id": ANY}, "texts": [{"text": "hi"}]}
    _clip, (path,) = render(data, main, parts=[main], sound=sound)
    made = path.read_bytes()
    for words in (canary.encode(), b"Lavf", b"x264 - core"):
        assert words not in made


def test_length_is_judged_by_what_is_left_of_it(tmp_path, settings):
    settings.MAX_CLIP_SECONDS = 3
    long = probe(flashing(**LONG), tmp_path)
    with pytest.raises(Unusable) as refusal:
        transcoding.compose(edits.Edit(), long)
    assert (refusal.value.code, refusal.value.params) == ("too_long", {"length": "0:08", "limit": "0:03"})
    assert transcoding.compose(edits.parse({"trim": {"start": 4, "end": 6.5}}), long).duration == 2.5
    with pytest.raises(Unusable) as refusal:
        transcoding.compose(edits.parse({"trim": {"start": 4, "end": 6}, "speed": 0.5}), long)
    assert refusal.value.code == "too_long"
    with pytest.raises(Unusable) as refusal:
        transcoding.compose(edits.parse({"trim": {"start": 20}}), long)
    assert refusal.value.code == "too_short"


def test_every_input_of_an_edited_clip_is_held_to_what_it_is(tmp_path):
    main = probe(flashing(), tmp_path)
    edit = edits.parse(COMBINED | {"voice": {}, "parts": [{}]})
    clip = transcoding.compose(
        edit, main, parts=[main], sound=beeping(), voice=beeping(), remix=main, remix_kind="duet"
    )
    command = transcoding.encode_command(clip, transcoding.ladder(clip), tmp_path)
    assert command.count("-i") >= 5
    begin = 0
    for at in [number for number, part in enumerate(command) if part == "-i"]:
        options = dict(zip(command[begin:at:2], command[begin + 1 : at : 2], strict=True))
        assert options["-protocol_whitelist"] == "file,pipe"
        assert options["-f"] == options["-format_whitelist"] in {"mov", "png_pipe"}
        assert "-codec_whitelist" in options
        assert command[at + 1].startswith("/")
        begin = at + 2


def test_an_edited_clip_is_never_a_copy_and_a_later_edit_has_files_of_its_own(tmp_path):
    main = probe(flashing(), tmp_path)
    clip = transcoding.compose(edits.parse({"filter": "mono"}), main)
    assert not transcoding.conforms(clip)
    assert transcoding.conforms(transcoding.compose(edits.parse({"cover_at": 1}), main))
    rung = transcoding.first(clip, 2)
    assert (rung.name, rung.playlist, rung.copied) == ("r2-270.mp4", "r2-270.m3u8", False)
    assert dataclasses.replace(rung, revision=0).name == "270.mp4"
