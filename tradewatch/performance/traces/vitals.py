"""Web vitals: what browsers measure of a page load (https://web.dev/articles/vitals). Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradewatch.performance.traces.parts import streamed_of

# name: (what it is, good up to, poor from): milliseconds, CLS without a unit. https://web.dev/articles/defining-core-
# web-vitals-thresholds
VITALS = {
    "lcp": ("Largest contentful paint", 2500.0, 4000.0),
    "cls": ("Cumulative layout shift", 0.1, 0.25),
    "inp": ("Interaction to next paint", 200.0, 500.0),
    "ttfb": ("Time to first byte", 800.0, 1800.0),
    "fcp": ("First contentful paint", 1800.0, 3000.0),
}
_TO_MS = {"nanosecond": 1e-6, "microsecond": 1e-3, "millisecond": 1.0, "second": 1000.0}


@dataclass(frozen=True, slots=True)
class Vital:
    """`value` in milliseconds; of `cls` a number without a unit. `rating`: `good`, `needs improvement` or `poor`."""

    name: str
    title: str
    value: float
    rating: str

    @property
    def is_time(self) -> bool:
        return self.name != "cls"


def read_vitals(documents: Iterable[Mapping[str, Any]]) -> list[Vital]:
    """Return the vitals in `measurements` of the documents of one page, in the order above.

    INP comes in a document of its own, later than the page load. Of several values of one vital the worst counts.
    """
    found: dict[str, float] = {}
    for part in (part for document in documents for part in (document, *streamed_of(document))):
        measurements = part.get("measurements")
        if not isinstance(measurements, Mapping):
            continue
        for name in VITALS:
            if (value := _value(name, measurements.get(name))) is not None:
                found[name] = max(value, found.get(name, value))
    return [Vital(name, VITALS[name][0], found[name], rating(name, found[name])) for name in VITALS if name in found]


def rating(name: str, value: float) -> str:
    _, good, poor = VITALS[name]
    return "good" if value <= good else "poor" if value > poor else "needs improvement"


def _value(name: str, measurement: object) -> float | None:
    if not isinstance(measurement, Mapping):
        return None
    value = measurement.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return float(value) * (_TO_MS.get(str(measurement.get("unit")), 1.0) if name != "cls" else 1.0)
