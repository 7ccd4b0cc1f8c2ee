"""Refuses settings that would be unsafe or broken, each time naming the setting and what to write instead.

`manage.py check` runs all of it; the web, realtime and worker processes call `refuse_bad_configuration()` as they start.
Settings whose very form cannot be read are refused earlier, by `socialapp/environment.py`.
"""

import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from messaging import push_service, vapid

from .engines import LONGEST_SOCKET_PATH, socket_path
from .lib import ffmpeg
from .lib.sms import gateway

PROGRAMS = "programs"  # the tag of checks that run another program
RANGES = {
    "PORT": (1, 65_535),
    "MAX_CLIP_SECONDS": (1, 3_600),
    "MAX_UPLOAD_MB": (1, 10_240),
    "MINIMUM_AGE": (1, 99),
    "TRANSCODE_LEASE_SECONDS": (5, 3_600),
    "CONVERSIONS_AT_ONCE": (1, 256),
    "PUSHES_AT_ONCE": (1, 64),
    "UPLOAD_HOURS": (1, 8_760),
    "UPLOADS_WAITING": (1, 10_000),
    "UPLOAD_QUOTA_MB": (0, 100_000_000),
}


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    host = host.strip("[]").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_bad_configuration() -> None:
    """Ends the process with a sentence an error. For entry points that do not pass through manage.py's checks."""
    errors = [message for message in check_configuration(None) if message.level >= Error("").level]
    if errors:
        sys.exit("Not started:\n" + "\n".join(f"  {error.msg}" for error in errors))


@register
def check_configuration(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [*_secrets(), *_addresses(), *_engines(), *_gateways(), *_push(), *_limits()]


def _secrets() -> Iterator[CheckMessage]:
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:
        secret = ""
    if not secret:
        yield Error(
            "SECRET_KEY is missing. Set it to a long random text (deploy/make-env writes one); "
            "only the embedded default makes its own.",
            id="socialapp.E001",
        )
    elif len(secret) < 32 or len(set(secret)) < 5:
        yield Error("SECRET_KEY is too weak: at least 32 random characters are needed.", id="socialapp.E002")
    if settings.MEDIA_SECRET and not re.fullmatch(r"[A-Za-z0-9_-]{24,}", settings.MEDIA_SECRET):
        yield Error(
            "MEDIA_SECRET must be at least 24 of A-Z, a-z, 0-9, _ and -, because a proxy's configuration repeats it.",
            id="socialapp.E003",
        )


def _addresses() -> Iterator[CheckMessage]:
    base, hosts = urlsplit(settings.BASE_URL), settings.ALLOWED_HOSTS
    public_hosts = [host for host in hosts if not is_loopback(host)]
    if not hosts:
        yield Error(
            "ALLOWED_HOSTS is empty. Set it to the names this site answers to, such as clips.example.org.",
            id="socialapp.E010",
        )
    if "*" in hosts:
        yield Error(
            "ALLOWED_HOSTS=* lets anybody choose the address in our e-mails. Name the site's hosts.",
            id="socialapp.E011",
        )
    if not _is_origin(base):
        yield Error(
            f"BASE_URL={settings.BASE_URL} must be an origin such as https://clips.example.org, without a path.",
            id="socialapp.E012",
        )
    elif hosts and not validate_host(base.hostname or "", hosts):
        yield Error(
            f"BASE_URL={settings.BASE_URL} has a host that ALLOWED_HOSTS does not name.", id="socialapp.E013"
        )
    elif base.scheme == "http" and not is_loopback(base.hostname or ""):
        yield Warning(
            f"BASE_URL={settings.BASE_URL} is not https: passwords and cookies cross the network unprotected.",
            id="socialapp.W014",
        )
    if not is_loopback(settings.HOST) and not public_hosts:
        yield Error(
            f"HOST={settings.HOST} listens beyond this machine, but ALLOWED_HOSTS names only this machine.",
            id="socialapp.E015",
        )
    if settings.DEBUG and (public_hosts or not is_loopback(settings.HOST)):
        yield Error(
            "DEBUG=1 shows the site's insides to everyone who can reach it. Use it on this machine only.",
            id="socialapp.E016",
        )
    if settings.MEDIA_BASE_URL and not _is_origin(urlsplit(settings.MEDIA_BASE_URL)):
        yield Error(
            f"MEDIA_BASE_URL={settings.MEDIA_BASE_URL} must be an origin such as https://media.example.org.",
            id="socialapp.E017",
        )
    for name in ("TRUSTED_PROXIES", "METRICS_FROM"):
        for network in getattr(settings, name):
            yield from _network(name, network)


def _is_origin(url: SplitResult) -> bool:
    return (
        url.scheme in ("http", "https")
        and bool(url.hostname)
        and not (url.path or url.query or url.fragment or url.username)
    )


def _network(name: str, network: str) -> Iterator[CheckMessage]:
    try:
        everybody = ip_network(network, strict=False).prefixlen == 0
    except ValueError:
        yield Error(
            f"{name}: {network} is not an address or network such as 10.0.0.0/8.", id="socialapp.E018"
        )
    else:
        if everybody:
            yield Error(
                f"{name}: {network} is everybody. Name the addresses that are really yours.",
                id="socialapp.E019",
            )


def _engines() -> Iterator[CheckMessage]:
    redis = urlsplit(settings.REDIS_URL)
    socket = socket_path(settings.REDIS_URL)
    if redis.scheme not in ("redis", "rediss", "unix") or not (socket or redis.hostname):
        yield Error(
            "REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///path?db=0.",
            id="socialapp.E020",
        )
    elif socket and len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        setting = "REDIS_URL" if os.environ.get("REDIS_URL") else "DATA_DIR"
        yield Error(
            f"{setting} makes a socket path of {len(os.fsencode(socket))} bytes; systems allow "
            f"{LONGEST_SOCKET_PATH}. Choose a shorter folder.",
            id="socialapp.E021",
        )
    storage = urlsplit(settings.STORAGE_URL)
    if storage.scheme == "file":
        if storage.netloc or not Path(storage.path).is_absolute():
            yield Error(
                "STORAGE_URL must name an absolute folder: file:///srv/files (three slashes).",
                id="socialapp.E022",
            )
    elif storage.scheme == "s3":
        if not (storage.username and storage.password and storage.hostname and storage.path.strip("/")):
            yield Error("STORAGE_URL must look like s3://key:secret@host/bucket.", id="socialapp.E023")
    else:
        yield Error("STORAGE_URL must begin with file:/// or s3://.", id="socialapp.E024")
    yield from _search()


def _search() -> Iterator[CheckMessage]:
    if not settings.SEARCH_URL:
        return
    cluster = urlsplit(settings.SEARCH_URL)
    if cluster.scheme not in ("opensearch", "opensearch+http") or not cluster.hostname:
        # The value may hold a password, so it is not repeated.
        yield Error(
            "SEARCH_URL must look like opensearch://user:password@host:9200/prefix, or opensearch+http://… without TLS.",
            id="socialapp.E025",
        )
    elif find_spec("opensearchpy") is None:
        yield Error(
            "SEARCH_URL names an OpenSearch cluster, but its client is not installed. Run: "
            ".venv/bin/python -m pip install -r requirements/opensearch.txt",
            id="socialapp.E026",
        )


def _gateways() -> Iterator[CheckMessage]:
    sms = urlsplit(settings.SMS_URL)
    if sms.scheme not in ("console", "webhook+https", "webhook+http", "twilio"):
        yield Error("SMS_URL must begin with console://, webhook+https:// or twilio://.", id="socialapp.E030")
    elif sms.scheme == "webhook+http" and not is_loopback(sms.hostname or ""):
        yield Error(
            "SMS_URL=webhook+http://… would send one-time codes unprotected. Use webhook+https://.",
            id="socialapp.E031",
        )
    elif sms.scheme != "console":
        try:
            gateway(sms)
        except ValueError as error:
            # The value holds a password, so it is not repeated.
            yield Error(
                f"SMS_URL cannot be used: {error}. Its form is webhook+https://user:password@host/path or "
                "twilio://account:token@api.twilio.com/+15550001111 (or a messaging service, MG…).",
                id="socialapp.E032",
            )
    printed = settings.EMAIL_CONFIG["EMAIL_BACKEND"].endswith(("console.EmailBackend", "dummy.EmailBackend"))
    if settings.EMAIL_VERIFICATION == "mandatory" and printed:
        yield Error(
            "EMAIL_URL sends no e-mail, but EMAIL_VERIFICATION=mandatory needs it: nobody could sign up. "
            "Set EMAIL_URL=smtp+tls://user:password@host:587, or EMAIL_VERIFICATION=optional.",
            id="socialapp.E033",
        )


def _push() -> Iterator[CheckMessage]:
    if settings.VAPID_PRIVATE_KEY:
        try:
            vapid.read_key(settings.VAPID_PRIVATE_KEY)
        except ValueError:
            # The value is a secret, so it is not repeated.
            yield Error(
                "VAPID_PRIVATE_KEY must be a key of the curve P-256, as 32 bytes in base64url: 43 characters.",
                id="socialapp.E035",
            )
    if not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://[^\s/]+\S*", settings.VAPID_SUBJECT):
        yield Error(
            f"VAPID_SUBJECT={settings.VAPID_SUBJECT} must be mailto:you@example.org or an https:// address: whom "
            "push services turn to.",
            id="socialapp.E036",
        )
    for host in settings.WEB_PUSH_HOSTS:
        # People's browsers name the address within these, so a wide one lets anybody call hosts inside our network.
        if host not in push_service.LOOPBACK and not re.fullmatch(
            r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", host.lower()
        ):
            yield Error(
                f"WEB_PUSH_HOSTS: {host} is not a push service's host such as push.example.org or *.push.example.org.",
                id="socialapp.E037",
            )


def _limits() -> Iterator[CheckMessage]:
    for name, (least, most) in RANGES.items():
        value = getattr(settings, name, least)
        if not least <= value <= most:
            yield Error(f"{name}={value} must be from {least} to {most}.", id="socialapp.E040")
    for name, limit in settings.RATE_LIMITS.items():
        if not re.fullmatch(r"[1-9]\d*/[1-9]\d*", limit):
            yield Error(
                f"RATE_LIMITS: {name}={limit} must be a count and seconds, such as 60/3600.",
                id="socialapp.E041",
            )


@register(PROGRAMS)
def check_ffmpeg(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """ffmpeg is there, starts, and is not one with known holes."""
    problem = ffmpeg.problem()
    return [Error(problem, id="socialapp.E050")] if problem else []
