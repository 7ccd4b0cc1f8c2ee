"""What the template of every page may use of analytics."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import visits


def visit(request: HttpRequest) -> dict[str, Any]:
    """`visit`: what the page's events are signed with; made when a template asks for it."""
    return {"visit": SimpleLazyObject(lambda: visits.issue(request.user))}
