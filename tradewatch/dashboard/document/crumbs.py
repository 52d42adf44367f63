"""Breadcrumbs: what happened before the event, each in one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tradewatch.core.shapes import Document, mapping, text_of, values_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.values import MORE, NO_HTML, pairs_html, plain_text, text_html

CRUMB_MARKUP = 260
MAX_TEXT = 400
MAX_INLINE = 8
_LEVELS = {"fatal": "error", "critical": "error", "error": "error", "warning": "warning", "warn": "warning"}


@dataclass(frozen=True, slots=True)
class Crumb:
    """`offset` counts from the event; `kind` is what the filter knows it by; `style` a badge's."""

    offset: str
    at: str
    category: str
    kind: str
    level: str
    style: str
    text: SafeString
    data: SafeString


@dataclass(frozen=True, slots=True)
class Crumbs:
    """The newest last, as they happened; `left_out` older ones did not fit."""

    rows: list[Crumb]
    left_out: int
    kinds: list[str]
    levels: list[str]

    @property
    def count(self) -> int:
        return len(self.rows) + self.left_out


def read_crumbs(document: Document, budget: Budget) -> Crumbs:
    """Return the breadcrumbs; where not all fit the newest are shown."""
    every = values_of(document.get("breadcrumbs"))
    rows: list[Crumb] = []
    for each in reversed(every):
        crumb = _crumb(each, document.get("timestamp"), budget)
        if not budget.takes(crumb.text, markup=CRUMB_MARKUP + len(crumb.category)):
            break
        rows.append(crumb)
    rows.reverse()
    return Crumbs(
        rows,
        len(every) - len(rows),
        kinds=sorted({crumb.kind for crumb in rows})[:20],
        levels=sorted({crumb.level for crumb in rows})[:8],
    )


def _crumb(crumb: Document, event_at: object, budget: Budget) -> Crumb:
    data = mapping(crumb.get("data"))
    kind = text_of(crumb.get("type"), 40)
    category = text_of(crumb.get("category"), 80) or kind or "default"
    level = text_of(crumb.get("level"), 20).lower() or "info"
    words, rest = _words(kind, category, text_of(crumb.get("message"), 10_000), data)
    is_info = kind in ("http", "navigation") or category in ("http", "navigation", "fetch", "xhr")
    return Crumb(
        offset=_offset(crumb.get("timestamp"), event_at),
        at=_clock(crumb.get("timestamp")),
        category=category,
        kind=category.partition(".")[0],
        level=level,
        style=_LEVELS.get(level, "info" if is_info else ""),
        text=text_html(words, MAX_TEXT),
        data=_data_html(rest, budget),
    )


def _data_html(data: Mapping[str, object], budget: Budget) -> SafeString:
    """Return what the line does not say: plain values in one line of their own, others as they unfold."""
    if not data:
        return NO_HTML
    if budget.left < CRUMB_MARKUP:
        return MORE
    if any(isinstance(value, Mapping | list) for value in data.values()) or len(data) > MAX_INLINE:
        return pairs_html([*data.items()], budget)
    html = format_html_join("", '<span class="pair"><span>{}</span> {}</span>', _short_pairs(data))
    html = format_html('<p class="pairs">{}</p>', html)
    return html if budget.takes(html) else MORE


def _short_pairs(data: Mapping[str, object]) -> list[tuple[SafeString, SafeString]]:
    return [(text_html(str(name), 60), text_html(plain_text(value), 200)) for name, value in data.items()]


def _words(kind: str, category: str, message: str, data: Document) -> tuple[str, Mapping[str, object]]:
    """Return the line that says what happened, and the data that the line does not say."""
    said: tuple[str, ...] = ()
    if category in ("httplib", "http", "fetch", "xhr") or kind == "http":
        said = ("method", "url", "status_code", "reason")
        line = " ".join(filter(None, [message, *(text_of(data.get(name), MAX_TEXT) for name in said)]))
    elif category == "navigation" or kind == "navigation":
        said = ("from", "to")
        line = message or " → ".join(plain_text(data.get(name)) for name in said if data.get(name))
    else:
        line = message
    return line, {name: value for name, value in data.items() if name not in said}


def _offset(at: object, event_at: object) -> str:
    if not _is_moment(at) or not _is_moment(event_at):
        return ""
    seconds = at - event_at  # type: ignore[operator]  # checked above
    if abs(seconds) >= 3600:
        return f"{seconds / 3600:.1f} h".replace("-", "−")
    if abs(seconds) >= 100:
        return f"{seconds / 60:.1f} min".replace("-", "−")
    return f"{seconds:.3f} s".replace("-", "−")


def _clock(at: object) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3] if _is_moment(at) else ""  # type: ignore[arg-type]
    except (ValueError, OverflowError, OSError):
        return ""


def _is_moment(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
