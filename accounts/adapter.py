"""How django-allauth meets this project: addresses, limits, races, language. Its flows stay its own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from socialapp.lib.clientip import client_address, rate_key
from socialapp.lib.errors import Conflict
from socialapp.lib.ratelimit import limit


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What axes counts a failed log-in by: the name or the address that was typed, whichever form it came from."""
    typed = credentials or {}
    if not typed and request is not None:
        typed = request.POST.dict()
    return str(typed.get("username") or typed.get("email") or typed.get("login") or "").strip().lower()[:150]


class AccountAdapter(DefaultAccountAdapter):
    """The project's answers to allauth's questions."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for all of them: which part was wrong is nobody's business.
        "username_password_mismatch": _("The name or the password is not right. Check both and try again."),
        "email_password_mismatch": _("The name or the password is not right. Check both and try again."),
        "invalid_login": _("The name or the password is not right. Check both and try again."),
        "too_many_login_attempts": _(
            "Too many log-ins that failed. Wait a few minutes or reset your password."
        ),
        "username_taken": _("This user name is taken. Choose another one."),
        "email_taken": _(
            "Somebody has an account with this e-mail address already. Log in or reset the password."
        ),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Counts sign-ups by address; a name that was taken between the check and now is a refusal, not an error."""
        limit("sign_up", rate_key(client_address(request)), closed=True)
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError as error:
            raise Conflict(
                _("This user name is taken. Choose another one."), code="username_taken"
            ) from error

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """The site speaks the person's language from the next page on."""
        response = super().post_login(request, user, **kwargs)
        if user.language:
            set_language(response, user.language)
        return response


def set_language(response: HttpResponse, language: str) -> None:
    """Remember the language in this browser; without one the browser's own wish counts again."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
