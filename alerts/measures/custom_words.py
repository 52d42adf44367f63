"""How rules speak of a custom metric's values."""

from tradewatch.metrics.points.units import said

RATE = "rate"


def custom_words(value: float, unit: str, statistic: str) -> str:
    """Return a value or a threshold with its unit; of rates, which rules state by the minute, `30/min`."""
    return said(value / 60 if statistic == RATE else value, unit, statistic)
