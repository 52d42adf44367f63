"""Readings of what TradeWatch measures of itself: kept each minute in the first project, each label by itself."""

from collections.abc import Mapping, Sequence

from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.models import AlertRule
from alerts.words import counted, number_words, seconds_words
from tradewatch.metrics.own.history import Known, Minute, Place, known_series, minutes
from tradewatch.metrics.own.measures import COUNT, SECOND, Measure
from tradewatch.metrics.own.registry import all_measures
from tradewatch.metrics.points.units import said


def read_own_measure(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return the mean of each window's minutes. A window in which nothing was kept is unknown, not fine."""
    measure = all_measures().get(rule.series)
    if measure is None:
        return {}
    known: Known = ledger.once(("own", project_ids), lambda: known_series(project_ids))
    kept: Mapping[str, Mapping[Place, Mapping[int, Minute]]] = ledger.once(
        ("own", project_ids, span.start, span.end), lambda: minutes(known, span.start, span.end)
    )
    return {
        Spot(project_id, environment, subject_of(measure, label)): [
            _reading(measure, label, of_place, end, span.seconds) for end in span.ends
        ]
        for (project_id, environment, label), of_place in kept.get(measure.name, {}).items()
        if rule.environment in ("", environment)
    }


def subject_of(measure: Measure, label: str) -> str:
    return f"{measure.name}={label}" if label else measure.name


def measure_words(measure: Measure, value: float) -> str:
    """Return `4 min`, `1.2 GB`, `12%`, `3`."""
    if measure.unit == SECOND:
        return seconds_words(value)
    return number_words(value) if measure.unit == COUNT else said(value, measure.unit)


def _reading(measure: Measure, label: str, kept: Mapping[int, Minute], end: int, seconds: int) -> Reading:
    found = [kept[at] for at in range(end - seconds, end, 60) if at in kept]
    count = sum(count for _, count in found)
    if not count:
        return NOTHING
    mean = sum(each for each, _ in found) / count
    of = f" ({label})" if label and label != measure.label else ""
    words = f"{measure.title}{of} {measure_words(measure, mean)}"
    return Reading(mean, count, words, f"mean of {counted(count, 'reading')}" if count > 1 else "")
