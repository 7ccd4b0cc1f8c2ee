"""Pages about oneself: settings, interests, and everybody's pictures. Lists of people are in `views_people`, whom one shuts
out in `views_shut_out`. The profile page lists clips, so it is in `videos.views`; its head is accounts/profile_header.html."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialapp.lib.errors import NotFound, Problem

from . import access, actions
from .adapter import set_language
from .avatars import Crop
from .forms import AvatarForm, InterestsForm, ProfileForm, UsernameForm, add_problem

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
            actions.set_avatar(request.user, form.cleaned_data["avatar"], Crop.read(request.POST))
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
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The end of a sign-up: language and what one likes, then whom one could follow. Both can be left out."""
    chosen = access.me(request.user)
    form = InterestsForm(
        request.POST or None, initial={"interests": chosen["interests"], "language": chosen["language"]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_account(request.user, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            response = redirect("/people/?welcome=1")
            set_language(response, form.cleaned_data["language"])
            return response
    return render(request, "accounts/welcome.html", {"form": form}, status=400 if form.errors else 200)


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
