"""What every page's template may use of messaging: the numbers on the bell and the envelope."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import access


def badges(request: HttpRequest) -> dict[str, Any]:
    """`badges.messages` and `badges.notifications`: two queries when a template asks, none before, none for visitors."""
    return {"badges": SimpleLazyObject(lambda: access.badges(request.user))}
