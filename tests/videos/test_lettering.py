"""Texts on clips: every script, every typeface, at the right place, always the same pixels."""

import io

import numpy
import pytest
from PIL import Image, features

from videos import edits, lettering
from videos.edits import Text

W, H = 270, 480


def drawn(text, **options):
    return lettering.draw(Text(text, **options), W, H)


def pixels(layer):
    return numpy.asarray(layer.image)


def coloured(layer):
    """Where a pixel is neither grey nor empty."""
    array = pixels(layer).astype(int)
    return (array[..., 3] > 200) & (array[..., :3].max(axis=-1) - array[..., :3].min(axis=-1) > 60)


def test_pillow_shapes_complex_scripts():
    assert features.check("raqm")


def test_the_same_text_gives_the_same_pixels():
    first, second = drawn("Same 😀 שלום", font="hand"), drawn("Same 😀 שלום", font="hand")
    assert first.png() == second.png()
    assert Image.open(io.BytesIO(first.png())).size == first.image.size


def test_typefaces_look_different():
    shapes = {font: pixels(drawn("Hamburg", font=font, size=0.08)) for font in edits.FONTS}
    names = list(shapes)
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            one, two = shapes[name], shapes[other]
            height, width = min(one.shape[0], two.shape[0]), min(one.shape[1], two.shape[1])
            differing = (numpy.abs(one[:height, :width].astype(int) - two[:height, :width]) > 100).mean()
            assert one.shape != two.shape or differing > 0.02, (name, other)


@pytest.mark.parametrize(
    ("x", "y"), [(0.5, 0.5), (0.2, 0.1), (0.9, 0.95)], ids=["middle", "upper left", "lower right"]
)
@pytest.mark.parametrize("font", list(edits.FONTS))
def test_the_centre_of_the_block_lies_where_it_was_put(x, y, font):
    layer = drawn("Centre", x=x, y=y, font=font)
    assert layer.left % 2 == layer.top % 2 == layer.image.width % 2 == layer.image.height % 2 == 0
    assert layer.left + layer.image.width / 2 == pytest.approx(x * W, abs=2)
    assert layer.top + layer.image.height / 2 == pytest.approx(y * H, abs=2)
    columns = numpy.nonzero(pixels(layer)[..., 3])[1]
    assert columns.min() + columns.max() == pytest.approx(layer.image.width, abs=0.06 * H)


def test_size_is_a_fraction_of_the_frames_height():
    def tall(size, height):
        rows = numpy.nonzero(
            pixels(lettering.draw(Text("H", size=size, background="none"), 9 * height // 16, height))[..., 3]
            > 200
        )
        return rows[0].max() - rows[0].min()

    assert tall(0.1, 480) == pytest.approx(2 * tall(0.05, 480), rel=0.1)
    assert tall(0.05, 960) == pytest.approx(2 * tall(0.05, 480), rel=0.1)
    assert tall(0.1, 1000) == pytest.approx(71, abs=3)  # capitals of this typeface


def test_long_texts_wrap_within_their_share_of_the_width():
    layer = drawn("a text of many words that cannot stand in one line of this small frame", size=0.05)
    columns = numpy.nonzero(pixels(layer)[..., 3])[1]
    assert columns.max() - columns.min() <= edits.WRAP_AT * W + 4
    assert layer.image.height > 3 * lettering.LINE * 0.05 * H


@pytest.mark.parametrize(
    "text",
    ["W" * 200, "漢字" * 100, "😀" * 40, "שלום" * 50, "क्षत्रिय" * 20, "a " * 100, "\n" * 50 + "a"],
    ids=["word", "cjk", "emoji", "hebrew", "devanagari", "spaces", "lines"],
)
@pytest.mark.parametrize("size", edits.TEXT_SIZES)
def test_no_text_grows_out_of_bounds(text, size):
    layer = lettering.draw(Text(text[:200], size=size), W, H)
    slack = 2 * (lettering.PADDING + lettering.LINE) * size * H + 4
    assert layer.image.height <= lettering.MOST_FRAMES * H + slack
    widest = max(edits.WRAP_AT * W, size * H * 2)  # one sign may be wider than the frame
    assert layer.image.width <= widest + slack


# Texts that grow when nobody looks: chained by joiners, stacked marks, marks that take room, the widest letters there are.
BOMBS = {
    "joined": "\u200d".join("W" * 100),
    "joined wide": "\u200d".join("\ufdfd" * 100),
    "wide": "\ufdfd" * 200,
    "stacked": "ก" + "็" * 199,
    "subjoined": "ཀ" + "ྱ" * 199,
    "spacing": "क" + "ा" * 199,
    "empty lines": "a" + "\n" * 198 + "b",
    "families": "👨‍👩‍👧‍👦" * 28,
}


@pytest.mark.parametrize("frame", [(270, 480), (16, 1920)])
@pytest.mark.parametrize("name", BOMBS)
def test_no_picture_is_larger_than_four_frames_whatever_is_written(name, frame, monkeypatch):
    sizes = []
    new = Image.core.fill

    def fill(mode, size, *color):
        sizes.append(size)
        return new(mode, size, *color)

    monkeypatch.setattr(Image.core, "fill", fill)
    layer = lettering.draw(Text(BOMBS[name], size=edits.TEXT_SIZES[1], font="heavy"), *frame)
    assert layer.image.width <= 2 * frame[0] + 2
    assert layer.image.height <= 2.5 * frame[1]
    # Letters are drawn one after the other on pictures of their own: none of these is a bomb either.
    most = 40 * (0.2 * frame[1]) ** 2
    assert max(wide * high for wide, high in sizes) <= max(most, 5 * frame[0] * frame[1])


def test_marks_that_belong_to_a_letter_stay():
    assert lettering._without_towers("e\u0323\u0302 கொ น้ำ") == "e\u0323\u0302 கொ น้ำ"
    assert lettering._without_towers("e" + "\u0301" * 50 + "a\u0301") == "e" + "\u0301" * 8 + "a\u0301"


def test_a_letter_too_ornate_for_a_bold_weight_is_drawn_all_the_same():
    assert (pixels(drawn("\ufdfd", size=0.05))[..., 3] > 200).sum() > 500


@pytest.mark.parametrize("align", edits.ALIGNS)
def test_lines_stand_where_they_are_aligned(align):
    layer = drawn("wide wide wide\ni", align=align, background="none")
    lower = pixels(layer)[layer.image.height * 11 // 20 :, :, 3]
    columns = numpy.nonzero(lower)[1]
    middle = (columns.min() + columns.max()) / 2 / layer.image.width
    assert {"left": middle < 0.25, "center": 0.4 < middle < 0.6, "right": middle > 0.75}[align]


def test_emoji_have_their_colours_and_joined_ones_are_one():
    assert coloured(drawn("😀")).mean() > 0.2
    assert not coloured(drawn("abc")).any()
    one = drawn("🔥").image.width
    for joined in ("👩‍🚀", "👍🏽", "🇫🇷", "🏳️‍🌈", "1️⃣", "❤️"):
        assert drawn(joined).image.width == one, joined
        assert coloured(drawn(joined)).any(), joined


def test_signs_are_letters_unless_emoji_are_asked_for():
    assert not coloured(drawn("© ™ ↔")).any()
    assert not coloured(drawn("❤\ufe0e")).any()
    assert coloured(drawn("↔\ufe0f")).any()


def test_right_to_left_text_runs_from_the_right():
    """The first letter of Hebrew stands on the right; numbers within it run from left to right."""
    alone = pixels(drawn("א"))
    word = pixels(drawn("אווו"))
    letter = alone[:, numpy.flatnonzero(alone[..., 3].any(axis=0))]
    columns = numpy.flatnonzero(word[..., 3].any(axis=0))
    right = word[:, columns[-letter.shape[1] :]]
    left = word[:, columns[: letter.shape[1]]]

    def differs(one, two):
        return (numpy.abs(one.astype(int) - two) > 120).mean()

    assert differs(right, letter) < differs(left, letter)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("abc", ["abc"]),
        ("אבג", ["אבג"]),
        ("abc אבג def", ["abc ", "אבג", " def"]),
        ("אבג abc", ["abc", "אבג "]),
        ("אבג 12% דה", ["דה", "12%", "אבג"]),
    ],
    ids=str,
)
def test_runs_stand_in_the_order_of_reading(text, order):
    shown = [run.text for run in lettering._visual(lettering._runs(text, "sans"))]
    assert [run.strip() for run in shown if run.strip()] == [run.strip() for run in order]


@pytest.mark.parametrize(
    "text",
    [
        "Привет",
        "Ελλάδα",
        "مرحبا",
        "שלום",
        "नमस्ते",
        "สวัสดี",
        "你好",
        "こんにちは",
        "안녕하세요",
        "தமிழ்",
        "ქართული",
        "አማርኛ",
        "→ ★ ∞",
        "🫠",
    ],
)
@pytest.mark.parametrize("font", ["sans", "heavy"])
def test_no_script_is_drawn_as_boxes(text, font):
    for run in lettering._runs(text, font):
        if run.face is not None:
            assert lettering._has(
                run.face, [ord(c) for c in run.text if c.isprintable() and c != "\u200d"]
            ), run


def test_arabic_letters_join():
    def wide(text):
        return sum(run.width(100) for run in lettering._runs(text, "sans"))

    assert wide("ببب") < 0.9 * 3 * wide("ب")


def test_a_box_is_behind_the_letters_and_contrasts():
    light, dark = pixels(drawn("x", background="box")), pixels(drawn("x", background="box", color="#000000"))
    corner = light.shape[0] // 2, 3
    assert tuple(light[corner]) == (0, 0, 0, 153)
    assert tuple(dark[corner]) == (255, 255, 255, 153)


def test_every_rendition_and_the_preview_break_lines_at_the_same_words():
    """Sizes at which the words just fit: hinting makes the line a little wider at one size, narrower at another."""
    frames = [(155, 276), (203, 360), (360, 640), (480, 854), (540, 960), (720, 1280), (1080, 1920)]
    for size in range(448, 458):
        text = Text(text="Two ways to fold noise", size=size / 10_000, font="serif")
        shares = [lettering.draw(text, *frame).image.height / frame[1] for frame in frames]
        assert max(shares) - min(shares) < 0.03, size  # one line more would be 0.05
