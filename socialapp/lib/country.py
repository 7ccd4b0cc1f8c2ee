"""From which country a request comes, found at the door: the address itself goes no further.

A proxy in front (a CDN) knows it and says so in a header; it is believed from TRUSTED_PROXIES only.
"""

import re

from django.conf import settings
from django.http import HttpRequest

from .clientip import is_trusted

_CODE = re.compile(r"[A-Z]{2}\Z")
# What CDNs say where they do not know: unknown, Tor, an anonymous proxy, no particular country.
_NOWHERE = frozenset({"XX", "T1", "A1", "A2", "O1", "ZZ"})


def country_of(request: HttpRequest) -> str:
    """ISO 3166-1 alpha-2 in capitals, by the header COUNTRY_HEADER of a proxy that is trusted; "" when nobody says."""
    if not settings.COUNTRY_HEADER or not is_trusted(request.META.get("REMOTE_ADDR") or ""):
        return ""
    said = request.headers.get(settings.COUNTRY_HEADER, "").strip().upper()
    return said if _CODE.match(said) and said not in _NOWHERE else ""
