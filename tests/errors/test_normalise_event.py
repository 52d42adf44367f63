# ruff: noqa: E501, SIM905 - word lists read best as words
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.normalise import decode_event, normalise_event
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def normalised(event: Any, **options: Any) -> dict[str, Any]:
    return normalise_event(
        event, **{"received_at": NOW, "retention": timedelta(days=30), "environment": "production"} | options
    )


@pytest.mark.parametrize("raw", [b"", b"[]", b'"text"', b"12", b"null", b"{", b'{"a":', b"\xff\xfe"])
def test_what_is_no_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_event(raw)


def test_an_empty_event_becomes_a_whole_document() -> None:
    document = normalised(b"{}")
    assert len(document.pop("event_id")) == 32
    assert document == {
        "timestamp": NOW.timestamp(),
        "received_at": NOW.timestamp(),
        "level": "error",
        "platform": "other",
        "environment": "production",
        "tags": {},
        "exception": {"values": []},
        "breadcrumbs": {"values": []},
    }


def test_the_header_id_beats_the_payloads() -> None:
    assert normalised({"event_id": "a" * 32}, event_id="B" * 32)["event_id"] == "b" * 32
    assert normalised({"event_id": "AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa"}, event_id="odd")["event_id"] == "a" * 32


def test_an_event_without_an_id_gets_the_same_one_each_time() -> None:
    first, second, other = ({"message": text} for text in ("a", "a", "b"))
    assert normalised(first)["event_id"] == normalised(second)["event_id"] != normalised(other)["event_id"]


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ("fatal", "critical"),
        ("critical", "critical"),
        ("ERROR", "error"),
        ("warning", "warning"),
        ("warn", "warning"),
        ("info", "info"),
        ("log", "info"),
        ("debug", "debug"),
        ("odd", "error"),
        (7, "error"),
        (None, "error"),
        ([], "error"),
    ],
)
def test_levels_become_our_severities(sent: Any, level: str) -> None:
    assert normalised({"level": sent})["level"] == level


@pytest.mark.parametrize(
    ("sent", "seconds_before_now"),
    [
        ("2026-01-05T09:29:50Z", 10),
        ("2026-01-05T09:29:50.5Z", 9.5),
        ("2026-01-05T10:29:50+01:00", 10),
        ("2026-01-05T09:29:50", 10),
        ("2026-01-05 09:29:50", 10),
        (1767605390, 10),
        (1767605390.25, 9.75),
        ("1767605390.25", 9.75),
        (1767605390000, 10),
        ("2027-01-01T00:00:00Z", 0),
        ("1999-01-01T00:00:00Z", 30 * 86400),
        ("2026-01-05T09:29:nanZ", 0),
        ("yesterday", 0),
        ("", 0),
        (True, 0),
        (-5, 0),
        (1e300, 0),
        ({}, 0),
    ],
)
def test_timestamps(sent: Any, seconds_before_now: float) -> None:
    assert NOW.timestamp() - normalised({"timestamp": sent})["timestamp"] == pytest.approx(seconds_before_now)


def test_the_drift_corrects_the_event_and_its_breadcrumbs() -> None:
    event = {"timestamp": "2026-01-05T07:29:50Z", "breadcrumbs": [{"timestamp": "2026-01-05T07:29:40Z"}]}
    document = normalised(event, drift=timedelta(hours=2))
    assert NOW.timestamp() - document["timestamp"] == 10
    assert NOW.timestamp() - document["breadcrumbs"]["values"][0]["timestamp"] == 20


@pytest.mark.parametrize(
    "sent",
    [
        {"values": [{"type": "E", "value": "v"}]},
        {"values": {"type": "E", "value": "v"}},
        [{"type": "E", "value": "v"}],
        [None, {"type": "E", "value": "v"}, None],
        {"type": "E", "value": "v"},
    ],
)
def test_exceptions_in_every_shape(sent: Any) -> None:
    assert normalised({"exception": sent})["exception"] == {"values": [{"type": "E", "value": "v"}]}


@pytest.mark.parametrize("sent", [None, [], {"values": None}, {"values": []}, "text", 5, [[]], {"values": "x"}])
def test_no_exception_is_an_empty_one(sent: Any) -> None:
    assert normalised({"exception": sent})["exception"] == {"values": []}


def test_frames_lose_nulls_and_say_whether_they_are_the_applications() -> None:
    frames = [
        None,
        {"filename": "app/orders.py", "lineno": "12", "function": None, "vars": None},
        {"abs_path": "/usr/lib/python3.11/asyncio/base.py", "in_app": None},
        {"abs_path": "/srv/.venv/lib/python3.11/site-packages/x.py", "in_app": True},
        {"filename": "node_modules/express/router.js", "colno": 3.0, "pre_context": [None, 5, "x"]},
        "odd",
    ]
    exception = {"type": "E", "stacktrace": {"frames": frames}}
    document = normalised({"exception": [exception]})
    assert document["exception"]["values"][0]["stacktrace"]["frames"] == [
        {"filename": "app/orders.py", "lineno": 12, "in_app": True},
        {"abs_path": "/usr/lib/python3.11/asyncio/base.py", "in_app": False},
        {"abs_path": "/srv/.venv/lib/python3.11/site-packages/x.py", "in_app": True},
        {"filename": "node_modules/express/router.js", "colno": 3, "pre_context": ["", "5", "x"], "in_app": False},
    ]
    assert document["_errors"] == [{"path": "exception.values.0.stacktrace.frames.5", "reason": "not an object"}]


@pytest.mark.parametrize("lineno", [1e300, -1e19, 2.0**63, "--5", "5-", "9" * 30, "1_0", 0.5, [], {}])
def test_a_line_number_that_is_none_costs_the_number_alone(lineno: Any) -> None:
    document = normalised({"exception": [{"type": "E", "stacktrace": {"frames": [{"module": "m", "lineno": lineno}]}}]})
    assert document["exception"]["values"][0]["stacktrace"]["frames"] == [{"module": "m", "in_app": True}]
    orjson.dumps(document)


def test_a_runaway_recursion_keeps_both_ends() -> None:
    frames = [{"lineno": number} for number in range(5000)]
    kept = normalised({"stacktrace": frames})["stacktrace"]["frames"]
    assert [kept[0]["lineno"], kept[49]["lineno"], kept[50]["lineno"], kept[-1]["lineno"]] == [0, 49, 4800, 4999]


@pytest.mark.parametrize(
    ("sent", "logentry"),
    [
        ({"message": "hello"}, {"message": "hello", "formatted": "hello"}),
        ({"message": {"formatted": "hello"}}, {"message": "", "formatted": "hello"}),
        ({"logentry": "hello"}, {"message": "hello", "formatted": "hello"}),
        ({"logentry": 5}, {"message": "5", "formatted": "5"}),
        (
            {"logentry": {"message": "a %s", "formatted": "a b", "params": ["b"]}, "message": "other"},
            {"message": "a %s", "formatted": "a b", "params": ["b"]},
        ),
        ({"logentry": [1], "message": "m"}, {"message": "m", "formatted": "m"}),
        ({"message": None}, None),
    ],
)
def test_messages_in_every_shape(sent: dict[str, Any], logentry: Any) -> None:
    document = normalised(sent)
    assert document.get("logentry") == logentry
    assert "message" not in document


@pytest.mark.parametrize(
    ("sent", "tags"),
    [
        ({"venue": "lmax", "n": 5, "ok": True, "none": None}, {"venue": "lmax", "n": "5", "ok": "true"}),
        ([["venue", "lmax"], ["n", 5], None, ["x"], 7], {"venue": "lmax", "n": "5"}),
        ([{"key": "venue", "value": "lmax"}], {"venue": "lmax"}),
        ({"odd": {"a": 1}, "venue": "lmax"}, {"venue": "lmax"}),
        ("text", {}),
    ],
)
def test_tags_in_every_shape(sent: Any, tags: dict[str, str]) -> None:
    assert normalised({"tags": sent})["tags"] == tags


def test_tags_are_bounded() -> None:
    tags = normalised(
        {"tags": {f"{'k' * 99}{number}": "v" * 999 for number in range(1)} | dict.fromkeys(map(str, range(200)), "v")}
    )["tags"]
    assert (len(tags), max(map(len, tags)), max(map(len, tags.values()))) == (100, 64, 200)


def test_a_request_in_every_shape() -> None:
    request = {
        "method": "POST",
        "url": 5,
        "headers": [["Host", "h"], ["Accept", ["a", "b"]], None],
        "cookies": "a=b; c",
        "query_string": [["symbol", "BTC"], ["q", 1]],
        "data": {"qty": 1},
        "env": "odd",
    }
    document = normalised({"request": request})
    assert document["request"] == {
        "method": "POST",
        "url": "5",
        "headers": [["Host", "h"], ["Accept", "a"], ["Accept", "b"]],
        "cookies": [["a", "b"], ["c", ""]],
        "query_string": "symbol=BTC&q=1",
        "data": {"qty": 1},
    }
    assert document["_errors"] == [{"path": "request.env", "reason": "not an object"}]
    pairs = normalised({"request": {"headers": {"Host": "h", "N": 5}, "query_string": "?a=b", "cookies": {"a": "b"}}})
    assert pairs["request"] == {
        "headers": [["Host", "h"], ["N", "5"]],
        "query_string": "a=b",
        "cookies": [["a", "b"]],
    }


def test_one_wrong_field_costs_that_field() -> None:
    event = {
        "user": {"id": 5, "email": ["x"], "plan": {"a": 1}},
        "contexts": {"trace": {"trace_id": "t"}, "odd": 5},
        "release": {"x": 1},
        "fingerprint": "one",
        "threads": [{"id": 1, "crashed": "true"}],
        "sdk": "odd",
        "custom": {"kept": True},
        "_removed": "forged",
    }
    document = normalised(event)
    assert document["user"] == {"id": "5", "plan": {"a": 1}}
    assert document["contexts"] == {"trace": {"trace_id": "t"}}
    assert document["fingerprint"] == ["one"]
    assert document["threads"] == {"values": [{"id": "1", "crashed": True}]}
    assert document["custom"] == {"kept": True}
    assert {entry["path"] for entry in document["_errors"]} == {"user.email", "contexts.odd", "release", "sdk"}
    assert "_removed" not in document


def test_long_texts_are_cut_and_say_so() -> None:
    frame = {"context_line": "c" * 9999, "vars": {"v": "v" * 9999, "deep": [{"w": "w" * 9999}]}}
    document = normalised({"exception": {"type": "E", "value": "m" * 99999, "stacktrace": [frame]}})
    value = document["exception"]["values"][0]
    kept = value["stacktrace"]["frames"][0]
    texts = [value["value"], kept["context_line"], kept["vars"]["v"], kept["vars"]["deep"][0]["w"]]
    assert [len(text) for text in texts] == [8192, 512, 2048, 2048]
    assert all(text.endswith(" [cut]") for text in texts)


def test_a_secret_is_never_cut_in_half() -> None:
    text = "x" * 8170 + " password='hunter2hunter2hunter2hunter2'"
    assert "hunter" not in normalised({"message": text})["logentry"]["formatted"]


def test_nesting_200_deep_is_cut() -> None:
    nested: Any = "end"
    for _ in range(200):
        nested = {"a": nested}
    raw = orjson.dumps({"extra": {"x": nested}, "message": "kept"})
    document = normalised(raw)
    assert document["logentry"]["message"] == "kept"
    assert b"[cut: nested too deep]" in orjson.dumps(document)


def test_the_newest_breadcrumbs_stay() -> None:
    crumbs = normalised({"breadcrumbs": {"values": [{"message": number} for number in range(150)]}})["breadcrumbs"]
    assert [crumbs["values"][0], crumbs["values"][-1]] == [{"message": "50"}, {"message": "149"}]


KEYS = st.sampled_from(
    "event_id timestamp level exception values type value stacktrace frames vars lineno in_app tags user id request "
    "headers cookies query_string data env breadcrumbs message logentry params contexts trace extra modules fingerprint "
    "threads sdk release environment platform pre_context mechanism".split()
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["x" * 9000, "2026-01-05T09:29:50Z", "fatal", "\x00", "\ud800", 2**70]),
    lambda child: st.lists(child, max_size=4) | st.dictionaries(KEYS | st.text(max_size=6), child, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_document_comes_out_whole_and_within_limits(event: dict[str, Any]) -> None:
    raw = json.dumps(event).encode()
    document = normalised(raw)
    scrub_document(document, ScrubPolicy(), raw)
    written = orjson.dumps(document)
    assert b"\\u0000" not in written
    written.decode("utf-8")
    assert all(type(frame["in_app"]) is bool for frame in frames_of(document))
    assert all(type(key) is type(value) is str for key, value in document["tags"].items())
    assert document["level"] in ErrorSeverity.values
    assert len(document["event_id"]) == 32
    assert longest_text(document) <= 8192


@settings(deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_a_canonical_document_is_left_as_it_is(event: dict[str, Any]) -> None:
    once = normalised(json.dumps(event).encode())
    once.pop("_errors", None)
    again = normalised(orjson.dumps(once))
    assert {key: again[key] for key in once} == once


def frames_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        frame
        for value in document["exception"]["values"]
        for frame in value.get("stacktrace", {"frames": []})["frames"]
    ]


def longest_text(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(longest_text, children), default=0)
