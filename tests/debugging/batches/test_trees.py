"""What a search makes of a request is what the modifications of a replay make of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugging.batches.simplifying import steps, taken
from debugging.batches.trees import Tree, body_bytes, modifications_of, tree_of
from debugging.requests.modifying import modified
from debugging.requests.shapes import WebRequest

REQUEST = WebRequest(
    "POST",
    "/orders",
    query=(("page", "2"), ("symbol", "ACME"), ("symbol", "BOLT")),
    headers=(("Content-Type", "application/json"), ("X-Desk", "7"), ("Accept", "a"), ("Accept", "b")),
    body={"account_id": "acc-4", "legs": [{"price": 1, "ok": True}, 2.5, None]},
)


@given(choices=st.lists(st.integers(0, 1000), max_size=25))
def test_steps_and_modifications_make_the_same_request(choices: list[int]) -> None:
    tree = tree_of(REQUEST)
    for choice in choices:
        if not (possible := steps(tree)):
            break
        tree = taken(tree, possible[choice % len(possible)])
    made = tree_of(modified(REQUEST, modifications_of(tree, REQUEST)))
    assert (made["headers"], made["body"]) == (tree["headers"], tree["body"])
    assert sorted(made["query"]) == sorted(tree["query"])


def test_what_is_the_same_is_not_named() -> None:
    assert modifications_of(tree_of(REQUEST), REQUEST) == {}
    tree: Tree = {**tree_of(REQUEST), "query": [["symbol", "BOLT"]], "headers": [["Content-Type", "application/json"]]}
    found = modifications_of(tree, REQUEST)
    assert found == {"query": {"page": None, "symbol": ["BOLT"]}, "headers": {"X-Desk": None, "Accept": None}}
    as_one = {**tree_of(REQUEST), "body": {**REQUEST.body, "legs": [{"price": 1, "ok": 1}, 2.5, None]}}
    assert modifications_of(as_one, REQUEST) == {"body": as_one["body"]}, "true is not 1"


@pytest.mark.parametrize(
    ("body", "length"), [(None, 0), ({}, 2), ({"a": "ü"}, 10), ("text", 4), ("\ud800", 1), ([1, None], 8)]
)
def test_the_length_of_a_body(body: Any, length: int) -> None:
    assert body_bytes(body) == length
