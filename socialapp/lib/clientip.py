"""The caller's address, as far as it can be believed: X-Forwarded-For counts only from TRUSTED_PROXIES."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def is_trusted(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)


def client_address(request: HttpRequest, *_args: object) -> str:
    """The address of the last hop that no trusted proxy vouches for (RFC 7239, section 5.2)."""
    address = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    if not settings.TRUSTED_PROXIES:
        return address
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and is_trusted(address):
        address = hops.pop()
    return address


def rate_key(address: str) -> str:
    """What a limit counts an address by: IPv4 whole, IPv6 by its /64, the smallest block a customer gets."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return address if ip.version == 4 else str(ip_network((ip, 64), strict=False))


class ClientAddressMiddleware:
    """Puts the believable address on the request as `client_address`."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        return self.get_response(request)
