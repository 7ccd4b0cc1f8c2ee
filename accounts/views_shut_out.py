"""Pages of those whom one blocks, mutes or restricts: the lists, many at once, files to keep and to bring along."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from privacy import actions as privacy_actions
from socialapp.lib.errors import Problem
from socialapp.lib.pagination import keyset_page

from . import access, actions, name_lists
from .actions import Outcome


@login_required
@require_POST
def unblock(request: HttpRequest) -> HttpResponse:
    person = access.get_blocked_person(request.user, request.POST.get("username", ""))
    privacy_actions.unblock(request.user, person)
    messages.success(request, _("@%(name)s can find you again.") % {"name": person.username})
    return redirect("settings-privacy")


@login_required
@require_POST
def unmute(request: HttpRequest) -> HttpResponse:
    person = access.get_person(request.user, request.POST.get("username", ""))
    privacy_actions.unmute(request.user, person)
    messages.success(request, _("@%(name)s appears in your feed again.") % {"name": person.username})
    return redirect("settings-privacy")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shut_out(request: HttpRequest, key: str) -> HttpResponse:
    """One of the lists. A POST takes the chosen off it (`act=remove`), or puts on it who is named or in a file."""
    shown = name_lists.get_list(key)
    problem = None
    if request.method == "POST":
        try:
            outcome = _change(request, shown)
        except Problem as refusal:
            problem = refusal
        else:
            _say(request, outcome, removed=request.POST.get("act") == "remove")
            return redirect(f"settings-{key}")
    page = keyset_page(name_lists.rows(request.user, shown), request.GET.get("cursor"), size=100)
    context = {
        "list": shown,
        "lists": name_lists.LISTS.values(),
        "people": [access.person_card(request.user, getattr(row, shown.who)) for row in page.items],
        "next_cursor": page.next_cursor,
        "problem": problem,
        "typed": request.POST.get("usernames", "") if problem else "",
        "most": name_lists.MAX_NAMES,
    }
    return render(request, "accounts/shut_out.html", context, status=problem.status if problem else 200)


def _change(request: HttpRequest, shown: name_lists.ShutOut) -> Outcome:
    if request.POST.get("act") == "remove":
        return actions.remove_named(request.user, shown, name_lists.tidy(request.POST.getlist("chosen")))
    file = request.FILES.get("file")
    if file is not None:
        return actions.add_named(request.user, shown, name_lists.read_file(file))
    names = name_lists.tidy(request.POST.get("usernames", "").replace(",", "\n").split())
    return actions.add_named(request.user, shown, names)


def _say(request: HttpRequest, outcome: Outcome, *, removed: bool) -> None:
    count = len(outcome.done)
    if count:
        said = (
            ngettext("%(count)s person is off this list.", "%(count)s people are off this list.", count)
            if removed
            else ngettext("%(count)s person is on this list.", "%(count)s people are on this list.", count)
        )
        messages.success(request, said % {"count": count})
    if outcome.unknown and not removed:
        names = ", ".join(f"@{name}" for name in outcome.unknown[:10])
        more = len(outcome.unknown) - 10
        if more > 0:
            names = _("%(names)s and %(count)s more") % {"names": names, "count": more}
        messages.info(request, _("Not found: %(names)s.") % {"names": names})
    if outcome.left:
        messages.info(
            request,
            ngettext(
                "%(count)s person is left. That was a lot at once: try again later.",
                "%(count)s people are left. That was a lot at once: try again later.",
                len(outcome.left),
            )
            % {"count": len(outcome.left)},
        )


@login_required
@require_safe
def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The whole list as a CSV or JSON file."""
    shown = name_lists.get_list(key)
    found = name_lists.entries(request.user, shown)
    response: HttpResponse
    if kind == "csv":
        response = HttpResponse(name_lists.as_csv(found), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse({"list": key, "people": found})
    response["Content-Disposition"] = f'attachment; filename="{key}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response
