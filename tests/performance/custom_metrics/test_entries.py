import pytest

from tradewatch.metrics.points.values import MAX_ATTRIBUTES
from tradewatch.performance.custom_metrics.entries import Read, Times, attributes_fault, read_entry
from tradewatch.performance.custom_metrics.units import unit_name

NOW = 1_795_000_000.0
TIMES = Times(now=NOW, oldest=NOW - 400 * 86_400)
SOUND = {"name": "orders.latency", "type": "distribution", "value": 12.5, "unit": "ms", "timestamp": NOW - 5}


def test_a_sound_entry_is_read():
    assert read_entry(SOUND, TIMES) == Read("orders.latency", "distribution", 12.5, "millisecond", NOW - 5)


def test_what_may_be_left_out():
    assert read_entry({"name": "n", "type": "gauge", "value": -3}, TIMES) == Read("n", "gauge", -3.0, "", NOW)


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"name": None}, "name", "is needed: a text such as orders.latency"),
        ({"name": ""}, "name", "is needed: a text such as orders.latency"),
        ({"name": 7}, "name", "is needed: a text such as orders.latency"),
        ({"name": "1st"}, "name", "begins with a letter, and holds letters, digits and . _ - / : only"),
        ({"name": "or ders"}, "name", "begins with a letter, and holds letters, digits and . _ - / : only"),
        ({"name": "orders\n"}, "name", "begins with a letter, and holds letters, digits and . _ - / : only"),
        ({"name": "ünicode"}, "name", "begins with a letter, and holds letters, digits and . _ - / : only"),
        ({"name": "tradewatch.seconds"}, "name", "names that begin with tradewatch. are TradeWatch's own"),
        ({"name": "n" * 121}, "name", "at most 120 characters"),
        ({"type": "set"}, "type", "expected one of counter, gauge, distribution"),
        ({"type": ["gauge"]}, "type", "expected one of counter, gauge, distribution"),
        ({"value": None}, "value", "is needed: a number"),
        ({"value": "12"}, "value", "expected a number"),
        ({"value": True}, "value", "expected a number"),
        ({"value": float("nan")}, "value", "expected a finite number"),
        ({"value": float("-inf")}, "value", "expected a finite number"),
        ({"value": 1e301}, "value", "expected a finite number"),
        ({"value": 10**400}, "value", "expected a finite number"),
        ({"type": "counter", "value": -0.5}, "value", "a counter never goes down: expected 0 or more"),
        ({"unit": 5}, "unit", "expected a text such as millisecond"),
        ({"unit": "u" * 41}, "unit", "at most 40 printable characters"),
        ({"unit": "a\0b"}, "unit", "at most 40 printable characters"),
        ({"timestamp": "yesterday"}, "timestamp", "expected epoch seconds, or a time such as 2026-10-01T00:00:00Z"),
        ({"timestamp": True}, "timestamp", "expected epoch seconds, or a time such as 2026-10-01T00:00:00Z"),
        ({"timestamp": NOW + 90}, "timestamp", "is 90 s in the future"),
        ({"timestamp": NOW * 1000}, "timestamp", "expected epoch seconds, or a time such as 2026-10-01T00:00:00Z"),
        ({"timestamp": 5}, "timestamp", "is older than the 400 days that metrics are kept"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(change, field, text):
    assert read_entry({**SOUND, **change}, TIMES) == {field: [text]}


def test_all_that_is_wrong_is_said_at_once():
    faults = read_entry({"name": "", "type": "set", "value": "x", "unit": 1, "timestamp": {}}, TIMES)
    assert isinstance(faults, dict)
    assert list(faults) == ["name", "type", "value", "unit", "timestamp"]


def test_a_clock_a_little_ahead_is_of_now():
    assert read_entry({**SOUND, "timestamp": NOW + 30}, TIMES).at_epoch == NOW
    assert read_entry({**SOUND, "timestamp": NOW + 3700}, TIMES, drift_seconds=-3650).at_epoch == NOW


def test_times_may_be_written_as_text():
    assert read_entry({**SOUND, "timestamp": "2026-11-18T11:06:39Z"}, TIMES).at_epoch == NOW - 1


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        (None, ""),
        ({}, ""),
        ({"venue": "XNYS", "ok": True, "n": 2.5}, ""),
        ([], "expected an object of names and values"),
        ({"a": None}, "a: expected a text, a number or true or false"),
        ({"a": ["b"]}, "a: expected a text, a number or true or false"),
        ({"a": "v" * 201}, "a: at most 200 characters"),
        ({"n" * 65: "v"}, "a name has 1 to 64 characters"),
        ({"": "v"}, "a name has 1 to 64 characters"),
        ({f"a{number}": "v" for number in range(MAX_ATTRIBUTES + 1)}, "at most 16"),
    ],
)
def test_what_is_wrong_with_attributes(attributes, text):
    assert attributes_fault(attributes) == text


def test_names_of_sdks_are_not_for_own_attributes():
    assert attributes_fault({"server.address": "h"}).startswith("server.address: names that begin with sentry.")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("ms", "millisecond"), ("MS", "millisecond"), ("%", "percent"), ("none", ""), ("", ""), ("bytes", "byte"),
     ("USD", "USD"), (" lots ", "lots"), ("ratio", "ratio"), ("Seconds", "second")],
)  # fmt: skip
def test_a_unit_has_one_name(given, wanted):
    assert unit_name(given) == wanted
