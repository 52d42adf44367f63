"""The form's texts and the difference that is sent: what nobody touched stays as it was captured."""

from dataclasses import replace
from typing import Any

import pytest

from debugging.requests.shapes import WebRequest
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.debugging.replay_form import (
    changed_pairs,
    form_of,
    lines_as_pairs,
    modifications_of,
    read_form,
)

CAPTURED = WebRequest(
    method="POST",
    path="/orders",
    query=(("side", "buy"), ("tag", "a"), ("tag", "b")),
    headers=(("Content-Type", "application/json"), ("X-Desk", "7")),
    body={"account_id": "acc-4", "quantity": 200},
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"body": '{"quantity":200,  "account_id":"acc-4"}'}, {}),  # written otherwise, the same value
        ({"method": "put"}, {"method": "PUT"}),
        ({"path": " /orders/7 "}, {"path": "/orders/7"}),
        ({"query": "side=sell\ntag=a\ntag=b"}, {"query": {"side": "sell"}}),
        ({"query": "tag=a\ntag=c\n\nnew=1=2"}, {"query": {"tag": ["a", "c"], "new": "1=2", "side": None}}),
        ({"headers": "content-type: application/json\nX-Desk: 7"}, {}),
        ({"headers": "X-Desk: 9\r\nAuthorization: Bearer a:b"},
         {"headers": {"X-Desk": "9", "Authorization": "Bearer a:b", "Content-Type": None}}),
        ({"headers": "Content-Type: application/json\nX-Desk: 7\nx-desk: 8"}, {"headers": {"X-Desk": "7, 8"}}),
        ({"body": '{"account_id": "acc-2"}'}, {"body": {"account_id": "acc-2"}}),
        ({"body": " "}, {"body": None}),
    ],
)  # fmt: skip
def test_only_what_differs_is_a_modification(changed: dict[str, str], expected: dict[str, Any]) -> None:
    before = form_of(CAPTURED)
    sent = {name: getattr(before, name) for name in ("method", "path", "query", "headers", "body")} | changed
    assert modifications_of(CAPTURED, read_form(sent, kept=frozenset())) == expected


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("method", "FETCH", "expected one of GET"),
        ("path", "orders", "begins with a slash"),
        ("query", "side=buy\nnonsense", "line 2: expected name=value"),
        ("headers", "X-Desk 7", "line 1: expected name:value"),
        ("body", '{"a": }', "is no JSON"),
        ("body", '{"a":\n 1,}', "line 2"),
    ],
)
def test_a_fault_stands_at_its_field(name: str, text: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        modifications_of(CAPTURED, replace(form_of(CAPTURED), **{name: text}))
    assert list(caught.value.errors) == [name] and words in caught.value.errors[name][0]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        modifications_of(CAPTURED, replace(form_of(CAPTURED), path="x", body="{"))
    assert set(caught.value.errors) == {"path", "body"}


def test_one_is_not_true() -> None:
    captured = replace(CAPTURED, body={"is_paper": True})
    assert modifications_of(captured, replace(form_of(captured), body='{"is_paper": 1}')) == {"body": {"is_paper": 1}}


def test_a_body_too_long_to_be_shown_is_kept_unless_another_is_written() -> None:
    captured = replace(CAPTURED, body={"legs": ["x" * 100] * 300})
    form = form_of(captured)
    assert form.kept == {"body"} and form.body == ""
    assert modifications_of(captured, form) == {}
    assert modifications_of(captured, replace(form, body="{}")) == {"body": {}}


def test_what_had_no_body_takes_json_or_a_text() -> None:
    captured = replace(CAPTURED, body=None)
    assert modifications_of(captured, replace(form_of(captured), body='{"a": 1}')) == {"body": {"a": 1}}
    assert modifications_of(captured, replace(form_of(captured), body="a=1")) == {"body": "a=1"}
    with pytest.raises(Invalid):
        modifications_of(captured, replace(form_of(captured), body='{"a": 1'))


def test_a_text_body_is_no_json() -> None:
    captured = replace(CAPTURED, body="a=1&b=2", is_json=False)
    assert modifications_of(captured, replace(form_of(captured), body="a=2")) == {"body": "a=2"}
    assert modifications_of(captured, form_of(captured)) == {}


def test_pairs_are_read_a_line_each() -> None:
    assert lines_as_pairs("a=1\n\n b = 2 ", "=") == (("a", "1"), ("b", "2"))
    assert changed_pairs((("A", "1"),), (("a", "1"),), fold=str.lower) == {}
