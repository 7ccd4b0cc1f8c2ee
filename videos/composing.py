"""One clip out of its files and its edit list: how long and how large it becomes, and the ffmpeg graph that draws it.

Everything is one graph, so that one run of ffmpeg decodes each file once. Times come from videos.edits; a file's own
oddities are levelled in videos.inputs; what becomes of picture and sound is videos.transcoding.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import ffmpeg
from django.conf import settings
from ffmpeg.nodes import FilterableStream, FilterNode, Node

from . import edits, lettering
from .edits import Edit, Panel, Timeline
from .failures import Unusable, clock
from .inputs import MAX_FRAME_RATE, described, even_rate, exact_rate, open_drawing, open_source, shaped
from .probe import Source

LARGEST = 1080  # short side of what is composed
LENGTH_TOLERANCE = 0.5  # seconds: cutters round up to whole frames and sound packets
SAMPLE_RATE = 48_000
TEMPO_WINDOW = 2048  # samples: the pieces that atempo moves, at SAMPLE_RATE
SAME_SHAPE = 0.01  # pictures whose proportions differ less are stretched rather than framed
SEEK_FROM = (
    5.0  # seconds: what starts later is reached through the file's index, not by decoding all before it
)
SEEKABLE = {"mov", "matroska"}  # their indexes lead to the exact key frame
LEFT_OVER = 1.0  # seconds for which a picture that ends before its sound stands still
_LEAD, _OTHER = 100, 101  # numbers of the stretches that are another's
LUT_SIZE = 33  # points on each axis of a filter's table: the usual size, and exact for what is linear


@dataclass(frozen=True)
class Segment:
    """A stretch of one file in the finished clip: `start` and `end` in seconds of the file, `frames` of the result."""

    number: (
        int  # ffmpeg-python takes filters that are written alike for one: each stretch's first one bears it
    )
    source: Source
    start: float
    end: float
    speed: float
    frames: int
    volume: float
    own: bool  # not another's clip, whose picture is left as its author made it


@dataclass(frozen=True)
class Composition:
    """The files of a clip and what is done with them. Made by `compose`, or by `plain` for a file as it is."""

    main: Source
    edit: Edit = field(default_factory=Edit)
    parts: tuple[Source, ...] = ()
    sound: Path | None = None
    voice: Path | None = None
    remix: Source | None = None
    remix_kind: str = ""

    @cached_property
    def is_plain(self) -> bool:
        """Whether the first file is shown as it is."""
        return self.edit.is_plain and not (self.parts or self.sound or self.voice or self.remix)

    @cached_property
    def timeline(self) -> Timeline:
        return edits.timeline(
            self.edit,
            [source.duration for source in self.own],
            remix_kind=self.remix_kind,
            remix_duration=self.remix.duration if self.remix else 0.0,
        )

    @property
    def own(self) -> tuple[Source, ...]:
        """The author's own clips, in their order."""
        return (self.main, *self.parts)

    @property
    def duration(self) -> float:
        """Seconds of the finished clip."""
        return self.main.duration if self.is_plain else self.timeline.duration

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the finished picture at its largest; no file is enlarged for it."""
        if self.is_plain:
            return self.main.width, self.main.height
        ratio = edits.finished_ratio(
            self.edit, self.main.width, self.main.height, remix_kind=self._shared_frame
        )
        panels = [(source, self._own_panel) for source in self.own]
        if self.remix is not None:
            panels.append((self.remix, self._other_panel))
        widest = max(
            self._width_for(
                source, ratio, panel, crops=self.edit.reframe == "crop" and source is not self.remix
            )
            for source, panel in panels
            if source is not self.remix or self._shared_frame
        )
        scale = min(1.0, LARGEST / min(widest, widest / ratio))
        return even(widest * scale), even(widest * scale / ratio)

    @staticmethod
    def _width_for(source: Source, ratio: float, panel: Panel, *, crops: bool) -> float:
        """How wide a frame of `ratio` is that shows `source` in `panel` with its own pixels."""
        shape = ratio * panel.width / panel.height
        window = edits.crop_window(source.width, source.height, shape)
        if crops:
            return source.width * window.width / panel.width
        return max(source.width, source.height * shape) / panel.width

    @property
    def _shared_frame(self) -> str:
        return "duet" if self.remix_kind == "duet" else ""

    @property
    def _own_panel(self) -> Panel:
        return edits.DUETS[self.edit.layout][1] if self._shared_frame else Panel(0, 0, 1, 1)

    @property
    def _other_panel(self) -> Panel:
        return edits.DUETS[self.edit.layout][2] if self._shared_frame else Panel(0, 0, 1, 1)

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    @property
    def short_side(self) -> int:
        return min(self.size)

    @cached_property
    def frame_rate(self) -> float:
        """Frames in a second of the finished clip: the highest of its files, brought to an even one."""
        if self.is_plain:
            return min(self.main.frame_rate, MAX_FRAME_RATE)
        sources = [*self.own, *([self.remix] if self.remix else [])]
        return max(even_rate(source) or source.frame_rate for source in sources)

    @property
    def has_sound(self) -> bool:
        """Whether anything can be heard."""
        if self.is_plain:
            return self.main.sound is not None
        return bool(self.volumes)

    @property
    def volumes(self) -> tuple[float, ...]:
        """The factors of all sounds that are heard."""
        edit = self.edit
        heard = [edit.own_volume for source in self.own if source.sound]
        if self.remix is not None and self.remix.sound:
            heard.append(edit.remix_volume)
        if self.sound is not None and edit.sound:
            heard.append(edit.sound.volume)
        if self.voice is not None and edit.voice:
            heard.append(edit.voice.volume)
        return tuple(volume for volume in heard if volume > 0)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read."""
        sources = [source.path for source in self.own]
        others = [self.remix.path if self.remix else None, self.sound, self.voice]
        return (*sources, *(path for path in others if path is not None))

    @cached_property
    def lead(self) -> Segment | None:
        """What comes first of another's clip, in a stitch."""
        if self.remix is None or self.remix_kind != "stitch":
            return None
        start, end = self.timeline.lead_span
        frames = round(self.timeline.lead * self.frame_rate)
        volume = self.edit.remix_volume
        return Segment(_LEAD, self.remix, start, end, 1.0, frames, volume, False) if frames else None

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """One's own stretches in their order. Cut to whole frames so that the sum is never off by more than half of one."""
        found, passed = [], 0.0
        before = round(self.timeline.lead * self.frame_rate)
        for number, start, end in self.timeline.spans:
            passed += (end - start) / self.edit.speed
            until = round((self.timeline.lead + passed) * self.frame_rate)
            frames, before = until - before, until
            if frames > 0:
                source, volume = self.own[number], self.edit.own_volume
                found.append(Segment(number, source, start, end, self.edit.speed, frames, volume, True))
        return tuple(found)

    @property
    def frames(self) -> int:
        """Pictures in the finished clip."""
        return sum(one.frames for one in (*self.segments, *([self.lead] if self.lead else [])))


def plain(source: Source) -> Composition:
    """A file as it is."""
    return Composition(source)


def compose(
    edit: Edit,
    main: Source,
    *,
    parts: tuple[Source, ...] | list[Source] = (),
    sound: Path | None = None,
    voice: Path | None = None,
    remix: Source | None = None,
    remix_kind: str = "",
) -> Composition:
    """What `edit` makes of these files. Raises Unusable when the result is too long or too short to be a clip.

    `sound` and `voice` are MP4 files of ours; without `remix` the kind is forgotten (it is gone).
    """
    composition = Composition(
        main=main,
        edit=edit,
        parts=tuple(parts),
        sound=sound if edit.sound else None,
        voice=voice if edit.voice else None,
        remix=remix if remix_kind else None,
        remix_kind=remix_kind if remix is not None else "",
    )
    length = composition.duration
    if length > settings.MAX_CLIP_SECONDS + LENGTH_TOLERANCE:
        raise Unusable("too_long", length=clock(length), limit=clock(settings.MAX_CLIP_SECONDS))
    if length < edits.SHORTEST or (not composition.is_plain and not composition.segments):
        raise Unusable("too_short")
    return composition


# --- Picture --------------------------------------------------------------------------------------------------------


def picture_and_sound(
    c: Composition, width: int, height: int, folder: Path, *, silent: bool = False
) -> tuple[Any, Any]:
    """The streams of the finished clip, `width` × `height`; the second is None when nothing is heard, or with `silent`.

    Writes what the graph draws from (texts, a filter's table) into `folder`. The sound is not levelled yet.
    """
    if c.is_plain:
        return _plain_picture(c.main, width, height), None if silent else sound(c)
    lead = [c.lead] if c.lead else []
    if c.remix_kind == "duet":
        picture = _duet(c, width, height, folder)
        track = None if silent or not c.has_sound else _joined_sound(c, list(c.segments))
    else:
        segments = [*lead, *c.segments]
        pictures = [_segment_picture(c, one, width, height, folder) for one in segments]
        sounds = None if silent or not c.has_sound else [_segment_sound(c, one) for one in segments]
        picture, track = _concat(pictures, sounds)
    picture = _lettered(c, picture, width, height, folder)
    return picture, None if track is None else _mixed(c, track)


def _plain_picture(source: Source, width: int, height: int) -> Any:
    opened = open_source(source.path, source.demuxer, t=round(source.duration + 1, 3))
    stream = described(opened[str(source.video_index)], source)
    if (rate := even_rate(source)) is not None:
        stream = stream.filter("fps", fps=rate)
    return shaped(stream, source, width, height)


def _opened(segment: Segment) -> tuple[Any, float]:
    """The segment's file, and where in what is then read the segment starts (seconds)."""
    source = segment.source
    skipped = 0.0
    if segment.start > SEEK_FROM and source.demuxer in SEEKABLE:
        # The picture that is seen at the start may have come long before it, but not before its key frame. A second more:
        # sound needs a running start, and files may count time from another moment than their first picture.
        keys = (time - source.keyframes[0] for time in source.keyframes)
        skipped = max(0.0, max((time for time in keys if time <= segment.start), default=0.0) - 1)
    options = {"ss": skipped} if skipped else {}
    until = round(segment.end - skipped + 1, 3)
    return open_source(source.path, source.demuxer, t=until, **options), segment.start - skipped


def _segment_picture(c: Composition, segment: Segment, width: int, height: int, folder: Path) -> Any:
    stream = _timed(c, segment)
    reframe = c.edit.reframe
    if c.remix_kind == "duet" and not (segment.own and reframe == "crop"):
        reframe = "blur"  # two pictures in one frame: each whole, none cut without being asked
    elif not segment.own and reframe == "crop":
        reframe = "blur"
    stream = _framed(stream, c, segment.source, width, height, reframe)
    if segment.own and c.edit.filter != "none":
        stream = _looked(stream, c.edit.filter, folder)
    return stream


def _timed(c: Composition, segment: Segment, frames: int | None = None) -> Any:
    """The segment's pictures, from time 0, at the clip's rate and speed: exactly `frames` of them if the file has them.

    Time is shifted by the edit list's number, never by the first frame found: picture and sound stay together.
    """
    opened, start = _opened(segment)
    stream = opened[str(segment.source.video_index)]
    stream = stream.filter("setpts", f"(PTS-{start:.6f}/TB)/{segment.speed:.6f}+0*{segment.number}")
    end = (segment.end - segment.start + 0.001) / segment.speed
    stream = described(stream.filter("trim", end=round(end, 6)), segment.source)
    # What is seen at the start is the last picture before it: `fps` holds it, and drops those before it.
    stream = stream.filter("fps", fps=exact_rate(c.frame_rate), start_time=0)
    wanted = frames or segment.frames
    missing = wanted if segment.source.variable_rate else wanted - segment.frames
    still = LEFT_OVER + missing / c.frame_rate
    stream = stream.filter("tpad", stop_mode="clone", stop_duration=round(still, 3))
    return stream.filter("trim", end_frame=wanted)


def _framed(stream: Any, c: Composition, source: Source, width: int, height: int, how: str) -> Any:
    """The picture of `source` in a frame of this size: cut to it, on its own blurred copy, or between bars."""
    shape, wanted = source.width / source.height, width / height
    if abs(shape / wanted - 1) < SAME_SHAPE:
        return shaped(stream, source, width, height)
    if how == "crop":
        window = edits.crop_window(source.width, source.height, wanted, c.edit.focus_x, c.edit.focus_y)
        # To whole pairs of pixels, as 4:2:0 has them; the filter itself would only round down.
        parts = (("iw", window.width), ("ih", window.height), ("iw", window.left), ("ih", window.top))
        places = [f"2*round({side}*{share:.6f}/2)" for side, share in parts]
        return shaped(stream.filter("crop", *places), source, width, height)
    inner = even(min(width, height * shape)), even(min(height, width / shape))
    left, top = (whole_even((outer - own) / 2) for outer, own in zip((width, height), inner, strict=True))
    stream = shaped(stream, source, *inner)
    if how != "blur":
        return stream.filter("pad", width, height, left, top)
    copies = stream.filter_multi_output("split", 2)
    behind = _blurred(copies.stream(0), shape, width, height)
    return ffmpeg.overlay(behind, copies.stream(1), x=left, y=top)


def _blurred(stream: Any, shape: float, width: int, height: int) -> Any:
    """A blurred, darkened copy that covers the frame; worked on while it is small."""
    small_width = even(min(width, max(64, width / 8)))
    small_height = even(small_width * height / width)
    covering = max(small_width, small_height * shape)
    stream = stream.filter("scale", even(covering), even(covering / shape), flags="bilinear")
    # With colour at full resolution: gblur's width is in samples of each plane.
    stream = stream.filter("crop", small_width, small_height).filter("format", "yuv444p")
    stream = stream.filter("gblur", sigma=round(edits.BLUR_SIGMA * small_width, 3), steps=2)
    darker = edits.BLUR_BRIGHTNESS
    chroma = f"128+(val-128)*{darker}"
    stream = stream.filter("lutyuv", y=f"16+(val-16)*{darker}", u=chroma, v=chroma)
    stream = stream.filter("scale", width, height, flags="bicubic")
    return stream.filter("format", "yuv420p").filter("setsar", "1")


def _duet(c: Composition, width: int, height: int, folder: Path) -> Any:
    """Both clips at the same time; the other's holds its last picture where it is shorter."""
    assert c.remix is not None  # noqa: S101 (what makes it a duet)
    side = c.edit.layout == "side"
    first = (even(width / 2), height) if side else (width, even(height / 2))
    second = (width - first[0], height) if side else (width, height - first[1])
    own, _no_sound = _concat([_segment_picture(c, one, *first, folder) for one in c.segments], None)
    segment = _other(c)
    other = _framed(_timed(c, segment, c.frames), c, c.remix, *second, "blur")
    return ffmpeg.filter([own, other], "hstack" if side else "vstack", inputs=2)


def _other(c: Composition) -> Segment:
    """The other clip of a duet, as far as it is used."""
    assert c.remix is not None  # noqa: S101 (what makes it a duet)
    end = min(c.remix.duration, c.frames / c.frame_rate)
    frames = max(1, round(end * c.frame_rate))
    return Segment(_OTHER, c.remix, 0.0, end, 1.0, frames, c.edit.remix_volume, False)


@functools.cache
def _colours(look: str) -> str:
    """The filter as a table of colours (Adobe's cube format), the same numbers as the browser's feColorMatrix."""
    steps = [step / (LUT_SIZE - 1) for step in range(LUT_SIZE)]
    rows = edits.LOOKS[look].matrix
    lines = [f"LUT_3D_SIZE {LUT_SIZE}"]
    for blue in steps:
        for green in steps:
            for red in steps:
                colour = (r * red + g * green + b * blue + lift for r, g, b, lift in rows)
                lines.append(" ".join(f"{min(1.0, max(0.0, value)):.6f}" for value in colour))
    return "\n".join([*lines, ""])


def _looked(stream: Any, look: str, folder: Path) -> Any:
    table = folder / f"{look}.cube"
    table.write_text(_colours(look))
    precise = "bicubic+accurate_rnd+full_chroma_int"
    stream = stream.filter("scale", flags=precise).filter("format", "gbrp")
    # Its name only: ffmpeg runs in that folder.
    stream = stream.filter("lut3d", table.name, interp="tetrahedral")
    stream = stream.filter("scale", flags=precise, out_color_matrix="bt709", out_range="tv")
    return stream.filter("format", "yuv420p")


def _lettered(c: Composition, stream: Any, width: int, height: int, folder: Path) -> Any:
    """The texts over the picture, each in its time."""
    for number, text in enumerate(c.edit.texts):
        end = c.duration if text.end is None else text.end
        if text.start >= c.duration:
            continue
        layer = lettering.draw(text, width, height)
        path = folder / f"text-{number}.png"
        layer.image.save(path)
        drawing = open_drawing(path)["v:0"].filter("scale", out_color_matrix="bt709", out_range="tv")
        drawing = drawing.filter("format", "yuva420p")
        a_little = 0.25 / c.frame_rate  # frames' times are rounded
        shown = f"gte(t,{text.start - a_little:.4f})*lt(t,{end - a_little:.4f})"
        stream = ffmpeg.overlay(stream, drawing, x=layer.left, y=layer.top, enable=shown)
    return stream


def _concat(pictures: list[Any], sounds: list[Any] | None) -> tuple[Any, Any]:
    """One after the other. Joined together, so that a picture that falls short does not shift what follows."""
    if len(pictures) == 1:
        return pictures[0], sounds[0] if sounds else None
    if sounds is None:
        return ffmpeg.concat(*pictures, v=1, a=0), None
    streams = [stream for pair in zip(pictures, sounds, strict=True) for stream in pair]
    joined = ffmpeg.concat(*streams, v=1, a=1).node
    return joined[0], joined[1]


def even(value: float) -> int:
    """The nearest even number: what 4:2:0 pictures are large."""
    return max(2, round(value / 2) * 2)


def whole_even(value: float) -> int:
    """The even number below: where something lies on a 4:2:0 picture."""
    return int(value // 2) * 2


# --- Sound ----------------------------------------------------------------------------------------------------------


class _Generated(FilterNode):
    """A filter without input; ffmpeg-python knows only inputs that are files."""

    def __init__(self, name: str, **options: Any) -> None:
        Node.__init__(
            self,
            stream_spec=None,
            name=name,
            incoming_stream_types={FilterableStream},
            outgoing_stream_type=FilterableStream,
            min_inputs=0,
            max_inputs=0,
            kwargs=options,
        )


def sound(c: Composition) -> Any:
    """The sound of the finished clip by itself, not levelled; None when nothing is heard."""
    if c.is_plain:
        source = c.main
        if source.sound is None:
            return None
        opened = open_source(source.path, source.demuxer, t=round(source.duration + 1, 3))
        return _even_sound(opened[str(source.sound.index)])
    if not c.has_sound:
        return None
    return _mixed(c, _joined_sound(c, [*([c.lead] if c.lead else []), *c.segments]))


def _even_sound(stream: Any) -> Any:
    """Two channels at SAMPLE_RATE from time 0, gaps filled so that sound and picture stay together."""
    stream = stream.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0, "min_hard_comp": 0.03})
    return _pinned(stream)


def _silence(seconds: float, number: int) -> Any:
    # Packets of another length are another filter to ffmpeg-python.
    made = _Generated("anullsrc", r=SAMPLE_RATE, cl="stereo", n=1024 + number).stream()
    return _pinned(made.filter("atrim", end=seconds))


def _pinned(stream: Any) -> Any:
    """In the one form that sounds are mixed in, whatever filters behind it would rather have."""
    return stream.filter("aformat", sample_fmts="fltp", sample_rates=SAMPLE_RATE, channel_layouts="stereo")


def _segment_sound(c: Composition, segment: Segment, frames: int | None = None) -> Any:
    """Exactly as long as the segment's pictures; silence where the file has none."""
    wanted = round((frames or segment.frames) / c.frame_rate, 6)
    if segment.source.sound is None or segment.volume == 0:
        return _silence(wanted, segment.number)
    opened, start = _opened(segment)
    stream = opened[str(segment.source.sound.index)]
    # atempo is early by half of its window, which is the power of two from a 24th of a second on; with that silence before
    # it, 15 ms are left of the 57 that were measured at half speed.
    late = TEMPO_WINDOW / 2 / SAMPLE_RATE if segment.speed != 1 else 0.0
    stream = stream.filter("asetpts", f"PTS-{start - late:.6f}/TB+0*{segment.number}")
    end = late + segment.end - segment.start
    stream = _even_sound(stream.filter("atrim", start=round(late, 6), end=round(end, 6)))
    if segment.speed != 1:
        stream = stream.filter("atempo", segment.speed)
    if segment.volume != 1:
        stream = stream.filter("volume", segment.volume)
    return _pinned(stream.filter("apad", whole_dur=wanted).filter("atrim", end=wanted))


def _joined_sound(c: Composition, segments: list[Segment]) -> Any:
    sounds = [_segment_sound(c, one) for one in segments]
    return sounds[0] if len(sounds) == 1 else ffmpeg.concat(*sounds, v=0, a=1)


def _mixed(c: Composition, track: Any) -> Any:
    """The clips' own sound with the chosen sound, the voice and the other half of a duet, as long as the clip."""
    tracks = [track, *_added(c)]
    if len(tracks) == 1:
        return track
    return ffmpeg.filter(
        tracks, "amix", inputs=len(tracks), duration="first", dropout_transition=0, normalize=0
    )


def _added(c: Composition) -> Iterator[Any]:
    length = c.frames / c.frame_rate
    if c.remix_kind == "duet" and c.remix is not None and c.remix.sound and c.edit.remix_volume > 0:
        yield _segment_sound(c, _other(c), c.frames)
    chosen = c.edit.sound
    if c.sound is not None and chosen and chosen.volume > 0:
        stream = open_source(c.sound, "mov")["a:0"]
        stream = stream.filter("atrim", start=chosen.start, end=round(chosen.start + length, 6))
        stream = _even_sound(stream.filter("asetpts", f"PTS-{chosen.start:.6f}/TB"))
        if chosen.fade_in > 0:
            stream = stream.filter("afade", t="in", d=chosen.fade_in)
        if chosen.fade_out > 0:
            # Backwards: the sound may end before the clip does, and nobody knows yet when. 23 MB a minute.
            stream = stream.filter("areverse").filter("afade", t="in", d=chosen.fade_out).filter("areverse")
        yield stream.filter("volume", chosen.volume)
    voice = c.edit.voice
    if c.voice is not None and voice and voice.volume > 0:
        stream = _even_sound(open_source(c.voice, "mov")["a:0"])
        if voice.start > 0:
            stream = stream.filter("adelay", f"{round(voice.start * SAMPLE_RATE)}S", all=1)
        yield stream.filter("volume", voice.volume)
