"""How django-allauth meets this project: addresses, numbers, codes, limits, races, language. Its flows stay its own."""

import contextlib
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.fields import PhoneField
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.phone_verification import ChangePhoneVerificationProcess
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, PhoneVerificationStage
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from privacy.moderation import shutting_out
from privacy.statements import token_of
from socialapp.lib import background, caps, sms
from socialapp.lib.clientip import client_address, rate_key
from socialapp.lib.errors import Conflict, Problem, Unavailable
from socialapp.lib.ratelimit import limit

from . import codes, phones
from .models import User

WRONG = _("The name or the password is not right. Check both and try again.")


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What axes counts a failed log-in by: the name or the address that was typed, whichever form it came from."""
    typed = credentials or {}
    if not typed and request is not None:
        typed = request.POST.dict()
    names = (typed.get(name) for name in ("username", "email", "phone", "login"))
    return str(next((name for name in names if name), "")).strip().lower()[:150]


class NumberField(PhoneField):
    """A phone number as people type it: with spaces, dots, brackets, 00 for +."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["validators"] = []
        kwargs.setdefault("label", _("Phone"))
        kwargs.setdefault("help_text", _("With the country code, for example +33 6 12 34 56 78."))
        super().__init__(*args, **kwargs)
        self.widget.attrs.pop("placeholder", None)

    def clean(self, value: Any) -> str:
        text = str(value or "").strip()
        if text:
            return phones.normal(text)
        return str(super().clean(text) or "")


def _has_address(user: Any) -> bool:
    return EmailAddress.objects.filter(user=user).exists()


class PhoneStage(PhoneVerificationStage):
    """A number is confirmed before the first log-in where it is the only way to reach somebody."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        login = self.login
        if login.email if login.user is None else _has_address(login.user):
            return None, True
        stage: tuple[HttpResponse | None, bool] = super().handle()
        return stage


class EmailStage(EmailVerificationStage):
    """Who signed up with a number has no address to confirm."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if isinstance(user, User) and user.phone and not _has_address(user):
            return None, True
        if user is None and self.login.phone and not self.login.email:
            return None, True
        stage: tuple[HttpResponse | None, bool] = super().handle()
        return stage


class AccountAdapter(DefaultAccountAdapter):
    """The project's answers to allauth's questions."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for all of them: which part was wrong is nobody's business.
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "phone_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "username_taken": _("This user name is taken. Choose another one."),
        "email_taken": _(
            "Somebody has an account with this e-mail address already. Log in or reset the password."
        ),
        "phone_taken": _("Somebody has an account with this phone number already. Log in with it."),
        "incorrect_code": _("This code is wrong or no longer holds. Check it or ask for a new one."),
        "rate_limited": _("That was a lot at once. Wait half a minute, then try again."),
        "select_only_one": _("Enter an e-mail address or a phone number, not both."),
        "same_as_current": _("This is the one you have already. Enter another one."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    # --- Signing up and logging in ---

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Whoever proved to be the suspended person reads why, until when, and how to appeal."""
        found = shutting_out(user.pk).first()
        if found is None:
            return super().respond_user_inactive(request, user)
        return redirect("linked-decision", token=token_of(found))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Counts sign-ups by address; what was taken between the check and now is a refusal, not an error."""
        limit("sign_up", rate_key(client_address(request)), closed=True)
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError as error:
            raise Conflict(
                _("This user name is taken. Choose another one."), code="username_taken"
            ) from error
        except ValidationError as error:
            raise Conflict(error.messages[0], code="phone_taken") from error

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth's own limits let everything pass while the cache is away; this one refuses then."""
        limit("log_in", rate_key(client_address(request)), closed=True)
        super().pre_authenticate(request, **credentials)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Tries are counted by what was typed, phone numbers too."""
        return f"log-in:{login_name(None, credentials)}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A number that waits for its code logs in with the password all the same: only its holder knows that."""
        phone = credentials.get("phone")
        waiting = phones.unconfirmed_holder(phone) if phone else None
        if waiting is not None:
            credentials["username"] = waiting.username
        return super().authenticate(request, **credentials)

    def get_login_stages(self) -> list[str]:
        ours = {
            "allauth.account.stages.PhoneVerificationStage": "accounts.adapter.PhoneStage",
            "allauth.account.stages.EmailVerificationStage": "accounts.adapter.EmailStage",
        }
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """The site speaks the person's language from the next page on; a new number is sent its code."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            set_language(response, user.language)
        if kwargs.get("signup"):
            # Who chose the password a moment ago need not repeat it to confirm a number or add a second factor.
            record_authentication(request, user, method="password", reauthenticated=True)
            if user.phone and not user.phone_verified_at:
                _begin_confirming(request, str(user.phone))
        return response

    # --- Phone numbers ---

    def phone_form_field(self, **kwargs: Any) -> NumberField:
        return NumberField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return phones.normal(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (str(user.phone), user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        phones.claim(user, phone, confirmed=verified)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        phones.claim(user, phone, confirmed=True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Only whoever showed that it is theirs: a number anybody can type proves nothing."""
        return phones.confirmed_holder(phone)

    # --- Codes ---

    def generate_login_code(self) -> str:
        return codes.HashedCode.new()

    def generate_phone_verification_code(self, *, user: Any, phone: str) -> str:
        return codes.HashedCode.new()

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        self._send_text(phone, codes.text_of(codes.plain(code)))

    def send_account_already_exists_sms(self, phone: str) -> None:
        words = gettext(
            "Somebody tried to sign up at %(site)s with your number. You have an account: log in with it."
        )
        self._send_text(phone, words % {"site": settings.SITE_NAME})

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """A number without an account gets nothing, and is counted all the same: the answers must not differ."""
        phones.count_text(phone, client_address(self.request))

    def _send_text(self, phone: str, text: str) -> None:
        """Somebody logged in waits and reads what went wrong. Anybody else is answered at once, and alike."""
        phones.count_text(phone, client_address(self.request))
        if self.request.user.is_authenticated:
            sms.send(phone, text)
        else:
            background.run(sms.send, phone, text)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth's, with codes in the clear, and away from the answer for whoever is not logged in."""
        if "code" in context:
            context = {**context, "code": codes.plain(context["code"])}
        request = self.request
        stranger = request is not None and not request.user.is_authenticated
        if stranger:
            caps.count(("mail_to", email.lower()), ("mail_address", rate_key(client_address(request))))
        message = self.render_mail(
            template_prefix, email, {"request": request, "email": email, "current_site": _Site(), **context}
        )
        if stranger:
            background.run(_deliver, message)
            return
        try:
            _deliver(message)
        except (OSError, SMTPException) as error:
            raise Unavailable(_("The e-mail could not be sent. Try again in a few minutes.")) from error


class _Site:
    """What allauth's mails ask of django.contrib.sites."""

    name = settings.SITE_NAME
    domain = settings.BASE_URL.partition("://")[2]


def _deliver(message: EmailMessage) -> None:
    message.send()


def _begin_confirming(request: HttpRequest, phone: str) -> None:
    """The number of somebody who is in already: the code goes out, and what goes wrong is for the settings page."""
    with contextlib.suppress(Problem):
        ChangePhoneVerificationProcess.initiate(request, phone)


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
