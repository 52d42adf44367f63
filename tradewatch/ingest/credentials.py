"""The DSN key of a request. Of the places it may stand in, the first one that has one counts."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

_SCHEME = re.compile(r"\s*sentry\s+(.*)", re.IGNORECASE | re.DOTALL)
_LONGEST = 1_000  # bytes; what is longer is no SDK's, and must not fill the cache


def key_in_request(headers: Mapping[bytes, bytes], query: bytes) -> str | None:
    """Return the key in `X-Sentry-Auth`, else `Authorization`, else `?sentry_key=`, else None."""
    for name in (b"x-sentry-auth", b"authorization"):
        value = headers.get(name)
        if value and len(value) <= _LONGEST and (key := key_in_header(value)):
            return key
    if b"sentry_key=" in query and len(query) <= _LONGEST:
        return key_in_query(query)
    return None


@lru_cache(maxsize=1024)  # a client sends the same header all its life
def key_in_header(value: bytes) -> str | None:
    """Return K of `Sentry sentry_key=K, sentry_version=7, ...`: any order, optional spaces, scheme in any case."""
    found = _SCHEME.fullmatch(value.decode("latin-1"))
    for pair in found[1].split(",") if found else ():
        name, _, text = pair.partition("=")
        if name.strip() == "sentry_key":
            return text.strip().strip('"') or None
    return None


@lru_cache(maxsize=1024)
def key_in_query(query: bytes) -> str | None:
    values = parse_qs(query.decode("latin-1")).get("sentry_key")
    return values[0] if values else None


def key_in_dsn(dsn: Any) -> str | None:
    """Return K of `https://K@host/1`, or of the old `https://K:secret@host/1`; None for what is no DSN."""
    if not isinstance(dsn, str):
        return None
    try:
        return urlsplit(dsn).username
    except ValueError:
        return None
