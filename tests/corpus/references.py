"""An independent reading of uploads and of what was made of them: PyAV decodes, numpy does the arithmetic.

Nothing here asks the code under test how it turns, scales, converts or times a picture.
"""

import io

import av
import numpy
from PIL import Image

RATE = 8000  # Hz, for comparing sounds


# --- Pictures -------------------------------------------------------------------------------------------------------


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


# --- Time -----------------------------------------------------------------------------------------------------------


def opened(media):
    """PyAV's container of a path or of bytes."""
    return av.open(io.BytesIO(media)) if isinstance(media, bytes) else av.open(str(media))


def chosen_picture(container):
    return max(container.streams.video, key=lambda s: ("default" in str(s.disposition), s.width * s.height))


def picture_times(media):
    """(the first frame's time, the last one's, frames, seconds a frame on average), with edit lists as the file has them."""
    with opened(media) as container:
        times = sorted(
            frame.time for frame in container.decode(chosen_picture(container)) if frame.time is not None
        )
    times = [time for time in times if time >= 0]
    return times[0], times[-1], len(times), (times[-1] - times[0]) / max(1, len(times) - 1)


def sound_of(media):
    """The sound that is played, mono at RATE, from time 0 of the clip on; None when there is none."""
    with opened(media) as container:
        streams = [stream for stream in container.streams.audio if stream.codec_context]
        if not streams:
            return None
        stream = max(
            streams,
            key=lambda s: ("default" in str(s.disposition), s.codec_context.channels, -s.index),
        )
        zero = (container.start_time or 0) / av.time_base
        resampler = av.AudioResampler("flt", "mono", RATE)
        line, end = numpy.zeros(RATE * 400, "f4"), None
        for frame in container.decode(stream):
            if frame.time is None:
                continue
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray()[0]
                start = round((piece.time - zero) * RATE) if piece.pts is not None else end or 0
                if end is not None and abs(start - end) < RATE // 20:
                    start = end  # time stamps in whole milliseconds tear no sound apart
                end = start + len(samples)
                if start < 0:
                    samples, start = samples[-start:], 0
                line[start : start + len(samples)] = samples[: max(0, len(line) - start)]
    return line[:end]


def sound_shift(one, other, most=0.5):
    """By how many seconds `other` comes later than `one`, and how sure that is (1: alike)."""
    size = 1 << (len(one) + len(other)).bit_length()
    product = numpy.fft.rfft(other, size) * numpy.conj(numpy.fft.rfft(one, size))
    lags = numpy.fft.irfft(product, size)
    reach = int(most * RATE)
    around = numpy.concatenate([lags[-reach:], lags[: reach + 1]])
    best = int(numpy.argmax(numpy.abs(around)))
    sure = abs(around[best]) / max(1e-9, float(numpy.linalg.norm(one) * numpy.linalg.norm(other)))
    return (best - reach) / RATE, float(sure)


def small_frames(media):
    """[(time, small grey picture as stored)] of every frame, upright."""
    found = []
    with opened(media) as container:
        zero = (container.start_time or 0) / av.time_base
        for frame in container.decode(chosen_picture(container)):
            if frame.time is None or frame.time < 0:
                continue
            tall = frame.height > frame.width
            grey = frame.reformat(*((18, 32) if tall else (32, 18)), format="gray").to_ndarray().astype("f4")
            found.append((frame.time - zero, numpy.rot90(grey, k=round(frame.rotation / 90) % 4)))
    return sorted(found, key=lambda pair: pair[0])


def picture_shift(one, other, most=0.25, step=0.005):
    """By how many seconds the pictures of `other` come later than those of `one`: the shift at which they differ least, and
    how sure that is (0: any shift would do, as nothing moves; 1: the pictures are the same at this shift and at no other).

    Brightness and contrast are taken out, as tone mapping changes them.
    """
    times = numpy.array([time for time, _grey in one])
    ours = numpy.stack([_even(grey) for _time, grey in one])
    moments = numpy.array([time for time, _grey in other])
    pictures = numpy.stack([_even(_resized(grey, one[0][1].shape)) for _time, grey in other])
    shifts, unlike = numpy.arange(-most, most + step / 2, step), []
    for shift in shifts:
        # What was on the screen at each moment, were it shifted back.
        shown = numpy.searchsorted(times, moments - shift + 1e-4, side="right") - 1
        inside = (shown >= 0) & (moments - shift <= times[-1])
        enough = inside.sum() >= max(3, 0.5 * len(moments))
        unlike.append(
            float(numpy.abs(ours[shown[inside]] - pictures[inside]).mean()) if enough else numpy.inf
        )
    known = numpy.array(unlike)
    # A picture stands until the next one, so shifts of up to a frame earlier show the same: the latest is the true one.
    best = known <= known.min() * 1.001 + 1e-6
    worst = float(known[numpy.isfinite(known)].max())
    return float(shifts[best].max()), 1 - float(known.min()) / max(worst, 1e-6)


def _even(grey):
    return (grey - grey.mean()) / max(float(grey.std()), 1.0)


def _resized(grey, shape):
    return numpy.asarray(Image.fromarray(grey).resize((shape[1], shape[0]), Image.Resampling.BOX))
