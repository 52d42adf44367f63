"""Readings of a custom metric: any statistic of its points, narrowed to attributes, each value of one by itself."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.measures.counted import within
from alerts.measures.custom_words import RATE, custom_words
from alerts.measures.filters import read_filter
from alerts.measures.ledger import DAY, Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.models import AlertRule
from alerts.words import counted, duration_words
from tradewatch.metrics.models import Metric
from tradewatch.metrics.points.aggregations import ADDITIVE
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.by_place import Place, minutes_by_place, places_within
from tradewatch.metrics.points.sliding import Measured, slide
from tradewatch.metrics.points.values import Cell

MOST_SUBJECTS = 200  # groups of one rule in one run
LONGEST_SUBJECT = 120

ByPlace = Mapping[Place, Mapping[int, Cell]]


def read_custom(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return readings wherever the metric had a point within the last day: for sums and rates none is a true zero."""
    question = question_of(rule, project_ids)
    key = ("custom", question.name, question.unit, rule.attributes, rule.group_by, rule.statistic, project_ids, span)
    found: ByPlace = ledger.once(key, lambda: minutes_by_place(question, span.start, span.end))
    places = set(found)
    if rule.statistic in ADDITIVE:
        places |= ledger.once(("seen", *key), lambda: places_within(question, span.end - DAY, span.end))
    wanted = within(rule.environment, {spot_of(rule, place) for place in sorted(places)[:MOST_SUBJECTS]})
    return {
        spot: [
            _reading(rule, each, span) for each in slide(found.get(place, {}), span.ends, span.seconds, rule.statistic)
        ]
        for place in sorted(places)
        if (spot := spot_of(rule, place)) in wanted
    }


def question_of(rule: AlertRule, project_ids: Sequence[int]) -> Question:
    return Question(
        project_ids=project_ids,
        name=rule.series,
        aggregation=rule.statistic,
        unit=rule.unit or None,
        group_by=rule.group_by,
        filters=read_filter(rule.attributes),
    )


def usual_unit(name: str, project_id: int | None) -> str:
    """Return the unit in which most points of a metric came, so far; empty for none, or no such metric."""
    rows = Metric.objects.filter(name=name)
    if project_id is not None:
        rows = rows.filter(project_id=project_id)
    return rows.order_by("-points").values_list("unit", flat=True).first() or ""


def spot_of(rule: AlertRule, place: Place) -> Spot:
    """Return the place of a group. Its subject stands in an alert's key, whose parts a bar divides."""
    project_id, environment, group = place
    subject = f"{rule.group_by}={group}"[:LONGEST_SUBJECT].replace("|", "/") if rule.group_by else ""
    return Spot(project_id, environment, subject)


def _reading(rule: AlertRule, measured: Measured, span: Span) -> Reading:
    value = measured.value
    if value is None:
        if rule.statistic not in ADDITIVE:
            return NOTHING
        value = 0.0
    shown = value * 60 if rule.statistic == RATE else value
    words = f"{_of(rule)} {custom_words(shown, rule.unit, rule.statistic)}"
    length = duration_words(timedelta(seconds=span.seconds))
    return Reading(shown, measured.points, words, f"{counted(measured.points, 'point')} in {length}")


def _of(rule: AlertRule) -> str:
    return rule.series if rule.statistic == RATE else f"{rule.get_statistic_display().lower()} of {rule.series}"
