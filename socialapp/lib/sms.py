"""Text messages through the gateway that `SMS_URL` names: the log, a webhook, or an HTTP API as Twilio's.

Who may be sent how many is asked elsewhere (`accounts/phones.py`); here one text is handed over or refused with a sentence.
"""

import base64
import json
import logging
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .errors import Problem

log = logging.getLogger(__name__)

# A gateway answers in about a second; a person who waits longer than this taps again.
SECONDS = 8
MOST_OF_AN_ANSWER = 16_384
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Twilio's words for "this number, not this gateway": https://www.twilio.com/docs/api/errors
_UNREACHABLE = {21211, 21214, 21217, 21219, 21265, 21401, 21407, 21408, 21421, 21610, 21612, 21614, 63038}


class NotSent(Problem):
    """503: the gateway is away, refuses us, or answers in a way that means nothing. Trying again later may help."""

    status, code, message = (
        503,
        "text_not_sent",
        _("The text message could not be sent. Try again in a few minutes."),
    )


class CannotReceive(Problem):
    """400: the gateway says that this number cannot be reached; another number may."""

    status, code, message = (
        400,
        "number_unreachable",
        _("This number cannot receive text messages. Check it or use another one."),
    )

    def __init__(self) -> None:
        super().__init__(fields={"phone": self.message})


@dataclass(frozen=True)
class Gateway:
    """Where and how a text is handed over. `refuses(status, answer)` tells a number that cannot be reached."""

    address: str
    headers: dict[str, str]
    form: bool
    fields: dict[str, str]
    number_field: str
    text_field: str


def send(number: str, text: str) -> None:
    """Hand one text over to the gateway; `number` is E.164 (+33612345678).

    Blocks for at most about SECONDS. Raises NotSent or CannotReceive. Counts nothing and tries once: a second try
    could arrive as a second text.
    """
    parts = urlsplit(settings.SMS_URL)
    if parts.scheme == "console":
        log.info("text message to %s: %s", number, text)
        return
    found = gateway(parts)
    body: dict[str, str] = {**found.fields, found.number_field: number, found.text_field: text}
    raw = urlencode(body) if found.form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if found.form else "application/json"
    request = urllib.request.Request(  # noqa: S310 - `gateway` makes only http and https
        found.address,
        raw.encode(),
        {**found.headers, "Content-Type": kind, "Accept": "application/json"},
        method="POST",
    )
    _hand_over(request)


def gateway(parts: SplitResult) -> Gateway:
    """What `SMS_URL` describes. Raises ValueError with a sentence where it describes nothing usable."""
    if not parts.hostname:
        raise ValueError("it names no host")
    secure = parts.scheme == "webhook+https" or (parts.scheme == "twilio" and parts.hostname not in LOOPBACK)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    headers = {}
    if user or password:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = ("https" if secure else "http", host + (f":{parts.port}" if parts.port else ""))
    if parts.scheme != "twilio":
        address = urlunsplit((*origin, parts.path or "/", parts.query, ""))
        return Gateway(address, headers, False, {}, "to", "text")
    if not (user and password):
        raise ValueError("the account and its token are missing")
    sender = unquote(parts.path).strip("/")
    if not sender:
        raise ValueError("the number or the messaging service that sends is missing")
    address = urlunsplit((*origin, f"/2010-04-01/Accounts/{user}/Messages.json", "", ""))
    from_ = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
    return Gateway(address, headers, True, from_, "To", "Body")


class _Stay(urllib.request.HTTPRedirectHandler):
    """A gateway that sends us elsewhere would be told codes and numbers there."""

    def redirect_request(self, *args: Any) -> None:
        return None


def _hand_over(request: urllib.request.Request) -> None:
    handlers: list[Any] = [_Stay]
    if request.host.rpartition(":")[0].strip("[]") in LOOPBACK or request.host in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=SECONDS) as answer:
            answer.read(MOST_OF_AN_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(MOST_OF_AN_ANSWER)
        if error.code in (400, 422) and _is_about_the_number(said):
            raise CannotReceive() from None
        # The answer may repeat number and text, so only its status is kept.
        log.error("the SMS gateway refused: status %s", error.code)
        raise NotSent() from None
    except (OSError, ValueError) as error:  # URLError, time-outs and broken answers are OSErrors
        log.error("the SMS gateway is away: %s", type(error).__name__)
        raise NotSent() from None


def _is_about_the_number(said: bytes) -> bool:
    try:
        answer = json.loads(said)
    except ValueError:
        return False
    code = answer.get("code") if isinstance(answer, dict) else None
    return code in _UNREACHABLE or code == CannotReceive.code
