"""Takes secrets out of rrweb's events. The SDK masks texts and inputs of the page unless it is told not to; addresses,
console lines and attributes it leaves as they are.
"""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from debugging.recordings.protocol import MOST_URLS
from tradewatch.inbox.scrub import ScrubPolicy, is_clean, scrub_document, scrub_text

FULL_SNAPSHOT, INCREMENTAL = (
    2,
    3,
)  # https://github.com/rrweb-io/rrweb/blob/master/packages/types/src/index.ts, EventType
_SHORTEST = 8  # no secret is shorter and is known by its form
_BLOCK = 100


def scrub_told(document: dict[str, Any], policy: ScrubPolicy) -> None:
    """Scrub a `replay_event` in place. Its addresses one by one: in a list of two texts, the scrubber of events takes
    the first for the name of the second, as in a pair of a header."""
    urls = document.pop("urls", None)
    scrub_document(document, policy)
    apart = [{"url": url} for url in urls[:MOST_URLS]] if isinstance(urls, list) else []
    for each in apart:
        scrub_document(each, policy)
    document["urls"] = [each["url"] for each in apart]


def scrub_events(events: list[dict[str, Any]], policy: ScrubPolicy) -> None:
    """Scrub in place. What is said about the page goes through the scrubber of events, the page's own nodes text by
    text: they are nested deeper than documents are."""
    said = [event for event in events if event.get("type") not in (FULL_SNAPSHOT, INCREMENTAL)]
    scrub_document({"events": said}, policy)
    for event in events:
        if event.get("type") in (FULL_SNAPSHOT, INCREMENTAL) and not is_clean("events", written(event), policy):
            _scrub_nodes(event, policy)


def written(value: Any) -> bytes:
    """Return it as JSON, also what is nested deeper than orjson writes. Raises RecursionError beyond 900 levels."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("utf-8", "replace")


def _scrub_nodes(event: dict[str, Any], policy: ScrubPolicy) -> None:
    """Texts are looked at in blocks first: one pass over many is faster than one each."""
    places = [
        (holder, key, value)
        for holder in _holders(event)
        for key, value in (holder.items() if isinstance(holder, dict) else enumerate(holder))
        if isinstance(value, str) and len(value) >= _SHORTEST
    ]
    for start in range(0, len(places), _BLOCK):
        block = places[start : start + _BLOCK]
        if not is_clean("texts", written([value for _, _, value in block]), policy):
            for holder, key, value in block:
                holder[key] = scrub_text(value)


def _holders(event: dict[str, Any]) -> Iterator[Any]:
    """Every object and list in it, without recursion."""
    left: list[Any] = [event]
    while left:
        holder = left.pop()
        yield holder
        left += [
            each for each in (holder.values() if isinstance(holder, dict) else holder) if isinstance(each, dict | list)
        ]
