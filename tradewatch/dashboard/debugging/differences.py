"""What differs between the original's answer and a replay's, a line each. See `debugging.replays.comparing`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewatch.dashboard.debugging.previews import text_of_value

MOST_SHOWN, LONGEST_SHOWN = 20, 80


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` None: it came; `after` None: it went."""

    where: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """`source` says whence what was before is known; empty: it is not. `left_out`: so many more are in the API."""

    shown: Sequence[Difference]
    source: str
    left_out: int


def differences_of(diff: Mapping[str, Any]) -> Differences:
    found = list(_lines(diff))
    body, headers = diff.get("body") or {}, diff.get("headers") or {}
    left_out = max(0, len(found) - MOST_SHOWN) + int(body.get("left_out") or 0)
    return Differences(found[:MOST_SHOWN], body.get("source") or headers.get("source") or "", left_out)


def _lines(diff: Mapping[str, Any]) -> Iterator[Difference]:
    for each in (diff.get("body") or {}).get("changes", []):
        where = (text_of_value(each["path"], LONGEST_SHOWN) or "body") if "path" in each else ""
        yield Difference(where, _said(each, "before"), _said(each, "after"))
    for each in (diff.get("headers") or {}).get("changes", []):
        told = {side: each[side] for side in ("before", "after") if each[side] is not None}
        yield Difference(each["name"], _said(told, "before"), _said(told, "after"))


def _said(change: Mapping[str, Any], side: str) -> str | None:
    """A value that is null is one; that there is none is not."""
    return text_of_value(change[side], LONGEST_SHOWN) if side in change else None
