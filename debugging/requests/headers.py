"""Headers of a request that is sent again: which are left to the sender, and how one is found and put."""

import re
from collections.abc import Iterable

from debugging.requests.shapes import Pairs

MOST_HEADERS, LONGEST_VALUE = 100, 8192
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Made anew by whoever sends (RFC 9110, 7.6.1: hop by hop), or by the trace that a replay begins.
OF_THE_CONNECTION = frozenset(
    (
        *("host", "content-length", "connection", "keep-alive", "proxy-connection", "proxy-authenticate"),
        *("proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "expect", "accept-encoding"),
        "http2-settings",
    )
)
OF_THE_TRACE = frozenset(("sentry-trace", "baggage", "traceparent", "tracestate", "x-tradewatch-replay"))
DROPPED = OF_THE_CONNECTION | OF_THE_TRACE


def header_of(headers: Iterable[tuple[str, str]], name: str) -> str:
    """Return a header's first value; empty without."""
    return next((value for each, value in headers if each.lower() == name.lower()), "")


def with_header(headers: Pairs, name: str, value: str) -> Pairs:
    """Return them with this one in place of those of its name, where the first of them stood."""
    at = next((place for place, (each, _) in enumerate(headers) if each.lower() == name.lower()), len(headers))
    rest = without_header(headers, name)
    return (*rest[:at], (name, value), *rest[at:])


def without_header(headers: Pairs, name: str) -> Pairs:
    return tuple(pair for pair in headers if pair[0].lower() != name.lower())


def fault_in_header(name: str, value: str) -> str:
    """Return why a header cannot be sent; empty when it can."""
    if not TOKEN.fullmatch(name):
        return "is no name of a header"
    if name.lower() in OF_THE_CONNECTION:
        return "is set by the connection"
    if name.lower() in OF_THE_TRACE:
        return "is set by the replay, which begins a trace of its own"
    if _CONTROL.search(value):
        return "holds a control character"
    return f"is longer than {LONGEST_VALUE:,} characters" if len(value) > LONGEST_VALUE else ""
