"""What a replay changed, in a few words: `body /account_id → acc-2`, `header Authorization`.

Values of headers are never said, others as scrubbing leaves them: what somebody typed may be a credential.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from debugging.replays.comparing import changes_of_json
from tradewatch.dashboard.debugging.previews import text_of_value
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document

MOST_WORDS, LONGEST_SHOWN, MOST_CHANGES = 5, 40, 100


def changed_words(modifications: Mapping[str, Any], captured_body: Any = None) -> list[str]:
    """Return a few words for each change; empty: nothing was changed.

    Another body is told by what differs from the captured one, where both are objects or lists.
    """
    found = list(_words(_scrubbed(_by_place(modifications, captured_body))))
    left = len(found) - MOST_WORDS
    return [*found[:MOST_WORDS], f"{left} more"] if left > 0 else found


def _by_place(modifications: Mapping[str, Any], captured_body: Any) -> Mapping[str, Any]:
    body = modifications.get("body")
    if not isinstance(body, dict | list) or type(body) is not type(captured_body):
        return modifications
    changes = islice(changes_of_json(captured_body, body), MOST_CHANGES)
    patch = [{"op": each["op"], "path": each["path"], "value": each.get("after")} for each in changes]
    return {name: said for name, said in modifications.items() if name != "body"} | {"patch": patch}


def _scrubbed(modifications: Mapping[str, Any]) -> dict[str, Any]:
    """A patch names each value by its pointer: the value stands under its last name while it is scrubbed."""
    patch = modifications.get("patch")
    operations = [each for each in patch if isinstance(each, Mapping)] if isinstance(patch, list) else []
    values = [{str(each.get("path", "")).rpartition("/")[2] or "body": each.get("value")} for each in operations]
    query = modifications.get("query")
    held = {"query": dict(query) if isinstance(query, Mapping) else {}, "values": values}
    scrub_document(held, ScrubPolicy())
    scrubbed = [
        {**each, "value": next(iter(value.values()), None)}
        for each, value in zip(operations, held["values"], strict=True)
    ]
    return {**modifications, "query": held["query"], "patch": scrubbed}


def _words(said: Mapping[str, Any]) -> Iterator[str]:
    for name in ("method", "path"):
        if said.get(name):
            yield f"{name} → {text_of_value(said[name], LONGEST_SHOWN)}"
    for name, value in said["query"].items():
        yield f"without query {name}" if value is None else f"query {name} → {text_of_value(value, LONGEST_SHOWN)}"
    headers = said.get("headers")
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        yield f"without header {name}" if value is None else f"header {name}"
    if "body" in said:
        yield "without body" if said["body"] is None else "another body"
    yield from _patch_words(said["patch"])


def _patch_words(operations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in operations:
        path = text_of_value(each.get("path", ""), LONGEST_SHOWN) or "body"
        if each.get("op") == "remove":
            yield f"without {path}"
        elif each.get("op") in ("move", "copy"):
            yield f"{path} from {text_of_value(each.get('from', ''), LONGEST_SHOWN)}"
        elif each.get("op") != "test":
            yield f"{path} → {text_of_value(each.get('value'), LONGEST_SHOWN)}"
