from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.performance.reading import UNNAMED, epoch_of, is_failure, name_of, read_transaction, weight_of

RECEIVED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
END = RECEIVED.timestamp() - 10


def read(document=None, trace=None, *, drift=timedelta(), **fields):
    whole = {"transaction": "GET /orders", "start_timestamp": END - 0.25, "timestamp": END} | (document or {}) | fields
    return read_transaction(whole, trace, received_at=RECEIVED, drift=drift, retention=timedelta(days=90))


def test_a_whole_transaction():
    reading = read(contexts={"trace": {"status": "internal_error"}}, trace={"sample_rate": "0.2"})
    assert (reading.name, reading.at_epoch, reading.seconds) == ("GET /orders", END, 0.25)
    assert (reading.is_failed, reading.weight) == (True, 5.0)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ok", False),
        ("cancelled", False),
        ("unknown", False),
        ("OK", False),
        ("internal_error", True),
        ("not_found", True),
        ("deadline_exceeded", True),
        ("made_up", True),
        ("", False),
        (None, False),
        (500, False),
    ],
)
def test_failed_is_what_is_not_ok_cancelled_or_unknown(status, expected):
    assert is_failure(status) is expected


@pytest.mark.parametrize("contexts", [None, [], "x", {}, {"trace": None}, {"trace": []}, {"trace": {"status": ["x"]}}])
def test_odd_contexts_cost_the_status_only(contexts):
    assert read(contexts=contexts).is_failed is False


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"sample_rate": "0.5"}, 2.0),
        ({"sample_rate": 0.25}, 4.0),
        ({"sample_rate": "1"}, 1.0),
        ({"sample_rate": "0"}, 1.0),
        ({"sample_rate": "-1"}, 1.0),
        ({"sample_rate": "nan"}, 1.0),
        ({"sample_rate": "1e-300"}, 1.0),
        ({"sample_rate": "often"}, 1.0),
        ({"sample_rate": None}, 1.0),
        ({}, 1.0),
        (None, 1.0),
        ("0.5", 1.0),
    ],
)
def test_the_weight_is_one_through_the_sample_rate(header, expected):
    assert weight_of(header) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, 1_700_000_000.0),
        (1_700_000_000.5, 1_700_000_000.5),
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("2023-11-14T23:13:20.5+01:00", 1_700_000_000.5),
        ("yesterday", None),
        ("", None),
        (True, None),
        (None, None),
        ([1], None),
        (10**400, None),
        (1e300, None),
        (float("inf"), None),
    ],
)
def test_timestamps_come_as_numbers_and_texts(value, expected):
    assert epoch_of(value) == expected


@pytest.mark.parametrize(
    ("start", "end"), [(None, END), (END, None), (END + 1, END), ("x", END), (END - 1, float("nan"))]
)
def test_a_duration_that_is_none_is_not_measured(start, end):
    assert read(start_timestamp=start, timestamp=end).seconds is None


@pytest.mark.parametrize(
    ("end", "drift", "expected"),
    [
        (END, timedelta(), END),
        (END - 7200, timedelta(hours=2), END),
        (END + 3600, timedelta(), RECEIVED.timestamp()),  # in the future
        (0, timedelta(), (RECEIVED - timedelta(days=90)).timestamp()),  # older than anything kept
        (None, timedelta(hours=2), RECEIVED.timestamp()),
    ],
)
def test_the_moment_is_corrected_and_clamped(end, drift, expected):
    assert read(timestamp=end, drift=drift).at_epoch == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("GET /", "GET /"),
        ("  ", UNNAMED),
        (None, UNNAMED),
        (7, UNNAMED),
        ("a\0b", "ab"),
        ("\ud800", "?"),
        ("x" * 999, "x" * 200),
    ],
)
def test_names_fit_a_series(value, expected):
    assert name_of(value) == expected
