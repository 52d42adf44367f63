"""The address a request came from. A proxy's word counts only when the proxy is one of ours."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.core.exceptions import ImproperlyConfigured

Networks = tuple[IPv4Network | IPv6Network, ...]


def trusted_networks(names: Sequence[str]) -> Networks:
    """Return the networks in TRADEWATCH_TRUSTED_PROXIES (addresses or CIDR). Raises `ImproperlyConfigured`."""
    try:
        return tuple(ip_network(name, strict=False) for name in names)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRADEWATCH_TRUSTED_PROXIES: {error}") from error


def client_address(peer: str, headers: Iterable[tuple[bytes, bytes]], trusted: Networks) -> str:
    """Return the client's address: the last one in X-Forwarded-For that no trusted proxy owns, else the peer's.

    Read from the right: what stands further left was written by whoever sent the request.
    """
    if not trusted or not _is_trusted(peer, trusted):
        return peer
    forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if not _is_address(hop):
            break
        peer = hop
        if not _is_trusted(hop, trusted):
            break
    return peer


@lru_cache(maxsize=1024)
def _is_trusted(address: str, trusted: Networks) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return len(text) <= 45  # an IPv6 scope id may be of any length, the column is not
