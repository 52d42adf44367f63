"""What a matrix may be asked for, and what each of its variants is called."""

from typing import Any

import pytest

from debugging.batches.variants import MOST_VARIANTS, Variant, read_variants, title_of
from debugging.requests.modifying import modified
from debugging.requests.shapes import WebRequest
from tradewatch.core.faults import Invalid

REQUEST = WebRequest(
    "POST",
    "/orders",
    query=(("limit", "5"),),
    headers=(("Content-Type", "application/json"), ("X-Desk", "7")),
    body={"account_id": "acc-1", "legs": [{"price": 1}, {"price": 2}]},
)


def made(**asked: Any) -> list[tuple[str, WebRequest]]:
    return [(each.title, modified(REQUEST, each.modifications)) for each in read_variants(REQUEST, **asked)]


def refused(**asked: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        read_variants(REQUEST, **asked)
    return caught.value.errors


def test_axes_are_multiplied_and_the_titles_say_what_is_different() -> None:
    found = made(axes={"body account_id": ["acc-1", "acc-4"], "header X-Desk": ["8", None], "query limit": [1]})
    assert [title for title, _ in found] == [
        "account_id=acc-1, X-Desk=8, limit=1",
        "account_id=acc-1, without X-Desk, limit=1",
        "account_id=acc-4, X-Desk=8, limit=1",
        "account_id=acc-4, without X-Desk, limit=1",
    ]
    last = found[-1][1]
    assert last.body == {**REQUEST.body, "account_id": "acc-4"}
    assert (last.query, last.headers) == ((("limit", "1"),), (("Content-Type", "application/json"),))


@pytest.mark.parametrize(
    ("place", "value", "title", "body"),
    [
        ("body /legs/1/price", 9, "legs/1/price=9", {"account_id": "acc-1", "legs": [{"price": 1}, {"price": 9}]}),
        ("body /legs/0", None, "legs/0=null", {"account_id": "acc-1", "legs": [None, {"price": 2}]}),
        ("body new", [1], "new=[1]", {**REQUEST.body, "new": [1]}),
        ("body", {"a": 1}, 'body={"a": 1}', {"a": 1}),
        ("body", None, "body=null", None),
    ],
)
def test_a_place_in_the_body(place: str, value: Any, title: str, body: Any) -> None:
    [(said, request)] = made(axes={place: [value]})
    assert (said, request.body) == (title, body)


def test_method_and_path_are_axes_too() -> None:
    found = made(axes={"method": ["PUT"], "path": ["/orders/1", "/orders/2"]})
    assert [(title, each.method, each.path) for title, each in found] == [
        ("method=PUT, path=/orders/1", "PUT", "/orders/1"),
        ("method=PUT, path=/orders/2", "PUT", "/orders/2"),
    ]


def test_what_holds_for_all_variants_is_in_each_of_them() -> None:
    base = {"headers": {"X-Desk": "9"}, "patch": [{"op": "remove", "path": "/legs/0"}]}
    price = {"op": "replace", "path": "/legs/0/price", "value": 5}
    variants = [
        {"title": "first leg gone"},
        {"modifications": {"headers": {"X-Other": "1"}, "patch": [price]}},
        {"modifications": {"body": {"account_id": "x"}}},
    ]
    found = made(variants=variants, modifications=base)
    assert [title for title, _ in found] == ["first leg gone", "X-Other=1, replace /legs/0/price=5", "another body"]
    assert [each.body for _, each in found] == [
        {"account_id": "acc-1", "legs": [{"price": 2}]},
        {"account_id": "acc-1", "legs": [{"price": 5}]},
        {"account_id": "x"},
    ]
    assert all(("X-Desk", "9") in each.headers for _, each in found)
    [(_, whole)] = made(axes={"body /a": [2]}, modifications={"body": {"a": 1, "b": 1}})
    assert whole.body == {"a": 2, "b": 1}


def test_a_title_shows_no_secret() -> None:
    secrets = {"header Authorization": ["Bearer abc123def456"], "body /password": ["hunter2hunter2"]}
    found = made(axes={**secrets, "query q": ["x" * 99]})
    assert found[0][0] == f"Authorization=•••, password=•••, q={'x' * 39}…"
    assert title_of({"headers": {"X-Api-Key": "k-123"}, "patch": [{"op": "add", "path": "/token", "value": "t"}]}) == (
        "X-Api-Key=•••, add /token=•••"
    )
    assert title_of({}) == "as captured"


@pytest.mark.parametrize(
    ("asked", "field", "text"),
    [
        ({}, "variants", "either variants or axes"),
        ({"variants": [], "axes": {}}, "variants", "either variants or axes"),
        ({"variants": []}, "variants", "expected a list"),
        ({"variants": [{}] * (MOST_VARIANTS + 1)}, "variants", "at most 200"),
        ({"variants": [{}, 5]}, "variants.1", "expected {title"),
        ({"variants": [{"name": "x"}]}, "variants.0.name", "not known"),
        ({"variants": [{"title": 5}]}, "variants.0.title", "characters"),
        ({"variants": [{}, {"modifications": {"patch": [{"op": "remove", "path": "/none"}]}}]},
         "variants.1.modifications.patch.0.path", "nothing at /none"),
        ({"axes": []}, "axes", "expected an object"),
        ({"axes": {"body /a": "acc-4"}}, "axes.body /a", "a list of values"),
        ({"axes": {"cookie a": [1]}}, "axes.cookie a", "expected \"body"),
        ({"axes": {"body /none/a": [1]}}, "axes.body /none/a", "nothing at /none"),
        ({"axes": {"body /legs/7": [1]}}, "axes.body /legs/7", "nothing at /"),
        ({"axes": {"header Host": ["x"]}}, "axes.header Host", "connection"),
        ({"axes": {"query a": list(range(15)), "query b": list(range(15))}}, "axes", "make 225 variants"),
        ({"axes": {"query a": [1]}, "modifications": {"method": "?"}}, "modifications.method", "no method"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_field(asked: Any, field: str, text: str) -> None:
    errors = refused(**asked)
    assert list(errors) == [field] and text in errors[field][0]


def test_two_hundred_are_made() -> None:
    found = read_variants(REQUEST, axes={"query a": list(range(20)), "query b": list(range(10))})
    assert len(found) == MOST_VARIANTS and found[-1] == Variant("a=19, b=9", {"query": {"a": 19, "b": 9}})
