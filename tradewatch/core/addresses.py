"""Whose request it is: the client's address. A proxy's word counts only when the proxy is one of ours."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Networks = tuple[IPv4Network | IPv6Network, ...]
ONE_CLIENT_BITS = 64  # of an IPv6 address: below that, whoever has one address has them all (RFC 6177)


@lru_cache(maxsize=16)
def _networks(names: tuple[str, ...]) -> Networks:
    return tuple(ip_network(name, strict=False) for name in names)


def trusted_networks(names: Sequence[str]) -> Networks:
    """Return the networks that `names` stand for: addresses, or networks such as "10.0.0.0/8"."""
    return _networks(tuple(names))


def client_address(peer: str, forwarded_for: str, *, trusted: Networks) -> str:
    """Return the nearest address that is not a trusted proxy's; the `peer` itself when it is not trusted.

    `forwarded_for` is X-Forwarded-For. It is read from the right: what stands left of the first stranger is hearsay.
    """
    address = peer
    if not trusted:
        return address
    for hop in reversed(forwarded_for.split(",")):
        if not _is_trusted(address, trusted) or not is_address(hop.strip()):
            return address
        address = hop.strip()
    return address


def address_of(request: HttpRequest) -> str | None:
    """Return the client's address of a Django request; None where the server gives none (a unix socket)."""
    address = client_address(
        request.META.get("REMOTE_ADDR") or "",
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        trusted=trusted_networks(settings.TRUSTED_PROXIES),
    )
    return address if is_address(address) else None


def counted_address(address: str | None) -> str | None:
    """Return what limits count `address` as: an IPv6 address as the first one of its /64, an IPv4 address as itself.

    An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`) is what it stands for: all of those are in one
    /64.
    """
    if address is None:
        return None
    known = ip_address(address)
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), ONE_CLIENT_BITS), strict=False).network_address)


def counted_address_of(request: HttpRequest) -> str | None:
    """Return the client's address as limits count it (`counted_address`); None where the server gives none."""
    return counted_address(address_of(request))


def is_trusted_proxy(peer: str) -> bool:
    """Return whether what is connected to us is one of the operator's own proxies (TRADEWATCH_TRUSTED_PROXIES)."""
    return _is_trusted(peer, trusted_networks(settings.TRUSTED_PROXIES))


def is_address(text: str) -> bool:
    """Return whether `text` is an IP address without a scope id, which no column for addresses takes."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


@lru_cache(maxsize=1024)
def _is_trusted(address: str, trusted: Networks) -> bool:
    return is_address(address) and any(ip_address(address) in network for network in trusted)
