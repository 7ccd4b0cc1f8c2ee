"""Edit lists: what is taken, what is refused with which sentence, and how long the clip becomes."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from socialapp.lib.errors import Invalid
from videos import edits
from videos.edits import Edit, Trim

seconds = some.floats(0, 100).map(lambda value: round(value, 3))
volumes = some.floats(*edits.VOLUMES)
shares = some.floats(0, 1)


@some.composite
def trims(draw):
    start = draw(seconds)
    return draw(some.sampled_from([{}, {"start": start}, {"start": start, "end": start + 1 + draw(seconds)}]))


@some.composite
def texts(draw):
    start = draw(seconds)
    text = {
        "text": "a" + draw(some.text(max_size=edits.MAX_TEXT_LENGTH - 1)),
        "x": draw(shares),
        "y": draw(shares),
        "size": draw(some.floats(*edits.TEXT_SIZES)),
        "color": "#" + draw(some.text("0123456789abcdefABCDEF", min_size=6, max_size=6)),
        "font": draw(some.sampled_from(list(edits.FONTS))),
        "background": draw(some.sampled_from(edits.BACKGROUNDS)),
        "align": draw(some.sampled_from(edits.ALIGNS)),
        "start": start,
    }
    return text | draw(some.sampled_from([{}, {"end": start + 0.5}]))


lists = some.fixed_dictionaries(
    {},
    optional={
        "version": some.just(edits.VERSION),
        "trim": trims(),
        "parts": some.lists(
            some.fixed_dictionaries({}, optional={"trim": trims()}), max_size=edits.MAX_PARTS
        ),
        "reframe": some.sampled_from(edits.REFRAMES),
        "focus_x": shares,
        "focus_y": shares,
        "speed": some.floats(*edits.SPEEDS),
        "volume": volumes,
        "sound": some.none()
        | some.fixed_dictionaries(
            {"id": some.integers(1, 2**63).map(str)},
            optional={
                "start": seconds,
                "volume": volumes,
                "original_volume": volumes,
                "fade_in": some.floats(0, 10),
            },
        ),
        "voice": some.none() | some.fixed_dictionaries({}, optional={"start": seconds, "volume": volumes}),
        "texts": some.lists(texts(), max_size=4),
        "filter": some.sampled_from(list(edits.LOOKS)),
        "cover_at": some.none() | seconds,
        "layout": some.sampled_from(edits.LAYOUTS),
        "remix_volume": volumes,
        "remix_trim": some.none() | some.just({"start": 1.0, "end": 5.5}),
    },
)


@given(lists)
def test_what_is_kept_is_what_was_made(data):
    edit = edits.parse(data)
    stored = json.loads(json.dumps(edits.dump(edit)))
    assert edits.load(stored) == edit
    assert edits.parse(stored or {}) == edit


def test_a_plain_clip_keeps_nothing():
    assert edits.dump(Edit()) == {}
    assert edits.load({}) == Edit()
    assert edits.load({}).is_plain


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        ({"cover_at": 1.0}, True),
        ({"layout": "stack", "focus_x": 0.1}, True),
        ({"speed": 1.0, "volume": 1, "trim": {"start": 0}}, True),
        ({"trim": {"start": 0.5}}, False),
        ({"speed": 1.1}, False),
        ({"volume": 0}, False),
        ({"filter": "noir"}, False),
        ({"parts": [{}]}, False),
        ({"voice": {}}, False),
        ({"texts": [{"text": "a"}]}, False),
        ({"reframe": "crop"}, False),
    ],
    ids=str,
)
def test_a_clip_is_plain_when_nothing_of_it_is_changed(data, plain):
    assert edits.parse(data).is_plain is plain


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "edit"),
        ({"version": 2}, "edit.version"),
        ({"version": True}, "edit.version"),
        ({"zoom": 2}, "edit.zoom"),
        ({"speed": 0.49}, "edit.speed"),
        ({"speed": 2.01}, "edit.speed"),
        ({"speed": "fast"}, "edit.speed"),
        ({"speed": True}, "edit.speed"),
        ({"speed": math.nan}, "edit.speed"),
        ({"volume": math.inf}, "edit.volume"),
        ({"volume": -0.1}, "edit.volume"),
        ({"trim": {"start": -1}}, "edit.trim.start"),
        ({"trim": {"start": 3, "end": 2}}, "edit.trim.end"),
        ({"trim": {"start": 3, "end": 3}}, "edit.trim.end"),
        ({"trim": [1, 2]}, "edit.trim"),
        ({"trim": {"from": 2}}, "edit.trim.from"),
        ({"parts": [{}] * 11}, "edit.parts"),
        ({"parts": {"a": 1}}, "edit.parts"),
        ({"parts": [{}, {"trim": {"start": 2, "end": 1}}]}, "edit.parts.1.trim.end"),
        ({"reframe": "stretch"}, "edit.reframe"),
        ({"reframe": ["crop"]}, "edit.reframe"),
        ({"focus_x": 1.5}, "edit.focus_x"),
        ({"filter": "../../etc/passwd"}, "edit.filter"),
        ({"layout": "diagonal"}, "edit.layout"),
        ({"sound": {}}, "edit.sound.id"),
        ({"sound": {"id": "1; DROP"}}, "edit.sound.id"),
        ({"sound": {"id": "1", "fade_in": 11}}, "edit.sound.fade_in"),
        ({"sound": "1"}, "edit.sound"),
        ({"voice": {"start": -1}}, "edit.voice.start"),
        ({"texts": [{"text": ""}]}, "edit.texts.0.text"),
        ({"texts": [{"text": " \n\x00"}]}, "edit.texts.0.text"),
        ({"texts": [{"text": "a" * 201}]}, "edit.texts.0.text"),
        ({"texts": [{"text": 5}]}, "edit.texts.0.text"),
        ({"texts": [{"text": "a", "color": "red"}]}, "edit.texts.0.color"),
        ({"texts": [{"text": "a", "font": "comic"}]}, "edit.texts.0.font"),
        ({"texts": [{"text": "a", "size": 0.5}]}, "edit.texts.0.size"),
        ({"texts": [{"text": "a", "start": 2, "end": 1}]}, "edit.texts.0.end"),
        ({"texts": [{"text": "a"}] * 21}, "edit.texts"),
        ({"remix_trim": {"start": 0, "end": 5.2}}, "edit.remix_trim.end"),
        ({"cover_at": -1}, "edit.cover_at"),
        ({"speed": 10**400}, "edit.speed"),
        ({"speed": float("nan")}, "edit.speed"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_under_its_own_name(data, field):
    with pytest.raises(Invalid) as refusal:
        edits.parse(data)
    assert list(refusal.value.fields) == [field]
    assert refusal.value.fields[field].endswith((".", "%"))


def test_all_mistakes_are_named_at_once():
    with pytest.raises(Invalid) as refusal:
        edits.parse({"speed": 9, "texts": [{"text": "ok"}, {"text": "", "color": "x"}], "reframe": 1})
    assert set(refusal.value.fields) == {
        "edit.speed",
        "edit.texts.1.text",
        "edit.texts.1.color",
        "edit.reframe",
    }


@given(
    some.recursive(
        some.none() | some.booleans() | some.floats() | some.text(max_size=5) | some.integers(),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(
                some.sampled_from(["trim", "texts", "start", "sound", "id", "text", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_anything_at_all_is_an_edit_list_or_a_refusal(data):
    try:
        edit = edits.parse(data)
    except Invalid as refusal:
        edit, named = None, refusal.fields
    assert edit is not None or named


def test_texts_keep_emoji_and_lose_what_has_no_shape():
    (text,) = edits.parse({"texts": [{"text": " a\r\nb\u2029c\x07 👨‍👩‍👧 \u202eא\ud800"}]}).texts
    assert text.text == "a\nb\nc 👨‍👩‍👧 \u202eא"


# --- Arithmetic -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "options", "duration"),
    [
        ({}, {}, 10),
        ({"trim": {"start": 2, "end": 5}}, {}, 3),
        ({"trim": {"start": 2, "end": 50}}, {}, 8),
        ({"trim": {"start": 20}}, {}, 0),
        ({"trim": {"start": 2, "end": 5}, "speed": 2}, {}, 1.5),
        ({"parts": [{"trim": {"start": 1, "end": 3}}], "speed": 0.5}, {"durations": [10, 4]}, 24),
        ({"parts": [{}]}, {"durations": [10, 4]}, 14),
        ({}, {"remix_kind": "duet", "remix_duration": 60}, 10),
        ({}, {"remix_kind": "stitch", "remix_duration": 60}, 15),
        (
            {"remix_trim": {"start": 4, "end": 6}, "speed": 2},
            {"remix_kind": "stitch", "remix_duration": 5},
            6,
        ),
    ],
    ids=str,
)
def test_how_long_the_finished_clip_is(data, options, duration):
    durations = options.pop("durations", [10])
    assert edits.timeline(edits.parse(data), durations, **options).duration == pytest.approx(duration)


def test_a_trim_lies_within_its_file():
    assert Trim(2, 5).of(10) == (2, 5)
    assert Trim(2).of(4) == (2, 4)
    assert Trim(8, 9).of(4) == (4, 4)


@pytest.mark.parametrize(
    ("size", "focus", "window"),
    [
        ((1920, 1080), 0, (0, 0, 0.3164, 1)),
        ((1920, 1080), 0.5, (0.3418, 0, 0.3164, 1)),
        ((1920, 1080), 1, (0.6836, 0, 0.3164, 1)),
        ((1080, 1920), 1, (0, 0, 1, 1)),
        ((1080, 2400), 0.5, (0, 0.1, 1, 0.8)),
    ],
)
def test_where_the_cropping_window_lies(size, focus, window):
    found = edits.crop_window(*size, edits.VERTICAL, focus, 0.5)
    assert (found.left, found.top, found.width, found.height) == pytest.approx(window, abs=1e-4)


def test_looks_leave_black_and_white_within_reach_and_none_changes_nothing():
    identity = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
    assert [pytest.approx(row) for row in identity] == list(edits.LOOKS["none"].matrix)
    for name, look in edits.LOOKS.items():
        for row in look.matrix:
            white, black = sum(row), row[3]
            assert -0.25 <= black <= 0.15, name
            assert 0.7 <= white <= 1.4, name


def test_the_editor_is_told_everything_in_json():
    told = json.loads(json.dumps(edits.for_editor()))
    assert [look["name"] for look in told["looks"]] == list(edits.LOOKS)
    assert all(
        item["label"] for group in ("looks", "fonts", "reframes", "layouts", "aligns") for item in told[group]
    )
    assert told["limits"]["text_sizes"] == list(edits.TEXT_SIZES)
