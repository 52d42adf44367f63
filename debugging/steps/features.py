"""What can be compared between requests: host, user, tags, and plain values of query and body. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from tradewatch.core.shapes import mapping, text_of

LONGEST_VALUE = 100  # what is longer is a text of its own, not a kind of request
MOST_FIELDS = 100  # of a body or query
# What says that a request failed, or which one it was: shared by failing ones by their nature.
NOT_COMPARED = frozenset({"level", "release", "environment", "transaction", "url", "mechanism", "handled", "simulated"})

Features = Mapping[str, str]  # "user": "acc-4", "tag venue": "lmax", "body symbol": "ACME"


def features_of(document: Mapping[str, Any]) -> Features:
    """Read of an event's stored document, or of a kept transaction's: both have these fields at the same places."""
    return {key: value for key, value in _features(document) if value and len(value) <= LONGEST_VALUE}


def _features(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "host", text_of(document.get("server_name"))
    user = mapping(document.get("user"))
    yield "user", text_of(user.get("id") or user.get("username"))
    for key, value in _tags(document.get("tags")):
        if key not in NOT_COMPARED and key != "server_name":
            yield f"tag {key[:64]}", text_of(value)
    request = mapping(document.get("request"))
    for key, value in parse_qsl(text_of(request.get("query_string"), 2000))[:MOST_FIELDS]:
        yield f"query {key[:64]}", value
    for key, value in list(mapping(request.get("data")).items())[:MOST_FIELDS]:
        yield f"body {str(key)[:64]}", _plain(value)


def _tags(tags: object) -> Iterator[tuple[str, object]]:
    """As events store them, or in the pairs that some SDKs send with transactions."""
    if isinstance(tags, Mapping):
        yield from ((str(key), value) for key, value in tags.items())
    elif isinstance(tags, list):
        yield from ((str(each[0]), each[1]) for each in tags if isinstance(each, list) and len(each) == 2)


def _plain(value: object) -> str:
    """A scalar as text; what was removed tells nothing."""
    text = "" if isinstance(value, dict | list) else text_of(value)
    return "" if text.startswith("[removed: ") else text
