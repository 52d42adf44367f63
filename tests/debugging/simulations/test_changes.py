"""What may be changed of an error before it is simulated."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugging.simulations.changes import changed, faults_in

CHAIN = {"values": [{"type": "OSError", "value": "reset"}, {"type": "KeyError", "value": "'x'", "module": "oms"}]}
STORED = {
    "event_id": "a" * 32,
    "timestamp": 1.0,
    "level": "error",
    "environment": "production",
    "release": "oms@1",
    "exception": CHAIN,
    "tags": [["venue", "lmax"], ["desk", "fx"]],
    "user": {"id": "7"},
    "request": {"url": "/orders"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({}, "request", {"url": "/orders"}),
        ({}, "timestamp", 9.0),
        ({}, "event_id", None),
        ({"environment": "uat"}, "environment", "uat"),
        ({"release": None}, "release", None),
        ({"level": "critical"}, "level", "fatal"),
        ({"user": {"id": "8"}}, "user", {"id": "8"}),
        ({"user": None}, "user", None),
        ({"fingerprint": ["mine"]}, "fingerprint", ["mine"]),
        ({"tags": {"venue": "ebs", "desk": None, "new": "x"}}, "tags", {"venue": "ebs", "new": "x"}),
        (
            {"type": "ValueError"},
            "exception",
            {"values": [CHAIN["values"][0], {**CHAIN["values"][1], "type": "ValueError"}]},
        ),
        ({"message": "y"}, "exception", {"values": [CHAIN["values"][0], {**CHAIN["values"][1], "value": "y"}]}),
    ],
)
def test_what_is_named_changes_and_the_rest_stays(changes: dict[str, Any], path: str, value: Any) -> None:
    assert faults_in(changes) == {}
    made = changed(STORED, changes, at=9.0)
    assert made.get(path) == value
    assert STORED["exception"] is CHAIN and CHAIN["values"][1]["type"] == "KeyError"


def test_a_message_alone_is_changed_as_one() -> None:
    assert changed({"logentry": {"formatted": "x"}}, {"message": "y"}, at=1.0)["logentry"] == {"formatted": "y"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ([], ["changes"]),
        ({"frames": []}, ["changes.frames"]),
        ({"message": ""}, ["changes.message"]),
        ({"message": "a\0b"}, ["changes"]),
        ({"user": {"id": "\ud800"}}, ["changes"]),
        ({"user": {"id": 2**70}}, ["changes"]),
        ({"message": None}, ["changes.message"]),
        ({"type": "x" * 201}, ["changes.type"]),
        ({"environment": 5}, ["changes.environment"]),
        ({"level": "loud"}, ["changes.level"]),
        ({"level": ["error"]}, ["changes.level"]),
        ({"user": "7"}, ["changes.user"]),
        ({"user": {"password": "x"}}, ["changes.user"]),
        ({"fingerprint": []}, ["changes.fingerprint"]),
        ({"fingerprint": ["a", 1]}, ["changes.fingerprint"]),
        ({"tags": []}, ["changes.tags"]),
        ({"tags": {"venue": 5}}, ["changes.tags.venue"]),
        ({"tags": {"": "x"}}, ["changes.tags"]),
    ],
)
def test_what_is_wrong_is_named_by_field(changes: Any, fields: list[str]) -> None:
    assert list(faults_in(changes)) == fields


@given(JSON)
def test_anything_is_either_named_or_applied(changes: Any) -> None:
    if not faults_in(changes):
        changed(STORED, changes, at=1.0)
