"""What helps a person answer: their quick replies, their away message, and how fast they answer. For their own eyes."""

from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from socialapp.lib.errors import NotFound

from ..models import AwayMessage, Message, QuickReply
from .seats import Viewer, number

# A creator who answers more than this in four weeks has a median that no further answer moves much.
MOST_ANSWERS = 10_000


def quick_replies(viewer: Viewer) -> QuerySet[QuickReply]:
    """The viewer's own, in the order they were made."""
    if not isinstance(viewer, User):
        return QuickReply.objects.none()
    return QuickReply.objects.filter(owner=viewer).order_by("pk")


def get_quick_reply(viewer: Viewer, reply_id: str | int) -> QuickReply:
    """One of the viewer's own. NotFound for anybody else's."""
    row = quick_replies(viewer).filter(pk=number(reply_id)).first()
    if row is None:
        raise NotFound()
    return row


def quick_reply_cards(viewer: Viewer) -> list[dict[str, str]]:
    """The API's and the pages' shape of them. One query."""
    return [{"id": str(row.pk), "text": row.text} for row in quick_replies(viewer)]


def away_message(viewer: Viewer) -> dict[str, Any]:
    """What answers for the viewer: `{text, on, until}`; `on` is whether it does now. One query."""
    row = AwayMessage.objects.filter(owner=viewer.pk).first()
    if row is None:
        return {"text": "", "on": False, "until": None}
    return {"text": row.text, "on": is_away(row), "until": row.until if is_away(row) else None}


def is_away(row: AwayMessage) -> bool:
    """Whether an away message answers at this moment."""
    return row.is_on and bool(row.text) and (row.until is None or row.until > timezone.now())


def response_time(viewer: Viewer, days: int = 28) -> dict[str, Any]:
    """How long the viewer's answers took: `{median_seconds, answers, days}`, the median null without any.

    An answer is the first message after one or more of the other's, counted from the first of these; what was held, taken
    down or taken back counts as an answer all the same. One query by (sender, created_at).
    """
    if not isinstance(viewer, User):
        raise NotFound()
    since = timezone.now() - timedelta(days=days)
    answers = Message.objects.filter(sender=viewer, created_at__gt=since, answered_after__isnull=False)
    latest = answers.order_by("-created_at").values_list("answered_after", flat=True)[:MOST_ANSWERS]
    took = [seconds for seconds in latest if seconds is not None]
    return {"median_seconds": round(median(took)) if took else None, "answers": len(took), "days": days}
