"""Values as HTML: texts with what was removed set apart, and trees that unfold. All of it escaped."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import orjson
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tradewatch.dashboard.document.budget import Budget

# What scrubbing here leaves, and what SDKs leave in place of what they removed themselves.
REMOVED = re.compile(r"\[removed(?:: ?(?P<kind>[^\]]{1,40}))?\]|\[Filtered\]")
# Controls and the marks that turn the direction of text: they would show a line as something else than it is.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Where texts stand in quotes: nowhere (Python's client sends the `repr`, which has its own), inside objects, always.
Quotes = Literal["never", "nested", "always"]
MAX_TEXT = 2000
MOST_BYTES_A_CHARACTER = 6  # of `"` as an entity
LEAST_PIECE = 160  # bytes without which nothing more is begun
TREE_MARKUP = 160
MAX_DEPTH = 8
MAX_ENTRIES = 100
INLINE = 72  # characters of an object or a list that still stands in one line
MOST_OPEN = 4  # entries of a tree that stands open from the start
NO_HTML = mark_safe("")
OPEN = mark_safe(" open")
MORE = mark_safe('<span class="faint">… more in the raw JSON</span>')


def text_html(text: str, limit: int = MAX_TEXT) -> SafeString:
    """Return `text` escaped, cut at `limit` characters; `[removed: token]` is drawn hatched."""
    rest = len(text) - limit
    shown = _seen(text[:limit])
    pieces, position = [], 0
    for found in REMOVED.finditer(shown):
        pieces.append(escape(shown[position : found.start()]))
        pieces.append(format_html('<span class="gone">{}</span>', removed_words(found)))
        position = found.end()
    pieces.append(escape(shown[position:]))
    if rest > 0:
        pieces.append(format_html(' <span class="faint">… {} characters more</span>', f"{rest:,}"))
    return mark_safe("".join(pieces))  # noqa: S308  # every piece is escaped above


def removed_words(found: re.Match[str]) -> str:
    return f"removed: {found['kind']}" if found["kind"] else "removed"


def value_html(value: object, budget: Budget, *, quotes: Quotes = "nested") -> SafeString:
    """Return a JSON value: numbers, words and texts told apart, short objects in one line, others unfolding.

    Written piece by piece against `budget`: what does not fit is never made, and said to be in the raw document.
    """
    return _value(value, quotes=quotes, depth=0, room=budget)


def pairs_html(
    pairs: Sequence[tuple[str, object]], budget: Budget, *, style: str = "kv mono", quotes: Quotes = "nested"
) -> SafeString:
    """Return a definition list of names and values; empty without any. What does not fit is counted at its end."""
    rows: list[tuple[SafeString, SafeString]] = []
    for name, value in pairs[:MAX_ENTRIES]:
        term = text_html(name, 200)
        if budget.left < LEAST_PIECE or not budget.takes(term, markup=20):
            break
        rows.append((term, value_html(value, budget, quotes=quotes)))
    left_out = len(pairs) - len(rows)
    if not pairs:
        return NO_HTML
    more = format_html('<p class="faint small">{} more in the raw JSON</p>', left_out) if left_out else ""
    return format_html('<dl class="{}">{}</dl>{}', style, format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows), more)


def plain_text(value: object) -> str:
    """Return a value as one text: itself, or its JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value, default=str).decode()


def _seen(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _value(value: object, *, quotes: Quotes, depth: int, room: Budget) -> SafeString:
    if room.left < LEAST_PIECE:
        return MORE
    match value:
        case Mapping() | list() if value:
            return _tree(value, quotes=quotes, depth=depth, room=room)
        case Mapping() | list():
            html = format_html('<span class="faint">{}</span>', "{}" if isinstance(value, Mapping) else "[]")
        case None | bool():
            html = format_html('<span class="v-k">{}</span>', "null" if value is None else str(value).lower())
        case int() | float():
            html = format_html('<span class="v-n">{}</span>', str(value)[:40])
        case _:
            html = text_html(str(value), min(MAX_TEXT, room.left // MOST_BYTES_A_CHARACTER))
            if quotes == "always" or (depth and quotes == "nested"):
                html = format_html('<span class="v-s">"{}"</span>', html)
    room.takes(html)
    return html


def _tree(value: Mapping[str, object] | list[object], *, quotes: Quotes, depth: int, room: Budget) -> SafeString:
    is_object = isinstance(value, Mapping)
    count = f"{len(value):,} {'key' if is_object else 'item'}{'' if len(value) == 1 else 's'}"
    if depth >= MAX_DEPTH:
        return format_html('<span class="faint">… {} nested deeper, in the raw JSON</span>', count)
    entries = [*(value.items() if isinstance(value, Mapping) else enumerate(value))]
    is_flat = _is_flat(entries)
    room.takes("", markup=TREE_MARKUP)
    shown = []
    for name, each in entries[:MAX_ENTRIES]:
        term = text_html(str(name), 200)
        if room.left < LEAST_PIECE or not room.takes(term, markup=20):
            break
        shown.append((term, _value(each, quotes=quotes, depth=depth + 1, room=room)))
    if is_flat and len(shown) == len(entries):
        inside = format_html_join(", ", "{}: {}" if is_object else "{1}", shown)
        return format_html("{}{}{}", *_wrapped(inside, is_object))
    if len(shown) < len(entries):
        shown.append((mark_safe("…"), format_html('<span class="faint">{} more</span>', len(entries) - len(shown))))
    return format_html(
        '<details class="tree-v"{}><summary>{} <span class="faint">{}</span></summary><dl>{}</dl></details>',
        OPEN if not depth and len(shown) <= MOST_OPEN else NO_HTML,
        "{…}" if is_object else "[…]",
        count,
        format_html_join("", "<dt>{}</dt><dd>{}</dd>", shown),
    )


def _is_flat(entries: list[tuple[object, object]]) -> bool:
    """Return whether all entries together fit one line: nothing nested, nothing long."""
    length = 0
    for name, each in entries:
        if isinstance(each, Mapping | list) and each:
            return False
        length += len(str(name)) + (len(each) if isinstance(each, str) else 6) + 4
        if length > INLINE:
            return False
    return True


def _wrapped(inside: SafeString, is_object: bool) -> tuple[str, SafeString, str]:
    return ("{", inside, "}") if is_object else ("[", inside, "]")
