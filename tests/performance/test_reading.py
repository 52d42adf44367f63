import pytest

from tradewatch.performance.reading import UNNAMED, epoch_of, is_failure, name_of, weight_of


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
