"""The page of one's own data: ask for a download, see how far it is, fetch it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialapp.lib.errors import NotFound
from socialapp.lib.ranges import answer, find

from . import access, actions, downloads


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_data(request: HttpRequest) -> HttpResponse:
    """The newest downloads; asking for one is a POST."""
    if request.method == "POST":
        actions.ask_export(request.user)
        messages.success(request, _("Your download is being made. You are told when it is ready."))
        return redirect("settings-data")
    rows: list[dict[str, Any]] = [
        {"row": row, "sentence": downloads.stage_sentence(row)} for row in access.exports(request.user)[:10]
    ]
    waits = any(entry["row"].state in ("queued", "running") for entry in rows)
    return render(request, "privacy/data.html", {"rows": rows, "waits": waits})


@login_required
@require_POST
def delete_data(request: HttpRequest, export_id: str) -> HttpResponse:
    """Cancel a download, or remove it before its time."""
    actions.delete_export(request.user, access.get_export(request.user, export_id))
    messages.success(request, _("The download is removed."))
    return redirect("settings-data")


@login_required
@require_safe
def data_file(request: HttpRequest, export_id: str) -> HttpResponseBase:
    """The archive itself, for nobody but its person."""
    return fetched(request, export_id)


def fetched(request: HttpRequest, export_id: str) -> HttpResponseBase:
    """The archive, whole or a range of it; asked for at the gate each time. NotFound as access.export_key."""
    found = find(access.export_key(request.user, export_id))
    if found is None:
        raise NotFound()
    response = answer(request, found, "application/zip", "private, no-store")
    name = (
        f"{request.user.get_username()}-{access.get_export(request.user, export_id).created_at:%Y-%m-%d}.zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
