from typing import Any

import pytest

from tests.dashboard.builders import DOCUMENT
from tradewatch.dashboard.document import read_document


def test_the_chain_starts_with_what_was_raised_last() -> None:
    first, cause = read_document(DOCUMENT).exceptions
    assert (first.type, first.note) == ("MarginCheckError", "caused by KeyError")
    assert (cause.type, cause.note) == ("KeyError", "cause")


def test_what_was_raised_while_another_was_handled_says_so() -> None:
    values = [
        {"type": "KeyError", "value": "", "mechanism": {"source": "__context__"}},
        {"type": "MarginCheckError", "value": ""},
    ]
    first, context = read_document({"exception": {"values": values}}).exceptions
    assert (first.note, context.note) == ("raised while handling KeyError", "was being handled")


def test_a_message_with_its_parameters_and_a_bare_event_are_told_apart() -> None:
    said = read_document({"logentry": {"formatted": "venue LMAX is down", "params": ["LMAX"]}})
    assert said.message == "venue LMAX is down"
    assert "LMAX" in said.params
    assert not said.is_bare
    assert read_document({}).is_bare


def test_an_unhandled_exception_is_one() -> None:
    values = [{"type": "E", "value": "", "mechanism": {"handled": False, "type": "excepthook"}}]
    assert read_document({"exception": {"values": values}}).is_unhandled
    assert not read_document(DOCUMENT).is_unhandled


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"exception": None, "breadcrumbs": [], "request": "GET /", "contexts": None},
        {"exception": {"values": [None, {"type": None, "stacktrace": {"frames": None}}]}},
        {"exception": {"values": [{"stacktrace": {"frames": [None, {"lineno": "53", "context_line": "x"}]}}]}},
        {"exception": {"values": [{"type": "E", "mechanism": {"exception_id": [], "parent_id": {}}}]}},
        {"request": {"headers": [["only one"], "text", None]}, "user": [1, 2], "contexts": {"a": "b"}},
        {"request": {"url": 5, "query_string": {"a": 1}, "cookies": "a=b", "data": [1, None], "env": "x"}},
        {"threads": {"values": [None, {"id": {}, "stacktrace": []}]}, "stacktrace": "x", "platform": None},
        {"_errors": [None], "_removed": "x", "breadcrumbs": {"values": [{"timestamp": "noon"}, {"data": [1]}]}},
        {"breadcrumbs": {"values": [{"timestamp": 1e300}, {"timestamp": float("-inf")}]}, "timestamp": 1e5},
        {"logentry": "text", "fingerprint": "x", "extra": [], "modules": "all", "sdk": 5},
    ],
)
def test_a_strange_document_is_still_readable(document: dict[str, Any]) -> None:
    assert read_document(document, thread="x").sdk == ""
