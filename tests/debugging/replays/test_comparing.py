"""What differs between an answer and what is known of the original's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugging.replays.comparing import changes_of_json, compare
from debugging.replays.originals import Original, Part
from debugging.replays.outcome import Outcome
from debugging.requests.patching import patched, same

ANSWER = Outcome(
    status=201,
    headers=(("Content-Type", "application/json"), ("Date", "now"), ("Set-Cookie", "a=1"), ("X-Venue", "lmax")),
    body='{"id": 7, "legs": [1, 2]}',
    seconds=0.25,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


def test_of_an_original_of_which_nothing_is_known_nothing_differs() -> None:
    found = compare(Original(), ANSWER)
    assert found["status"] == {"before": None, "after": 201, "source": ""}
    assert found["seconds"] == {"before": None, "after": 0.25, "source": ""}
    assert found["headers"] == {"source": "", "changes": []}
    assert found["body"] == {"source": "", "kind": "none", "changes": [], "left_out": 0}


def test_what_is_known_is_compared_and_says_whence() -> None:
    before = Original(
        Part(500, "the trace"),
        Part(0.1, "the trace"),
        Part((("content-type", "text/plain"), ("date", "then"), ("set-cookie", "a=2"), ("x-old", "1")), "replay 3"),
        Part('{"id": 7, "legs": [1], "error": "x"}', "replay 3"),
    )
    found = compare(before, ANSWER)
    assert (found["status"]["before"], found["status"]["source"]) == (500, "the trace")
    assert found["headers"]["changes"] == [
        {"name": "content-type", "before": "text/plain", "after": "application/json"},
        {"name": "x-old", "before": "1", "after": None},
        {"name": "x-venue", "before": None, "after": "lmax"},
    ]
    assert found["body"] == {
        "source": "replay 3",
        "kind": "json",
        "changes": [
            {"op": "add", "path": "/legs/1", "after": 2},
            {"op": "remove", "path": "/error", "before": "x"},
        ],
        "left_out": 0,
    }


def test_texts_are_compared_by_line() -> None:
    found = compare(Original(body=Part("a\nb\nc", "x")), Outcome(status=200, body="a\nB\nc"))["body"]
    assert (found["kind"], found["changes"]) == ("text", [{"op": "remove", "before": "b"}, {"op": "add", "after": "B"}])


def test_without_an_answer_there_is_nothing_after() -> None:
    found = compare(Original(Part(500, "x"), body=Part("a", "x"), headers=Part((("A", "b"),), "x")), Outcome())
    assert found["status"] == {"before": 500, "after": None, "source": "x"}
    assert found["headers"]["changes"] == [] and found["body"]["changes"] == []


def test_many_changes_are_cut_and_counted() -> None:
    found = compare(Original(body=Part("[]", "x")), Outcome(status=200, body=str(list(range(150)))))["body"]
    assert (len(found["changes"]), found["left_out"]) == (100, 50)


@pytest.mark.parametrize("deep", ["[" * 500 + "]" * 500])
def test_a_deep_body_is_compared_as_text(deep: str) -> None:
    found = compare(Original(body=Part(deep, "x")), Outcome(status=200, body=deep.replace("[]", "[1]")))["body"]
    assert found["kind"] == "text"


@given(JSON, JSON)
def test_the_changes_make_one_of_the_other(before: Any, after: Any) -> None:
    """They are operations of RFC 6902 in a list's order, but that entries are taken from the end of a list first."""
    changes = list(changes_of_json(before, after))
    first = [each for each in changes if each["op"] != "remove"]
    last = [each for each in reversed(changes) if each["op"] == "remove"]
    operations = [{"op": each["op"], "path": each["path"], "value": each.get("after")} for each in first]
    operations += [{"op": "remove", "path": each["path"]} for each in last]
    assert same(patched(before, operations), after)
