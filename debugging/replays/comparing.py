"""What differs between the answer to a replay and what is known of the original's. Values in, values out.

    {"status": {"before", "after", "source"}, "seconds": the same,
     "headers": {"source", "changes": [{"name", "before", "after"}]},
     "body": {"source", "kind": "json" | "text" | "none", "changes": [...], "left_out"}}

`source` says whence what was before is known; empty: it is not known, and nothing is said to differ. Changes of a JSON
body are {"op": "add" | "remove" | "replace", "path", "before"?, "after"?} with JSON pointers; of a text {"op", "before"
or "after"} by line.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from debugging.replays.originals import Original, Part
from debugging.replays.outcome import Outcome
from debugging.requests.patching import same
from debugging.requests.pointers import pointer_of
from debugging.requests.shapes import Pairs

MOST_CHANGES, LONGEST_SHOWN, MOST_LINES = 100, 500, 400
DEEPEST = 60
# They differ from answer to answer and say nothing of what was done.
_OF_NO_INTEREST = frozenset(
    (
        *("date", "age", "connection", "keep-alive", "content-length", "transfer-encoding", "etag", "expires"),
        *("x-request-id", "x-correlation-id", "x-trace-id", "traceparent", "sentry-trace", "baggage", "server-timing"),
        *(
            "x-runtime",
            "x-process-time",
            "x-amzn-trace-id",
            "x-amzn-requestid",
            "cf-ray",
            "report-to",
            "nel",
            "alt-svc",
        ),
        *("x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-remaining", "ratelimit-reset", "last-modified"),
    )
)
Change = dict[str, Any]


def compare(original: Original, outcome: Outcome) -> dict[str, Any]:
    """Return what differs. Of an outcome without an answer: what was before, and nothing after."""
    return {
        "status": _sides(original.status, outcome.status),
        "seconds": _sides(original.seconds, outcome.seconds),
        "headers": _headers(original.headers, outcome),
        "body": _body(original.body, outcome),
    }


def changes_of_json(before: Any, after: Any) -> Iterator[Change]:
    """Yield what must be done to `before` to get `after`. Entries of lists are compared place by place."""
    yield from _changes(before, after, ())


def _sides(before: Part, after: Any) -> dict[str, Any]:
    return {"before": before.value if before.source else None, "after": after, "source": before.source}


def _headers(before: Part, outcome: Outcome) -> dict[str, Any]:
    if not before.source or outcome.status is None:
        return {"source": "", "changes": []}
    one, other = _telling(before.value), _telling(outcome.headers)
    changes = [
        {"name": name, "before": one.get(name), "after": other.get(name)}
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
    return {"source": before.source, "changes": changes[:MOST_CHANGES]}


def _telling(headers: Pairs) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() not in _OF_NO_INTEREST:
            shown = value.partition("=")[0] + "=…" if name.lower() == "set-cookie" else value
            found[name.lower()] = f"{found[name.lower()]}, {shown}" if name.lower() in found else shown
    return found


def _body(before: Part, outcome: Outcome) -> dict[str, Any]:
    if not before.source or outcome.status is None or outcome.body is None or before.value is None:
        return {"source": "", "kind": "none", "changes": [], "left_out": 0}
    one, other = _json(before.value), _json(outcome.body)
    if one is not None and other is not None:
        kind, changes = "json", list(changes_of_json(one, other))
    else:
        kind, changes = "text", list(_changes_of_text(str(before.value), outcome.body))
    left_out = max(0, len(changes) - MOST_CHANGES)
    return {"source": before.source, "kind": kind, "changes": changes[:MOST_CHANGES], "left_out": left_out}


def _json(text: Any) -> Any:
    """Return the object or list that a text is; None for all else."""
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict | list) and not _is_deep(found) else None


def _is_deep(value: Any) -> bool:
    """Return whether it is nested deeper than is compared place by place: it is compared as text then."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _changes(before: Any, after: Any, way: tuple[object, ...]) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in (*before, *(each for each in after if each not in before)):
            yield from _of_member(before, after, name, (*way, name))
    elif isinstance(before, list) and isinstance(after, list):
        one, other = dict(enumerate(before)), dict(enumerate(after))
        for at in range(max(len(before), len(after))):
            yield from _of_member(one, other, at, (*way, at))
    elif not same(before, after):
        yield {"op": "replace", "path": pointer_of(way), "before": _shown(before), "after": _shown(after)}


def _of_member(
    before: Mapping[Any, Any], after: Mapping[Any, Any], name: Any, way: tuple[object, ...]
) -> Iterator[Change]:
    if name not in after:
        yield {"op": "remove", "path": pointer_of(way), "before": _shown(before[name])}
    elif name not in before:
        yield {"op": "add", "path": pointer_of(way), "after": _shown(after[name])}
    else:
        yield from _changes(before[name], after[name], way)


def _changes_of_text(before: str, after: str) -> Iterator[Change]:
    """By line, the first ones: a comparison takes time with the square of their number."""
    if before == after:
        return
    one, other = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    for line in difflib.ndiff([each[:LONGEST_SHOWN] for each in one], [each[:LONGEST_SHOWN] for each in other]):
        if line.startswith("- "):
            yield {"op": "remove", "before": line[2:]}
        elif line.startswith("+ "):
            yield {"op": "add", "after": line[2:]}


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 1] + "…"
    if isinstance(value, dict | list):
        text = orjson.dumps(value).decode()
        return value if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return value
