"""How a person's conversations go, in sums by day: for their own eyes. What was written is never looked at."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, Q

from accounts.models import User
from privacy.access import blocked_ids
from socialapp.lib.errors import NotFound

from ..models import Announcement, Message
from .announcing import announcement_cards
from .answering import MOST_ANSWERS
from .seats import Viewer

# A word of the receiver's within so many days of an announcement is an answer to it.
ANSWER_DAYS = 3
ANNOUNCEMENTS = 50


def message_figures(viewer: Viewer, first: date, last: date) -> dict[str, Any]:
    """`totals` and a `series` of the days from `first` to `last` (UTC, both included): `started` and `received` conversations of
    two, `answers` given, `answered` conversations, and `median_ms`, the median time to an answer (None without any).

    An answer is what `response_time` calls one. Two queries, by (sender, created_at) and over the viewer's seats; the latest
    MOST_ANSWERS of each.
    """
    if not isinstance(viewer, User):
        raise NotFound()
    since = datetime.combine(first, time(), UTC)
    within = Q(created_at__gte=since, created_at__lt=datetime.combine(last + timedelta(days=1), time(), UTC))
    own = Message.objects.filter(within, sender=viewer).filter(
        Q(answered_after__isnull=False) | Q(seq=1, conversation__is_group=False, kind=Message.Kind.TEXT)
    )
    theirs = (
        Message.objects.filter(
            within, seq=1, kind=Message.Kind.TEXT, held_for="", conversation__is_group=False
        )
        .filter(conversation__participants__person=viewer)
        .exclude(sender=viewer)
        .exclude(sender__in=blocked_ids(viewer))
    )
    days: dict[date, dict[str, Any]] = defaultdict(lambda: {"started": 0, "received": 0, "took": []})
    answered = set()
    columns = "created_at", "seq", "answered_after", "conversation_id"
    for at, seq, took, conversation in own.order_by("-created_at").values_list(*columns)[:MOST_ANSWERS]:
        day = days[at.date()]
        day["started"] += seq == 1
        if took is not None:
            day["took"].append(took)
            answered.add(conversation)
    for at in theirs.order_by("-created_at").values_list("created_at", flat=True)[:MOST_ANSWERS]:
        days[at.date()]["received"] += 1
    series = [
        {
            "day": day,
            "started": days[day]["started"],
            "received": days[day]["received"],
            "answers": len(days[day]["took"]),
            "median_ms": _median_ms(days[day]["took"]),
        }
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    ]
    every = [took for day in list(days.values()) for took in day["took"]]
    totals = {
        **{name: sum(day[name] for day in series) for name in ("started", "received", "answers")},
        "answered": len(answered),
        "median_ms": _median_ms(every),
    }
    return {"totals": totals, "series": series}


def _median_ms(seconds: list[int]) -> int | None:
    return round(median(seconds) * 1000) if seconds else None


def announcement_figures(viewer: Viewer, first: date, last: date) -> list[dict[str, Any]]:
    """The viewer's announcements of these days (UTC), newest first, at most ANNOUNCEMENTS: their cards with `answers`, how
    many receivers wrote within ANSWER_DAYS. One query more than `announcement_cards`, and one for the rows."""
    if not isinstance(viewer, User):
        raise NotFound()
    since = datetime.combine(first, time(), UTC)
    until = datetime.combine(last + timedelta(days=1), time(), UTC)
    rows = list(
        Announcement.objects.filter(author=viewer, created_at__gte=since, created_at__lt=until).order_by(
            "-id"
        )[:ANNOUNCEMENTS]
    )
    answers = dict(
        Message.objects.filter(kind=Message.Kind.TEXT)
        .exclude(sender=viewer)
        .filter(
            conversation__messages__announcement__in=[row.pk for row in rows],
            conversation__messages__seq__lt=F("seq"),
            created_at__lt=F("conversation__messages__created_at") + timedelta(days=ANSWER_DAYS),
        )
        .values_list("conversation__messages__announcement")
        .annotate(n=Count("conversation", distinct=True))
    )
    cards = announcement_cards(viewer, rows)
    return [{**card, "answers": answers.get(row.pk, 0)} for card, row in zip(cards, rows, strict=True)]
