"""A captured request changed as somebody asks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugging.requests.modifying import modified
from debugging.requests.shapes import WebRequest
from tradewatch.core.faults import Invalid

REQUEST = WebRequest(
    method="POST",
    path="/orders",
    query=(("dry", "1"), ("leg", "a"), ("leg", "b")),
    headers=(("Content-Type", "application/json"), ("X-Desk", "fx")),
    body={"account_id": "acc-4", "legs": [1, 2]},
    removed=("header Authorization", "query token", "body /pin", "cookie sid"),
)

NAMES = st.text("abcXY-", min_size=1, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
IDEMPOTENT = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "put", "PATCH", "DELETE"]),
        "path": st.sampled_from(["/", "/a/b", "/x%20y"]),
        "query": st.dictionaries(
            NAMES, st.none() | st.integers(-99, 99) | st.booleans() | st.lists(st.text(max_size=3))
        ),
        "headers": st.dictionaries(st.sampled_from(["x-a", "X-Desk", "Accept"]), st.none() | st.text("abc 1")),
        "body": JSON,
    },
)


@given(st.sampled_from([None, {}, {"query": {}, "headers": {}}, {"patch": []}]))
def test_nothing_said_changes_nothing(said: Any) -> None:
    assert modified(REQUEST, said) == REQUEST


@given(IDEMPOTENT)
def test_the_same_twice_is_the_same(said: dict[str, Any]) -> None:
    once = modified(REQUEST, said)
    assert modified(once, said) == once


@pytest.mark.parametrize(
    ("said", "field", "expected"),
    [
        ({"method": " get "}, "method", "GET"),
        ({"path": "/v2/orders"}, "path", "/v2/orders"),
        ({"query": {"dry": None}}, "query", (("leg", "a"), ("leg", "b"))),
        ({"query": {"leg": "c"}}, "query", (("dry", "1"), ("leg", "c"))),
        (
            {"query": {"leg": ["c", 2], "new": True}},
            "query",
            (("dry", "1"), ("leg", "c"), ("leg", "2"), ("new", "true")),
        ),
        ({"headers": {"x-desk": "eq"}}, "headers", (("Content-Type", "application/json"), ("x-desk", "eq"))),
        ({"headers": {"X-DESK": None}}, "headers", (("Content-Type", "application/json"),)),
        ({"body": {"a": 1}}, "body", {"a": 1}),
        ({"body": None}, "body", None),
        ({"body": []}, "body", []),
        ({"body": "raw"}, "body", "raw"),
        ({"patch": [{"op": "remove", "path": "/legs"}]}, "body", {"account_id": "acc-4"}),
        (
            {"patch": [{"op": "replace", "path": "/legs/1", "value": 9}]},
            "body",
            {"account_id": "acc-4", "legs": [1, 9]},
        ),
    ],
)
def test_each_change(said: Any, field: str, expected: Any) -> None:
    changed = modified(REQUEST, said)
    assert getattr(changed, field) == expected
    assert changed.is_json is not isinstance(changed.body, str)


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ({"headers": {"authorization": "Bearer x"}}, "header Authorization"),
        ({"query": {"token": "x"}}, "query token"),
        ({"query": {"token": None}}, "query token"),
        ({"headers": {"Cookie": "sid=1"}}, "cookie sid"),
        ({"body": {"pin": "1"}}, "body /pin"),
        ({"patch": [{"op": "add", "path": "/pin", "value": "1"}]}, "body /pin"),
    ],
)
def test_what_is_put_back_is_removed_no_more(said: Any, gone: str) -> None:
    left = modified(REQUEST, said).removed
    assert set(REQUEST.removed) - set(left) == {gone}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (["x"], "modifications"),
        ({"query": {"a": "\ud800"}}, "modifications"),
        ({"body": {"a": 1 << 70}}, "modifications"),
        ({"verb": "GET"}, "modifications.verb"),
        ({"method": "G T"}, "modifications.method"),
        ({"method": "CONNECT"}, "modifications.method"),
        ({"method": 3}, "modifications.method"),
        ({"path": "orders"}, "modifications.path"),
        ({"path": "/a?b=1"}, "modifications.path"),
        ({"path": "/a b"}, "modifications.path"),
        ({"path": "/a/../admin"}, "modifications.path"),
        ({"path": "/a/%2e%2E/admin"}, "modifications.path"),
        ({"path": "/a\\..\\admin"}, "modifications.path"),
        ({"path": 3}, "modifications.path"),
        ({"query": [1]}, "modifications.query"),
        ({"query": {"a": {"b": 1}}}, "modifications.query.a"),
        ({"headers": "X: y"}, "modifications.headers"),
        ({"headers": {"X-A": ["x"]}}, "modifications.headers.X-A"),
        ({"headers": {"X A": "x"}}, "modifications.headers.X A"),
        ({"headers": {"X-A": "x", "x-a": "y"}}, "modifications.headers.x-a"),
        ({"headers": {"X-A": "x\r\nHost: evil"}}, "modifications.headers.X-A"),
        ({"headers": {"Host": "evil"}}, "modifications.headers.Host"),
        ({"headers": {"Content-Length": "3"}}, "modifications.headers.Content-Length"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "modifications.headers.Transfer-Encoding"),
        ({"headers": {"sentry-trace": "x"}}, "modifications.headers.sentry-trace"),
        ({"body": {}, "patch": [{"op": "remove", "path": "/a"}]}, "modifications.patch"),
        ({"body": "x" * ((1 << 20) + 1)}, "modifications.body"),
        ({"patch": {}}, "modifications.patch"),
        (
            {"patch": [{"op": "test", "path": "/account_id", "value": "acc-4"}] * 2 + [{"op": "add"}]},
            "modifications.patch.2.path",
        ),
    ],
)
def test_a_fault_names_its_field(said: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        modified(REQUEST, said)
    assert list(refused.value.errors) == [field]


def test_a_text_is_patched_by_nobody() -> None:
    with pytest.raises(Invalid) as refused:
        modified(WebRequest("POST", "/", body="x", is_json=False), {"patch": [{"op": "remove", "path": "/a"}]})
    assert list(refused.value.errors) == ["modifications.patch"]
