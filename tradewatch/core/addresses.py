"""Whose request it is: the client's address behind proxies that we trust."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(peer: str, forwarded_for: str, *, trusted: Sequence[str]) -> str:
    """Return the nearest address that is not a trusted proxy's; the `peer` itself when it is not trusted.

    `forwarded_for` is X-Forwarded-For. It is read from the right: what stands left of the first stranger is hearsay.
    `trusted` are addresses or networks ("10.0.0.0/8").
    """
    address = peer
    for hop in reversed(forwarded_for.split(",")):
        if not _is_trusted(address, trusted) or not _is_address(hop.strip()):
            return address
        address = hop.strip()
    return address


def address_of(request: HttpRequest) -> str | None:
    """Return the client's address of a Django request; None where the server gives none (a unix socket)."""
    address = client_address(
        request.META.get("REMOTE_ADDR") or "",
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        trusted=settings.TRUSTED_PROXIES,
    )
    return address if _is_address(address) else None


def _is_trusted(address: str, trusted: Sequence[str]) -> bool:
    return _is_address(address) and any(ip_address(address) in ip_network(net, strict=False) for net in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
