"""What an open conversation draws of messages: runs, days, the line before what is new, groups' events, pictures, faces."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.templatetags.chat import ONLY_EMOJI, event_sentence, fitted, in_runs

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = {"ana": "Ana A", "bo": "Bo B"}


def card(seq, sender="ana", minutes=0, **more):
    shape = {
        "seq": seq,
        "sender": sender,
        "created_at": NOON + timedelta(minutes=minutes),
        "kind": "text",
        "text": "x",
        "hidden": False,
        "removed": False,
        "preview": False,
        "quoted": None,
        "reactions": [],
        "event": None,
    }
    return shape | more


def drawn(*cards, read_seq=99, me="me", people=None):
    return in_runs(list(cards), read_seq=read_seq, me=me, people=people)


def ends(cards):
    return [(one["first"], one["last"]) for one in cards]


def test_what_one_person_writes_within_five_minutes_is_a_run():
    assert ends(drawn(card(1), card(2, minutes=4), card(3, minutes=10))) == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_another_sender_begins_a_run():
    assert ends(drawn(card(1), card(2, sender="bo"))) == [(True, True), (True, True)]


def test_a_new_day_is_said_once():
    shown = drawn(card(1), card(2, minutes=1), card(3, minutes=24 * 60))
    assert [one["day"] is not None for one in shown] == [True, False, True]


def test_an_event_stands_alone():
    event = card(2, kind="event", event={"what": "left", "subject": None, "text": ""})
    assert ends(drawn(card(1), event, card(3))) == [(True, True)] * 3


def test_what_is_hidden_keeps_its_number_and_parts_no_run():
    shown = drawn(card(1), card(2, sender=None, hidden=True), card(3))
    assert [one["seq"] for one in shown] == [1, 2, 3]
    assert (shown[0]["last"], shown[2]["first"]) == (False, False)
    assert shown[1]["day"] is None


def test_the_line_before_what_is_new_stands_once_and_never_on_top():
    def lines(*cards, **more):
        return [one["unread_starts"] for one in drawn(*cards, **more)]

    assert lines(card(1), card(2), card(3), read_seq=1) == [False, True, False]
    assert lines(card(1), card(2), read_seq=0) == [False, False]
    assert lines(card(1), card(2, sender="me"), card(3), read_seq=1) == [False, False, True]


def test_what_is_new_begins_a_run():
    assert drawn(card(1), card(2), read_seq=1)[1]["first"]


@pytest.mark.parametrize(
    ("event", "sender", "me", "sentence"),
    [
        ({"what": "created"}, "ana", "me", "Ana A made the group"),
        ({"what": "created"}, "me", "me", "You made the group"),
        ({"what": "added", "subject": "bo"}, "ana", "me", "Ana A added Bo B"),
        ({"what": "added", "subject": "me"}, "ana", "me", "Ana A added you"),
        ({"what": "added", "subject": "bo"}, "me", "me", "You added Bo B"),
        ({"what": "removed", "subject": "bo"}, "ana", "me", "Ana A removed Bo B"),
        ({"what": "left"}, None, "me", "Somebody left"),
        ({"what": "renamed", "text": "Pier % 7"}, "ana", "me", "Ana A named the group “Pier % 7”"),
        ({"what": "admin", "subject": "me"}, "ana", "me", "You are an admin now"),
        ({"what": "admin", "subject": "bo"}, None, "me", "Bo B is an admin now"),
        ({"what": "not_admin", "subject": "bo"}, "ana", "me", "Bo B is no longer an admin"),
        ({"what": "something new"}, "ana", "me", ""),
        (None, "ana", "me", ""),
    ],
)
def test_events_are_sentences(event, sender, me, sentence):
    assert event_sentence(card(1, sender=sender, event=event), me, NAMES) == sentence


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (100, 80, 'width="100" height="80"'),  # never blown up
        (2048, 1024, 'width="280" height="140"'),
        (1080, 1920, 'width="202" height="360"'),
        (4000, 3, 'width="280" height="48"'),  # still there to be pressed
    ],
)
def test_a_picture_fits_its_bubble_and_keeps_its_place(width, height, shown):
    assert fitted({"width": width, "height": height}) == shown


def test_reactions_are_counted_by_emoji():
    said = [("🔥", "ana"), ("😂", "bo"), ("🔥", "bo")]
    shown = drawn(
        card(1, reactions=[{"emoji": e, "username": n} for e, n in said]),
        people={
            name: {"username": name, "display_name": full, "avatar": None} for name, full in NAMES.items()
        },
    )[0]["faces"]
    assert [(face["emoji"], face["count"], face["titles"]) for face in shown] == [
        ("🔥", 2, "Ana A, Bo B"),
        ("😂", 1, "Bo B"),
    ]


@pytest.mark.parametrize(
    ("text", "large"),
    [
        ("😂", True),
        ("❤️", True),
        ("👍🏽", True),
        ("👩\u200d🚀🚀", True),
        ("🇫🇷", True),
        ("🔥🔥🔥🔥", False),
        ("ok 👍", False),
        ("1", False),
        ("", False),
        ("a", False),
    ],
)
def test_a_few_emoji_alone_are_large(text, large):
    assert bool(ONLY_EMOJI.fullmatch(text)) is large


@pytest.mark.parametrize(
    ("more", "label"),
    [
        ({"kind": "announcement"}, "Announcement"),
        ({"kind": "announcement", "preview": True}, "Exclusive preview"),
        ({"kind": "announcement", "preview": True, "removed": True}, ""),
        ({"kind": "away"}, "Away message"),
        ({"kind": "text"}, ""),
    ],
)
def test_what_no_hand_wrote_says_so(more, label):
    assert drawn(card(1, **more))[0]["label"] == label
