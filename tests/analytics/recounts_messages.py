"""How conversations go, planted message by message and recounted from the messages: who wrote when, and what was read."""

from collections import defaultdict
from datetime import timedelta
from statistics import median

import time_machine

from accounts import actions as people
from messaging import actions as messaging
from messaging.models import Message
from privacy.actions import block

from .every_figure import DAYS, NOON, TODAY, moment, number, page, rows
from .recounts import between, both_periods

PENS = 9
ANSWER_DAYS = 3  # within which a word of a receiver's is an answer to an announcement
FEWEST = 5  # of whom it is told that they opened one


def plant(dice, erin, clips, make_person, committed):
    """Friends who write and are written to for two weeks, and all that is no conversation of two with an answer."""
    with time_machine.travel(NOON - timedelta(days=19), tick=False), committed(execute=True):
        pens = [make_person(f"pen{n}") for n in range(PENS)]
        for pen in pens:
            people.follow(pen, erin)
            people.follow(erin, pen)
        shy = pens[0].privacy
        shy.read_receipts = False
        shy.save()
    for n, pen in enumerate(pens[:7]):
        _converse(dice, erin, pen, begun_by=erin if n % 3 == 0 else pen, ago=13 - 2 * n)
    _announce(erin, clips, pens)
    _nothing_to_answer(erin, pens, make_person)


def _say(sender, talk, at, text="A word"):
    with time_machine.travel(at, tick=False):
        messaging.send_message(sender, talk.pk, client_id=f"{talk.pk} {at:%d %H:%M:%S}", text=text)


def _converse(dice, erin, pen, begun_by, ago):
    """Words of both in no order: several in a row, and waits from a minute to a day."""
    other = pen if begun_by is erin else erin
    talk = messaging.open_conversation(begun_by, [other.username])[0]
    at, sender = NOON - timedelta(days=ago, hours=5), begun_by
    for _n in range(9):
        if at > NOON:
            break
        _say(sender, talk, at)
        at += timedelta(seconds=dice.choice([60, 900, 7_000, 40_000, 86_000]) + dice.randrange(500))
        sender = dice.choice([erin, pen])


def _announce(erin, clips, pens):
    """Three: one that many opened, one that few did, one that still waits."""
    for place, (ago, audience) in enumerate(((5, "followers"), (3, "friends"), (0, "followers"))):
        at = NOON - timedelta(days=ago)
        with time_machine.travel(at, tick=False):
            messaging.announce(erin, video_id=clips[place].pk, text=f"Look {ago}", audience=audience)
            if ago:
                assert messaging.serve_announcements() >= len(pens)
        readers = pens[:8] if ago == 5 else pens[7:] if ago else []
        for pen in readers:
            talk = messaging.open_conversation(pen, [erin.username])[0]
            with time_machine.travel(at + timedelta(hours=1), tick=False):
                messaging.mark_read(pen, talk.pk)
    for pen, hours in ((pens[5], 30), (pens[6], 71), (pens[7], 73), (pens[8], 119)):
        talk = messaging.open_conversation(pen, [erin.username])[0]
        _say(pen, talk, NOON - timedelta(days=5) + timedelta(hours=hours), "I saw it")


def _nothing_to_answer(erin, pens, make_person):
    """A group, a stranger's request, somebody who is blocked by now, and a message that a moderator holds."""
    at = NOON - timedelta(days=3)
    with time_machine.travel(at, tick=False):
        group = messaging.start_group(erin, [pens[0].username, pens[1].username], "Us")
    _say(pens[0], group, at + timedelta(hours=1))
    _say(erin, group, at + timedelta(hours=2))
    for name in ("odd", "rude", "held"):
        one = make_person(name)
        talk = messaging.open_conversation(one, [erin.username])[0]
        _say(one, talk, at + timedelta(hours=3), f"Hello from {name}")
        if name == "rude":
            block(erin, one)
        if name == "held":
            Message.objects.filter(sender=one).update(held_for="term")


# --- The recount --------------------------------------------------------------------------------------------------


@page("analytics-messages", days=DAYS, elsewhere=("video",))
def messages(world):
    """`video` is the card of an announced clip, as it is everywhere: tests/videos verifies it."""
    found = both_periods(lambda first, last: talked(world.erin, first, last))
    for days in (found["series"], found["series_before"]):
        for day in days.values():
            del day["answered"]  # of a period only
    return {**found, "announcements": announced(world.erin)}


def talked(me, first, last):
    begun = (
        "SELECT COUNT(*) FROM messaging_message m JOIN messaging_conversation c ON c.id = m.conversation_id "
        "WHERE m.seq = 1 AND m.kind = 'text' AND NOT c.is_group AND m.created_at >= %s AND m.created_at < %s "
    )
    span = between(first, last)
    took = [(talk, wait) for talk, at, wait in answers(me) if span[0] <= at < span[1]]
    return {
        "started": number(f"{begun} AND m.sender_id = %s", *span, me.pk),
        "received": number(
            f"{begun} AND m.sender_id <> %s AND m.held_for = '' AND EXISTS (SELECT 1 FROM messaging_participant p "
            "WHERE p.conversation_id = m.conversation_id AND p.person_id = %s) AND NOT EXISTS (SELECT 1 FROM privacy_block b "
            "WHERE (b.blocker_id = %s AND b.blocked_id = m.sender_id) OR (b.blocked_id = %s AND b.blocker_id = m.sender_id))",
            *span,
            *[me.pk] * 4,
        ),
        "answers": len(took),
        "answered": len({talk for talk, _wait in took}),
        "median_ms": round(median(wait for _talk, wait in took) * 1000) if took else None,
    }


def answers(me):
    """(conversation, when, seconds): one's first message after one or more of the other's, by walking through conversations."""
    found, waits = [], {}
    for talk, sender, said in rows(
        "SELECT m.conversation_id, m.sender_id, m.created_at FROM messaging_message m "
        "JOIN messaging_conversation c ON c.id = m.conversation_id JOIN messaging_participant p ON p.conversation_id = c.id "
        "WHERE p.person_id = %s AND NOT c.is_group AND m.kind = 'text' ORDER BY m.conversation_id, m.seq",
        me.pk,
    ):
        at = moment(said)
        if sender != me.pk:
            waits.setdefault(talk, at)
        elif talk in waits:
            found.append((talk, at, int((at - waits.pop(talk)).total_seconds())))
    return found


def announced(me):
    """What each announcement of the period went to, and came to."""
    found = {}
    for pk, state in rows(
        "SELECT id, state FROM messaging_announcement WHERE author_id = %s AND created_at >= %s AND created_at < %s",
        me.pk,
        *between(TODAY - timedelta(days=DAYS - 1), TODAY),
    ):
        opened = number(
            "SELECT COUNT(*) FROM messaging_message m JOIN messaging_participant p ON p.conversation_id = m.conversation_id "
            "JOIN privacy_privacysettings s ON s.person_id = p.person_id WHERE m.announcement_id = %s "
            "AND m.removed_at IS NULL AND p.person_id <> %s AND s.read_receipts AND p.read_seq >= m.seq",
            pk,
            me.pk,
        )
        followers = number(
            "SELECT COUNT(*) FROM accounts_follow WHERE followed_id = %s AND state = 'accepted'", me.pk
        )
        found[f"[{pk}]"] = {
            "sent": number("SELECT COUNT(*) FROM messaging_message WHERE announcement_id = %s", pk),
            "waiting": followers if state == "waiting" else 0,
            "opened": opened if opened >= FEWEST else None,
            "answers": answered(me, pk),
        }
    return found


def answered(me, pk):
    """In how many conversations the receiver wrote after it, within three days."""
    talks = defaultdict(list)
    for talk, sent, said in rows(
        "SELECT m.conversation_id, m.created_at, a.created_at FROM messaging_message m JOIN messaging_message a "
        "ON a.conversation_id = m.conversation_id AND a.seq > m.seq AND a.kind = 'text' AND a.sender_id <> %s "
        "WHERE m.announcement_id = %s",
        me.pk,
        pk,
    ):
        talks[talk].append(moment(said) - moment(sent))
    return sum(min(late) < timedelta(days=ANSWER_DAYS) for late in talks.values())
