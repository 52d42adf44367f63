"""What a replay changed in a few words, without what may be a credential."""

from typing import Any

import pytest

from tradewatch.dashboard.debugging.changed_words import MOST_WORDS, changed_words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, []),
        ({"method": "PUT", "path": "/o"}, ["method → PUT", "path → /o"]),
        ({"query": {"side": "sell", "tag": ["a", "b"], "venue": None}},
         ["query side → sell", 'query tag → ["a","b"]', "without query venue"]),
        ({"headers": {"Authorization": "Bearer abc", "Host": None}}, ["header Authorization", "without header Host"]),
        ({"body": {"a": 1}}, ["another body"]),
        ({"body": None}, ["without body"]),
        ({"patch": [{"op": "replace", "path": "/account_id", "value": "acc-2"}, {"op": "remove", "path": "/legs/0"},
                    {"op": "move", "path": "/a", "from": "/b"}, {"op": "test", "path": "/a", "value": 1}]},
         ["/account_id → acc-2", "without /legs/0", "/a from /b"]),
    ],
)  # fmt: skip
def test_each_change_is_a_few_words(said: dict[str, Any], words: list[str]) -> None:
    assert changed_words(said) == words


def test_another_body_is_told_by_what_differs() -> None:
    captured = {"account_id": "acc-4", "quantity": 200, "login": {"password": "x"}}
    body = {"account_id": "acc-2", "login": {"password": "hunter22"}, "legs": [1]}
    words = changed_words({"body": body, "method": "PUT"}, captured)
    assert words[:2] == ["method → PUT", "/account_id → acc-2"] and "without /quantity" in words
    assert "/legs → [1]" in words and "hunter22" not in " ".join(words)
    assert changed_words({"body": []}, captured) == ["another body"]


def test_nothing_that_may_be_a_credential_is_said() -> None:
    said = {
        "query": {"api_key": "k-4711"},
        "headers": {"X-Auth": "s3cr3t-header"},
        "body": {"pin": "0815"},
    }
    patch = {"patch": [{"op": "add", "path": "/login/password", "value": "hunter22"}]}
    words = " ".join([*changed_words(said), *changed_words(patch)])
    assert "api_key" in words and "/login/password" in words
    for secret in ("k-4711", "s3cr3t-header", "0815", "hunter22"):
        assert secret not in words


def test_many_changes_are_counted() -> None:
    words = changed_words({"query": {f"q{number}": "x" * 500 for number in range(12)}})
    assert len(words) == MOST_WORDS + 1 and words[-1] == "7 more" and len(" ".join(words)) < 400
