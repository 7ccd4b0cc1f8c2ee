"""Pages of notifications: the inbox, how one wants to be told, the link of a mail that ends digests."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access as people
from accounts.actions import set_follow_back
from accounts.follow_back import settings_of
from socialapp.lib.errors import Invalid

from . import access, actions, channels
from .forms_notices import NotificationsForm

ASKING = 3  # requests to follow that the inbox shows itself; their own page has all


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Notifications, newest first, of one `group` if named; what waits for an answer on top of all. `?fragment=1` answers the
    list only. They are marked read by the page's script once they were seen."""
    group, cursor = request.GET.get("group", ""), request.GET.get("cursor")
    page = access.notification_page(request.user, cursor, group=group)
    zone = channels.zone_of(access.notification_settings(request.user))
    context: dict[str, Any] = {
        "notifications": access.notification_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
        "group": channels.GROUPS.get(group),
        "group_name": group,
        "first": not cursor,
    }
    if not cursor and not group:
        asking = people.follow_requests(request.user)
        context |= {
            "asking": [
                {"id": row.pk, "person": people.person_card(request.user, row.follower)}
                for row in asking.order_by("-id")[:ASKING]
            ],
            "asking_count": asking[: access.BADGE_LIMIT].count(),
            "waiting": access.message_requests(request.user)[: access.BADGE_LIMIT].count(),
        }
    only_list = "fragment" in request.GET
    if not only_list:
        context["tabs"] = _tabs(group)
    with timezone.override(zone):
        return render(request, "messaging/_notices.html" if only_list else "messaging/inbox.html", context)


def _tabs(chosen: str) -> list[dict[str, object]]:
    named = [("", _("All")), *((name, group.title) for name, group in channels.GROUPS.items())]
    return [
        {"url": f"?group={name}" if name else "?", "label": title, "current": name == chosen}
        for name, title in named
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_notifications(request: HttpRequest) -> HttpResponse:
    """Which groups by which channels, quiet hours, digests, the mail of people to follow back; what this browser may do is
    added by the page's script."""
    before = channels.plain(access.notification_settings(request.user))
    mailed = settings_of(request.user).digest
    begin = NotificationsForm.begin_with(before) | {"follow_back_mail": mailed}
    form = NotificationsForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_notification_settings(request.user, **form.changes())
            if form.cleaned_data["follow_back_mail"] != mailed:
                set_follow_back(request.user, {"digest": not mailed})
        except Invalid as problem:
            for name, sentence in problem.fields.items():
                form.add_error(name if name in form.fields else None, str(sentence))
        else:
            messages.success(request, _("Saved."))
            return redirect("settings-notifications")
    context = {"form": form, "me": people.me(request.user)}
    return render(
        request, "messaging/settings_notifications.html", context, status=400 if form.errors else 200
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a digest. Looking changes nothing (programs that check mail open links); a POST ends digests.

    Mail programs post `List-Unsubscribe=One-Click` without cookies (RFC 8058), so the signed link is the only key, and there
    is nothing for a forged request to gain.
    """
    actions.check_unsubscribe_token(token)
    if request.method == "POST":
        actions.unsubscribe(token)
    response = render(request, "messaging/unsubscribe.html", {"done": request.method == "POST"})
    response["Referrer-Policy"] = "no-referrer"
    return response
