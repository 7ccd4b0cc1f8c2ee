"""How a promotion is shown to its owner, by the API and the pages alike. The rows must come from videos.access."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.interests import INTERESTS
from privacy.rules import SMALLEST_GROUP

from . import access
from .access import Viewer
from .cards import cards
from .models import Promotion
from .promotions import FREE, LATER_FIELDS, RUNNING

_S = Promotion.State


def promotion_cards(viewer: Viewer, rows: Sequence[Promotion]) -> list[dict[str, Any]]:
    """Each of one's own promotions with its clip, where it stands, what it took so far and what can be done with it. One query,
    and those of the clips' cards."""
    spent = access.spent_of(viewer, rows)
    shown = cards(viewer, [row.video for row in rows])
    return [_card(row, video, spent.get(row.pk, 0)) for row, video in zip(rows, shown, strict=True)]


def promotion_details(viewer: Viewer, row: Promotion) -> dict[str, Any]:
    """One of them with what each day took, the latest first. One query more."""
    days = access.promotion_days(viewer, row)
    return promotion_cards(viewer, [row])[0] | {
        "days": [
            # As in the report (analytics): of fewer than five people nothing is told.
            {
                "day": one.day,
                "spent": one.spent,
                "reach": one.reach if one.reach >= SMALLEST_GROUP else None,
            }
            for one in days
        ]
    }


def _card(row: Promotion, video: dict[str, Any], spent: int) -> dict[str, Any]:
    days = (row.ends_on - row.starts_on).days + 1
    return {
        "id": str(row.pk),
        "url": reverse("studio-promotion", args=[row.pk]),
        "video": video,
        "goal": row.goal,
        "goal_label": str(row.get_goal_display()),
        "countries": row.countries,
        "languages": row.languages,
        "interests": row.interests,
        "audience_label": audience_label(row),
        "daily_budget": row.daily_budget,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "state": row.state,
        "state_label": state_label(row),
        "reason": row.reason,
        "reason_label": str(row.get_reason_display()) if row.reason else "",
        "note": row.note,
        "spent": spent,
        "budget": row.daily_budget * days,
        "submitted_at": row.submitted_at,
        "decided_at": row.decided_at,
        "may": {
            "change": sorted(LATER_FIELDS) if row.state in RUNNING else ["*"] if row.state in FREE else [],
            "submit": row.state in FREE,
            "withdraw": row.state == _S.SUBMITTED,
            "pause": row.state == _S.APPROVED,
            "resume": row.state == _S.PAUSED,
            "end": row.state in (_S.SUBMITTED, *RUNNING),
            "delete": row.state in FREE,
        },
    }


def state_label(row: Promotion) -> str:
    """Where it stands, in words."""
    today = timezone.now().astimezone(UTC).date()
    if row.state == _S.APPROVED:
        return _("Begins soon") if row.starts_on > today else _("Running")
    return str(row.get_state_display())


def audience_label(row: Promotion) -> str:
    """For whom it is, in one line."""
    languages = dict(settings.LANGUAGES)
    parts = [", ".join(row.countries)] if row.countries else []
    if row.languages:
        parts.append(", ".join(str(languages.get(code, code)) for code in row.languages))
    if row.interests:
        parts.append(", ".join(str(INTERESTS[key][0]) for key in row.interests if key in INTERESTS))
    return " · ".join(parts) or _("Everybody")
