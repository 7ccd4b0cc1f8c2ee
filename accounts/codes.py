"""One-time codes: six digits, three tries, ten minutes, kept as a keyed hash, bound to the log-in that asked.

Here are the codes that guard a deed of somebody who is logged in (`send_code`, `check_code`), and how any code is made and
compared. The codes of logging in and of confirming a number travel through allauth's flows (`adapter.py`).
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialapp.lib import caps
from socialapp.lib.clientip import client_address, rate_key
from socialapp.lib.errors import Forbidden, Invalid

from . import phones
from .models import OneTimeCode, User

DIGITS = 6
TRIES = 3
MINUTES = 10


class WrongCode(Invalid):
    """400: not this code. The same sentence for a wrong, an old and a used one: which it was helps only guessers."""

    code = "wrong_code"
    message = gettext_lazy("This code is wrong or no longer holds. Check it or ask for a new one.")

    def __init__(self) -> None:
        super().__init__(fields={"code": self.message})


@dataclass(frozen=True)
class Destination:
    """Where a code may go: `kind` is "email" or "phone"; `masked` can be shown to somebody who looks over a shoulder."""

    kind: str
    address: str
    masked: str


def make_code() -> str:
    """Six digits, each as likely as any other."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


class HashedCode(str):
    """What allauth keeps of a code in the session: a salted hash. The code itself is beside it until it is sent."""

    code: str

    @classmethod
    def new(cls) -> "HashedCode":
        code, salt = make_code(), secrets.token_hex(8)
        made = cls(f"{salt}:{digest(code, salt)}")
        made.code = code
        return made


def plain(code: str) -> str:
    """The code to send. Raises TypeError for one that was read back from a session: it is not known any more."""
    if not isinstance(code, HashedCode):
        raise TypeError("only a code that was just made can be sent")
    return code.code


def matches(typed: str, kept: str) -> bool:
    """Whether this is the code that was hashed as `kept`. Counts a try, even where there is no code to guess.

    The count is exact and outside of the session, so guesses at the same moment cannot share a try. Raises TooMany
    after TRIES and Unavailable while nothing can be counted.
    """
    caps.count(("code_try", kept or secrets.token_hex(8)))
    salt, _colon, wanted = kept.partition(":")
    return constant_time_compare(digest(typed, salt), wanted) and bool(wanted)


def digest(code: str, *about: object) -> str:
    """The keyed hash of a code together with what it is for: worth nothing without SECRET_KEY, nor for anything else."""
    return salted_hmac(
        "accounts.codes", "\0".join([_plain(code), *map(str, about)]), algorithm="sha256"
    ).hexdigest()


def _plain(code: str) -> str:
    """A code as typed, without the spaces and dashes that people and phones put between digits."""
    return "".join(sign for sign in str(code) if sign.isascii() and sign.isdigit())


def destinations(person: User) -> list[Destination]:
    """Where this person can be reached for sure, the free one first. Two queries."""
    found = []
    address = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    if address:
        found.append(Destination("email", address.email, mask_email(address.email)))
    if person.phone and person.phone_verified_at:
        number = str(person.phone)
        found.append(Destination("phone", number, phones.mask(number)))
    return found


def mask_email(address: str) -> str:
    """alice@example.com → a•••@example.com"""
    name, _at, host = address.partition("@")
    return f"{name[:1]}•••@{host}"


def send_code(person: User, purpose: str, *, request: HttpRequest, via: str = "") -> OneTimeCode:
    """Send a person a new code for `purpose` (OneTimeCode.Purpose); the one before is void from now on.

    It goes to a confirmed address, or number, of the person's: `via` ("email" or "phone") chooses where there are both.
    Call it outside of a transaction. Raises Invalid (code "nowhere_to_send") where nothing is confirmed, Forbidden
    without a log-in, TooMany, Unavailable while nothing can be counted, and NotSent or CannotReceive.
    """
    flow = _flow(request)
    places = [place for place in destinations(person) if not via or place.kind == via]
    if not places:
        raise Invalid(
            _("Confirm an e-mail address or a phone number first. The code is sent there."),
            code="nowhere_to_send",
        )
    place, code, now = places[0], make_code(), timezone.now()
    caps.count(("code", f"{purpose}:{person.pk}"), ("code_address", rate_key(client_address(request))))
    with transaction.atomic():
        row, _created = OneTimeCode.objects.update_or_create(
            person=person,
            purpose=purpose,
            defaults={
                "sent_to": place.masked,
                "digest": digest(code, person.pk, purpose, flow),
                "flow": flow,
                "tries_left": TRIES,
                "expires_at": now + timedelta(minutes=MINUTES),
                "created_at": now,
            },
        )
    if place.kind == "phone":
        phones.send_text(place.address, text_of(code), address=client_address(request))
    else:
        _mail(person, place.address, code, row.get_purpose_display())
    return row


def check_code(person: User, purpose: str, code: str, *, request: HttpRequest) -> None:
    """Use up a code. Raises WrongCode otherwise, and TooMany once too many were guessed.

    Call it before, not inside, the transaction of the deed: a try that failed must stay counted when the deed is undone.
    Of any number of callers with the right code, one passes.
    """
    flow = _flow(request)
    caps.count(("code_guess", person.pk))
    rows = OneTimeCode.objects.filter(
        person=person, purpose=purpose, flow=flow, expires_at__gt=timezone.now(), tries_left__gt=0
    )
    # A try is paid for before it is looked at, so that guesses at the same moment cannot share one.
    if not rows.update(tries_left=F("tries_left") - 1):
        raise WrongCode()
    wanted = digest(code, person.pk, purpose, flow)
    known = OneTimeCode.objects.filter(person=person, purpose=purpose, flow=flow).first()
    if known is None or not constant_time_compare(known.digest, wanted):
        raise WrongCode()
    if not OneTimeCode.objects.filter(pk=known.pk, digest=wanted).delete()[0]:
        raise WrongCode()


def forget_old_codes() -> int:
    """Delete codes that no longer hold; how many there were."""
    return OneTimeCode.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _flow(request: Any) -> str:
    """A hash of the log-in this request belongs to: a browser's session or a program's token."""
    session = getattr(request, "session", None)
    key = getattr(session, "session_key", None) or request.headers.get("X-Session-Token")
    if not key:
        raise Forbidden(_("Log in again to do this."), code="no_session")
    return salted_hmac("accounts.codes.flow", key, algorithm="sha256").hexdigest()


def text_of(code: str) -> str:
    """What a phone shows. The last line lets browsers fill the code in on our site only (WICG, origin-bound codes)."""
    host = settings.BASE_URL.partition("://")[2].partition(":")[0]
    words = _("%(code)s is your code for %(site)s. It holds for %(minutes)s minutes. Tell it nobody.")
    return words % {"code": code, "site": settings.SITE_NAME, "minutes": MINUTES} + f"\n\n@{host} #{code}"


def _mail(person: User, address: str, code: str, purpose: str) -> None:
    words = _(
        "Hello @%(name)s,\n\nyour code is %(code)s. It is for: %(purpose)s. It holds for %(minutes)s minutes.\n\n"
        "If you did not ask for it, somebody else uses your log-in: change your password now.\n"
    )
    send_mail(
        settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + _("Your code"),
        words % {"name": person.username, "code": code, "purpose": purpose, "minutes": MINUTES},
        settings.DEFAULT_FROM_EMAIL,
        [address],
    )
