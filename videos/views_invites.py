"""The page of one's contacts and invites, and the page that an invite opens, for people with and without an account.

- studio_invites.html: contacts, invites (videos.cards_invites), next_cursor, left, a_day, channels, title
- invite.html: met (state, author, inviter, video), token, preview (True when everybody may see the clip: only then is there a
  link preview), sentence, sign_up_returns, title
"""

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from socialapp.lib.clientip import rate_key
from socialapp.lib.errors import Conflict, Invalid, wants_json
from socialapp.lib.pagination import keyset_page
from socialapp.lib.ratelimit import limit

from . import access, actions, invite_session
from .actions.inviting import closed_sentence, used_sentence
from .cards_invites import channels, contact_card, invitation_card, invite_cards


@login_required
@require_safe
def studio_invites(request: HttpRequest) -> HttpResponse:
    """Contacts and invites, the latest first. The fragments are the list of contacts, and a page of invites."""
    fragment = request.GET.get("fragment", "")
    context: dict[str, Any] = {"title": _("Invites"), "channels": channels()}
    if fragment != "invites":
        rows = access.contacts_of(request.user).order_by("name", "id")
        context["contacts"] = [contact_card(request.user, row) for row in rows]
    if fragment != "contacts":
        page = keyset_page(access.invites_of(request.user), request.GET.get("cursor") or None)
        context |= {
            "invites": invite_cards(request.user, page.items),
            "next_cursor": page.next_cursor,
            "left": access.invites_left(request.user),
            "a_day": access.daily_limit()[0],
        }
    pieces = {"contacts": "videos/studio_contacts_rows.html", "invites": "videos/studio_invites_rows.html"}
    return render(request, pieces.get(fragment, "videos/studio_invites.html"), context)


@never_cache
@require_safe
def landing(request: HttpRequest, token: str) -> HttpResponse:
    """What an invite shows. Looking at it uses nothing up and opens nothing: previews of links are fetched by machines."""
    limit("invite_open", f"look {_whose(request)}")
    met = access.invitation(request.user, token, invite_session.opened(request.session))
    preview = met.state not in access.GONE and access.open_to_all(met.invite.video)
    shown = invitation_card(request.user, met)
    title = _("An invite")
    if shown["author"]:
        title = _("%(name)s invites you") % {"name": (shown["inviter"] or shown["author"])["display_name"]}
    context = {
        "met": shown,
        "token": token,
        "preview": preview,
        "title": title,
        "sentence": _sentence(met.state),
        # Whoever signs up by the page's navigation comes back to the button; nobody follows without having pressed it.
        "sign_up_returns": True,
    }
    response = render(request, "videos/invite.html", context, status=410 if met.state in access.GONE else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


def _sentence(state: str) -> str:
    if state == "used":
        return used_sentence()
    return closed_sentence() if state == "closed" else ""


def _whose(request: HttpRequest) -> str:
    return rate_key(request.client_address)  # type: ignore[attr-defined]


@require_POST
def opening(request: HttpRequest, token: str) -> HttpResponse:
    """This browser opens an invite: its page does so by script, or by its button. A clip that is not everybody's is shown to
    this browser's session from now on."""
    opened = invite_session.opened(request.session)
    invite = actions.open_invite(request.user, token, opened, whose=_whose(request))
    if invite is not None and not access.open_to_all(invite.video):
        invite_session.remember_opened(request.session, invite.pk)
    return HttpResponse(status=204) if wants_json(request) else redirect("invite", token)


@require_POST
def watched(request: HttpRequest, token: str) -> HttpResponse:
    """The page's player has shown as much as makes a view."""
    opened = invite_session.opened(request.session)
    actions.watch_invite(request.user, token, opened, whose=_whose(request))
    return HttpResponse(status=204)


@require_POST
def following(request: HttpRequest, token: str) -> HttpResponse:
    """Follow and watch: at once, or as soon as the sign-up or log-in that it leads to is done. What came of it, the page says."""
    if request.user.is_authenticated:
        with suppress(Conflict, Invalid):  # used meanwhile, closed, one's own: the page says which
            actions.accept_invite(request.user, token)
        return redirect("invite", token)
    if access.invitation(request.user, token).state in access.GONE:
        return redirect("invite", token)
    invite_session.want(request.session, token)
    entrance = "account_login" if request.POST.get("by") == "login" else "account_signup"
    return redirect(f"{reverse(entrance)}?{urlencode({'next': reverse('invite', args=[token])})}")


@login_required
@require_POST
def undoing(request: HttpRequest, token: str) -> HttpResponse:
    actions.undo_invite(request.user, token)
    return redirect("invite", token)
