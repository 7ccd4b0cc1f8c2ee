"""Pages of people: settings, followers and following, requests, pictures. The profile page itself lists clips, so it
is in `videos.views` and uses `access.profile` and templates/accounts/profile_header.html."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from privacy import actions as privacy_actions
from socialapp.lib.errors import NotFound, Problem
from socialapp.lib.pagination import keyset_page

from . import access, actions
from .adapter import set_language
from .forms import AvatarForm, ProfileForm, UsernameForm, add_problem
from .models import Follow

PROFILE_FIELDS = ("display_name", "bio", "pronouns", "language", "country")


@login_required
@require_safe
def settings_home(request: HttpRequest) -> HttpResponse:
    return redirect("settings-profile")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_profile(request: HttpRequest) -> HttpResponse:
    """Name, bio, pronouns, language, country; the picture has its own form on the same page."""
    form = ProfileForm(request.POST or None, initial=_written(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_profile(request.user, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(request, _("Saved."))
            response = redirect("settings-profile")
            set_language(response, form.cleaned_data["language"])
            return response
    return _profile_page(request, form, AvatarForm())


def _written(request: HttpRequest) -> dict[str, str]:
    """What this person wrote into their profile: empty where the page shows something in its place."""
    return {name: getattr(request.user, name) for name in PROFILE_FIELDS}


def _profile_page(request: HttpRequest, form: ProfileForm, avatar_form: AvatarForm) -> HttpResponse:
    status = 400 if form.errors or avatar_form.errors else 200
    context = {"form": form, "avatar_form": avatar_form, "me": access.me(request.user)}
    return render(request, "accounts/settings_profile.html", context, status=status)


@login_required
@require_POST
def settings_avatar(request: HttpRequest) -> HttpResponse:
    """A new picture, or none with `remove`."""
    if "remove" in request.POST:
        actions.remove_avatar(request.user)
        return redirect("settings-profile")
    form = AvatarForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.set_avatar(request.user, form.cleaned_data["avatar"])
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(request, _("Your new picture is in place."))
            return redirect("settings-profile")
    return _profile_page(request, ProfileForm(initial=_written(request)), form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_account(request: HttpRequest) -> HttpResponse:
    """User name, and the ways to e-mail, password, sessions and leaving for a while."""
    me = access.me(request.user)
    form = UsernameForm(request.POST or None, initial={"username": me["username"]})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_username(request.user, form.cleaned_data["username"])
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(
                request, _("Your user name is now @%(name)s.") % {"name": access.me(request.user)["username"]}
            )
            return redirect("settings-account")
    status = 400 if form.errors else 200
    context = {"form": form, "me": me, "former_usernames": access.former_usernames(request.user)}
    return render(request, "accounts/settings_account.html", context, status=status)


@login_required
@require_POST
def deactivate(request: HttpRequest) -> HttpResponse:
    """Hide the account and log out; logging in brings it back."""
    actions.deactivate(request.user)
    logout(request)
    messages.success(request, _("Your account is hidden. Log in whenever you want it back."))
    return redirect("account_login")


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


@require_safe
def followers(request: HttpRequest, username: str) -> HttpResponse:
    person = access.get_person(request.user, username)
    return _people_page(request, username, "followers", access.followers(request.user, person), "follower")


@require_safe
def following(request: HttpRequest, username: str) -> HttpResponse:
    person = access.get_person(request.user, username)
    return _people_page(request, username, "following", access.following(request.user, person), "followed")


def _people_page(
    request: HttpRequest, username: str, which: str, rows: QuerySet[Follow], who: str
) -> HttpResponse:
    page = keyset_page(rows, request.GET.get("cursor"), size=40)
    people = access.people_cards(request.user, [getattr(row, who) for row in page.items])
    context = {
        "profile": access.profile(request.user, username),
        "which": which,
        "people": people,
        "next_cursor": page.next_cursor,
    }
    return render(request, "accounts/people.html", context)


@login_required
@require_safe
def follow_requests(request: HttpRequest) -> HttpResponse:
    page = keyset_page(access.follow_requests(request.user), request.GET.get("cursor"), size=40)
    rows = [{"id": row.pk, "person": access.person_card(request.user, row.follower)} for row in page.items]
    return render(request, "accounts/follow_requests.html", {"rows": rows, "next_cursor": page.next_cursor})


@login_required
@require_POST
def answer_request(request: HttpRequest, follow_id: str) -> HttpResponse:
    """Accept or decline, as the button's `answer` says; anything else is a decline of nothing."""
    match request.POST.get("answer"):
        case "accept":
            row = actions.accept_request(request.user, follow_id)
            messages.success(request, _("@%(name)s follows you now.") % {"name": row.follower.username})
        case "decline":
            actions.decline_request(request.user, follow_id)
    return redirect("follow-requests")


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def avatar(request: HttpRequest, person_id: int, name: str) -> FileResponse:
    """A picture. Its name cannot be guessed and changes with the picture, so it may be kept for ever."""
    # Asked for nobody in particular: looking at the session would make every shared cache keep a copy a visitor.
    stored = access.avatar_file(AnonymousUser(), person_id, name)
    try:
        return FileResponse(default_storage.open(stored), content_type="image/webp")
    except OSError as error:
        raise NotFound() from error
