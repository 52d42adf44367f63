import pytest

from tradewatch.metrics.points.units import said, shown


@pytest.mark.parametrize(
    ("value", "unit", "aggregation", "words"),
    [
        (612.4, "millisecond", "p95", "612.4 ms"),
        (1250.0, "millisecond", "p95", "1.25 s"),
        (0.25, "second", "avg", "250 ms"),
        (90.0, "second", "avg", "90 s"),
        (7200.0, "second", "sum", "2 h"),
        (2_500_000.0, "nanosecond", "max", "2.5 ms"),
        (0.9741, "ratio", "avg", "97.41%"),
        (97.41, "percent", "avg", "97.41%"),
        (1_500_000.0, "byte", "sum", "1.5 MB"),
        (3.0, "mebibyte", "last", "3.146 MB"),
        (12.5, "USD", "avg", "12.5 USD"),
        (-3.25, "", "min", "−3.25"),
        (0.5, "", "rate", "30/min"),
        (0.5, "order", "rate", "30 order/min"),
        (2000.0, "byte", "rate", "120 kB/min"),
        (1234.0, "millisecond", "count", "1,234"),
        (0.0, "", "sum", "0"),
        (0.00001234, "", "last", "1.23e−05"),
        (None, "byte", "avg", "no data"),
    ],
)
def test_a_value_is_said_with_its_unit(value, unit, aggregation, words):
    assert said(value, unit, aggregation) == words


@pytest.mark.parametrize(
    ("unit", "aggregation", "symbol", "factor"),
    [
        ("microsecond", "p50", "ms", 1e-3),
        ("second", "p50", "s", 1.0),
        ("kibibyte", "sum", "B", 1024.0),
        ("kilobyte", "sum", "B", 1000.0),
        ("ratio", "last", "%", 100.0),
        ("percent", "last", "%", 1.0),
        ("lots", "sum", "lots", 1.0),
        ("", "rate", "/min", 60.0),
        ("ratio", "count", "", 1.0),
    ],
)
def test_a_chart_has_one_symbol_and_one_factor(unit, aggregation, symbol, factor):
    about = shown(unit, aggregation)
    assert (about.symbol, about.factor) == (symbol, factor)
    assert about.of(None) is None
    assert about.of(2.0) == 2.0 * factor
