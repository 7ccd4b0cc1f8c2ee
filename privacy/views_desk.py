"""The moderators' desk as a page of the admin. What it shows and does goes through the API (api_desk.py)."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from .models import Report

TABS = ("queue", "appeals", "decisions")


def desk_page(request: HttpRequest) -> HttpResponse:
    """The queue, with one case open beside it; `?tab=` opens appeals or decisions, `?case=` one case."""
    tab = request.GET.get("tab", "")
    context = {
        **admin.site.each_context(request),
        "title": _("Moderation"),
        "is_fullwidth": "1",
        "desk": {
            "tab": tab if tab in TABS else TABS[0],
            "case": request.GET.get("case", ""),
            "reasons": [{"value": value, "text": str(label)} for value, label in Report.Reason.choices],
            "me": request.user.get_username(),
        },
    }
    return TemplateResponse(request, "admin/moderation.html", context)


def admin_urls() -> list[URLPattern]:
    """unfold's hook for pages of the admin that belong to no table."""
    return [path("moderation/", admin.site.admin_view(desk_page), name="moderation")]
