"""The guard of `net` for what runs many calls at once on one event loop: names, connections, HTTP.

A name is looked up in a thread of its own, for the system's resolver cannot be told to stop. Whoever waits gives up in
time; the next one that asks for the same name joins the lookup that still hangs instead of starting another.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address

import httpx

from tradewatch.core.net import ForbiddenAddressError, Reach, checked, pinned, port_of, resolve_name

LOOKUPS_AT_ONCE = 64
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

_lookups: dict[tuple[str, int], "Future[Sequence[str]]"] = {}
_lock = threading.Lock()


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host`. Without any: `httpx.ConnectError`."""
    with contextlib.suppress(ValueError):
        return [str(ip_address(host))]  # nothing to look up
    key = (host, port)
    with _lock:
        future = _lookups.get(key)
        if future is None:
            if len(_lookups) >= LOOKUPS_AT_ONCE:
                raise httpx.ConnectError(f"cannot resolve {host}: {LOOKUPS_AT_ONCE} lookups hang already")
            future = _lookups[key] = Future()
            threading.Thread(target=_look_up, args=(key, future), name="lookup", daemon=True).start()
    # Shielded: whoever gives up leaves the lookup to the others that wait for it.
    return await asyncio.shield(asyncio.wrap_future(future))


async def guarded_addresses(host: str, port: int, reach: Reach, *, lookup: Lookup = look_up) -> Sequence[str]:
    """Return the addresses to connect to, each of which may be called. Raises `ForbiddenAddressError`."""
    return checked(await lookup(host, port), host, reach)


async def guarded_connection(
    host: str, port: int, reach: Reach, *, tls: ssl.SSLContext | None = None, lookup: Lookup = look_up
) -> Connection:
    """Connect to the first address of `host` that takes the connection. Raises OSError of the last that did not."""
    failure: OSError = ConnectionError("no address")
    for address in await guarded_addresses(host, port, reach, lookup=lookup):
        try:
            return await asyncio.open_connection(address, port, ssl=tls, server_hostname=host if tls else None)
        except ssl.SSLError:
            raise
        except OSError as error:
            failure = error
    raise failure


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """HTTP to addresses that `reach` permits; the next address when one takes no connection."""

    def __init__(
        self,
        reach: Reach,
        *,
        lookup: Lookup = look_up,
        tls: ssl.SSLContext | None = None,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._reach = reach
        self._lookup = lookup
        self._inner = inner or httpx.AsyncHTTPTransport(verify=tls or True, retries=0, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise ForbiddenAddressError(f"only http and https are called, not {url.scheme}", request=request)
        addresses = await guarded_addresses(url.host, port_of(url), self._reach, lookup=self._lookup)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(pinned(request, address))
            except httpx.ConnectError:  # nothing was sent
                continue
        return await self._inner.handle_async_request(pinned(request, addresses[-1]))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _look_up(key: tuple[str, int], future: "Future[Sequence[str]]") -> None:
    try:
        found = resolve_name(*key)
    except BaseException as error:
        _done(key)
        future.set_exception(error)
    else:
        _done(key)
        future.set_result(found)


def _done(key: tuple[str, int]) -> None:
    with _lock:
        _lookups.pop(key, None)
