"""What a person reads of a recording: where they went, what they clicked, what failed. Pure.

@sentry/browser puts breadcrumbs and spans among rrweb's events, as custom ones (type 5) with the tags "breadcrumb" and
"performanceSpan"; rrweb's own Meta events (type 4) name the address.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_ENTRIES, LONGEST_TEXT = 300, 300
META, CUSTOM = 4, 5
_CLICKS = {
    "ui.click": ("click", "Clicked"),
    "ui.multiClick": ("slow", "Clicked again and again"),
    "ui.slowClickDetected": ("slow", "Clicked, and nothing happened"),
    "ui.input": ("input", "Entered text in"),
    "ui.keyDown": ("input", "Pressed a key in"),
    "ui.tap": ("click", "Tapped"),
}
_LEVELS = {"error": "error", "fatal": "error", "warning": "warning", "warn": "warning"}
COUNTED = ("click", "slow", "navigation", "console", "request", "error")


@dataclass(slots=True)
class Read:
    """`entries` [{"at": epoch ms, "kind", "text", "level"}], the first 300; `counts` of all by kind, and
    under `kind.bad` of those that failed."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    first_ms: float | None = None
    last_ms: float | None = None


def read_timeline(events: Iterable[Mapping[str, Any]]) -> Read:
    read, counts = Read(), Counter[str]()
    for event in events:
        at = _moment(event.get("timestamp"))
        if at is None:
            continue
        read.first_ms = at if read.first_ms is None else min(read.first_ms, at)
        read.last_ms = at if read.last_ms is None else max(read.last_ms, at)
        entry = _entry(event)
        if entry is None:
            continue
        kind, text, level = entry
        counts[kind] += 1
        counts[f"{kind}.bad"] += level == "error"
        if len(read.entries) < MOST_ENTRIES:
            read.entries.append({"at": at, "kind": kind, "text": _line(text), "level": level})
    read.counts = {kind: count for kind, count in counts.items() if count}
    return read


def _moment(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and 0 < value < 1e13 else None


def _entry(event: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return (kind, text, level); None for what nobody reads."""
    data = _mapping(event.get("data"))
    if event.get("type") == META:
        return ("page", f"Page {_text(data.get('href'))}", "info")
    if event.get("type") != CUSTOM:
        return None
    payload = _mapping(data.get("payload"))
    match data.get("tag"):
        case "breadcrumb":
            return _of_breadcrumb(payload)
        case "performanceSpan":
            return _of_span(payload)
        case _:
            return None


def _of_breadcrumb(crumb: Mapping[str, Any]) -> tuple[str, str, str] | None:
    category, message = _text(crumb.get("category")), _text(crumb.get("message"))
    data = _mapping(crumb.get("data"))
    level = _LEVELS.get(_text(crumb.get("level")), "info")
    if category in _CLICKS:
        kind, words = _CLICKS[category]
        return (kind, f"{words} {message}".strip(), "warning" if kind == "slow" else "info")
    if category == "navigation":
        return ("navigation", f"Went to {_text(data.get('to'))}", "info")
    if category == "console":
        return ("console", message, level)
    if category.startswith(("sentry.", "replay.hydrate")):
        return ("error", f"{category}: {message}", "error")
    if category.startswith(("ui.", "replay.")) or not message:
        return None
    return ("note", f"{category}: {message}", level)


def _of_span(span: Mapping[str, Any]) -> tuple[str, str, str] | None:
    operation, address = _text(span.get("op")), _text(span.get("description"))
    data = _mapping(span.get("data"))
    if operation.startswith("navigation."):
        return ("navigation", f"Went to {address}", "info")
    if operation not in ("resource.fetch", "resource.xhr"):
        return None
    status = data.get("statusCode")
    is_bad = type(status) is int and (status >= 400 or status == 0)
    told = " ".join(part for part in (_text(data.get("method")) or "GET", address, f"answered {status}") if part)
    return ("request", told, "error" if is_bad else "info")


def _line(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value.replace("\0", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else ""
