"""Outbound HTTP with one guard: nothing of ours can be talked into calling a private address.

The name is resolved once, every address it has must be public (or in TRADEWATCH_OUTBOUND_ALLOW), and the connection
goes to that very address: a name that resolves differently a moment later (DNS rebinding) changes nothing.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx
from django.conf import settings

Resolve = Callable[[str, int], Sequence[str]]
_NAT64 = ip_network("64:ff9b::/96")
# Not public, though Python 3.11 takes them for it: https://www.iana.org/assignments/iana-ipv6-special-registry, its
# twin for IPv4, and RFC 7526 (anycast of 6to4, deprecated) and RFC 3879 (site-local, deprecated: private still).
_NOT_PUBLIC = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "fec0::/10")))
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214, 6.1: an interface identifier that holds an IPv4 address
# One's own network, for what an administrator lets reach it. Not link-local: clouds hand out credentials there.
_INTERNAL = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
_METADATA = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200")))  # the same, within private networks


class ForbiddenAddressError(httpx.TransportError):
    """The URL leads to an address that TradeWatch does not call."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be called beside public addresses: `allowed` networks, and by one name (`internal_host`) one's own.

    The exception is for that name alone: a redirect that leads elsewhere inside is refused.
    """

    allowed: Sequence[str] = ()
    internal_host: str = ""

    def permits(self, host: str, address: str) -> bool:
        if may_call(address, allowed=self.allowed):
            return True
        return bool(self.internal_host) and host.lower() == self.internal_host.lower() and is_internal(address)


def checked(addresses: Sequence[str], host: str, reach: Reach) -> Sequence[str]:
    """Return the addresses of `host` if all of them may be called, else raise `ForbiddenAddressError`.

    One private address among public ones is an attack, not a choice.
    """
    if not addresses or not all(reach.permits(host, address) for address in addresses):
        raise ForbiddenAddressError(f"{host} is not a public address")
    return addresses


def guarded_client(*, timeout_seconds: float, **options: Any) -> httpx.Client:
    """Return a client whose every request, redirects included, passes the guard.

    Proxies from the environment are ignored: through one, the guard would check an address that nobody connects to.
    """
    transport = GuardedTransport(allowed=settings.OUTBOUND_ALLOWED_NETWORKS)
    return httpx.Client(transport=transport, timeout=timeout_seconds, trust_env=False, **options)


class GuardedTransport(httpx.BaseTransport):
    """`allowed` are networks ("10.1.0.0/16") that may be called although they are private."""

    def __init__(
        self, *, allowed: Sequence[str] = (), resolve: Resolve | None = None, inner: httpx.BaseTransport | None = None
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve or resolve_name
        self._inner = inner or httpx.HTTPTransport(retries=0, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise ForbiddenAddressError(f"only http and https are called, not {url.scheme}", request=request)
        addresses = self._resolve(url.host, port_of(url))
        try:
            address = checked(addresses, url.host, Reach(self._allowed))[0]
        except ForbiddenAddressError as fault:
            fault.request = request
            raise
        return self._inner.handle_request(pinned(request, address))

    def close(self) -> None:
        self._inner.close()


def resolve_name(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, in the system's order of preference. Without any: `httpx.ConnectError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"cannot resolve {host}") from error
    return [str(entry[4][0]) for entry in found]


def may_call(address: str, *, allowed: Sequence[str] = ()) -> bool:
    """Return whether `address` is public, or in an `allowed` network. What an IPv6 address wraps counts as itself."""
    ip = _unwrapped(ip_address(address.partition("%")[0]))
    if any(ip in ip_network(network, strict=False) for network in allowed):
        return True
    is_special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or any(ip in each for each in _NOT_PUBLIC)
    return ip.is_global and not is_special


def is_internal(address: str) -> bool:
    """Return whether `address` is of one's own network; what hands out a cloud's credentials never is."""
    ip = _unwrapped(ip_address(address.partition("%")[0]))
    return ip not in _METADATA and any(ip in network for network in _INTERNAL)


def port_of(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo:
        return next((each for each in ip.teredo if not each.is_global), ip.teredo[1])  # its server is called as well
    return ip.ipv4_mapped or ip.sixtofour or ip


def pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to `address`; name checks of TLS and the Host header still use the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # holds Host already
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
