"""A measured rule, judged at one minute or at many: readings from its source, a verdict for each place."""

from collections.abc import Iterator, Mapping, Sequence

from alerts.choices import Aggregate, Comparison, RuleKind, Statistic
from alerts.measures.custom_words import custom_words
from alerts.measures.ledger import Ledger, Span
from alerts.measures.own import measure_words
from alerts.measures.readings import Reading, Spot
from alerts.measures.sources import source_of
from alerts.measures.verdicts import MeasureVerdict, judge_readings
from alerts.models import AlertRule
from alerts.words import number_words, percent_words, seconds_words
from tradewatch.metrics.own.registry import all_measures

MINUTE = 60
_EITHER_WAY = (
    RuleKind.METRIC,
    RuleKind.LATENCY,
    RuleKind.HOST_METRIC,
    RuleKind.CUSTOM_METRIC,
    RuleKind.OWN_HEALTH,
)  # above or below, as the rule says
_OWN_SAMPLE = (RuleKind.ISSUE_FREQUENCY, RuleKind.USERS_AFFECTED, RuleKind.HOST_METRIC, RuleKind.OWN_HEALTH)
_OF_MANY = (Statistic.AVERAGE, Statistic.P50, Statistic.P75, Statistic.P90, Statistic.P95, Statistic.P99)


def judge_measured(
    rule: AlertRule, project_ids: tuple[int, ...], *, end: int, ledger: Ledger
) -> dict[Spot, MeasureVerdict]:
    """Return the verdict of each place on the window that ends at `end` (epoch seconds, a whole minute)."""
    readings = source_of(rule.kind)(rule, project_ids, span_of(rule, end, end), ledger)
    return {spot: verdict_on(rule, each) for spot, each in readings.items()}


def judge_over_time(
    rule: AlertRule, project_ids: tuple[int, ...], *, first: int, last: int, ledger: Ledger
) -> Mapping[Spot, Iterator[tuple[int, MeasureVerdict]]]:
    """Return, for each place, (end, verdict) of every minute from `first` to `last` (epoch seconds, whole minutes)."""
    readings = source_of(rule.kind)(rule, project_ids, span_of(rule, first, last), ledger)
    return {spot: _over_time(rule, each, first) for spot, each in readings.items()}


def span_of(rule: AlertRule, first: int, last: int) -> Span:
    """Return the windows to read for verdicts from `first` to `last`: so many before it as the rule must hold for."""
    start = first - (held_minutes(rule) - 1) * MINUTE
    return Span(tuple(range(start, last + MINUTE, MINUTE)), max(1, rule.window_seconds // MINUTE) * MINUTE)


def held_minutes(rule: AlertRule) -> int:
    return max(1, rule.for_seconds // MINUTE)


def verdict_on(rule: AlertRule, readings: Sequence[Reading]) -> MeasureVerdict:
    return judge_readings(
        readings,
        comparison=comparison_of(rule),
        threshold=threshold_of(rule),
        limit_words=limit_words(rule),
        minimum_sample=minimum_of(rule),
    )


def comparison_of(rule: AlertRule) -> Comparison:
    return Comparison(rule.comparison) if rule.kind in _EITHER_WAY else Comparison.ABOVE


def threshold_of(rule: AlertRule) -> float:
    return 0.5 if rule.kind == RuleKind.ABSENCE or rule.threshold is None else rule.threshold


def minimum_of(rule: AlertRule) -> int:
    """Return the least sample. Counts are their own sample: few of them is the finding, not too little to judge."""
    counts = rule.kind in _OWN_SAMPLE or (rule.kind == RuleKind.METRIC and rule.aggregate != Aggregate.RATIO)
    counts = counts or (rule.kind == RuleKind.CUSTOM_METRIC and rule.statistic not in _OF_MANY)
    return 0 if counts else rule.minimum_count


def limit_words(rule: AlertRule) -> str:
    limit = threshold_of(rule)
    match rule.kind:
        case RuleKind.ABSENCE:
            return ""
        case RuleKind.ERROR_RATE_RISE:
            return f"{number_words(limit)}x"
        case RuleKind.LATENCY:
            return seconds_words(limit)
        case RuleKind.HOST_METRIC:
            return percent_words(limit)
        case RuleKind.CUSTOM_METRIC:
            return custom_words(limit, rule.unit, rule.statistic)
        case RuleKind.OWN_HEALTH:
            measure = all_measures().get(rule.series)
            return measure_words(measure, limit) if measure else number_words(limit)
        case RuleKind.METRIC if rule.aggregate == Aggregate.RATIO:
            return percent_words(limit)
        case _:
            return number_words(limit)


def _over_time(rule: AlertRule, readings: Sequence[Reading], first: int) -> Iterator[tuple[int, MeasureVerdict]]:
    held = held_minutes(rule)
    for at in range(len(readings) - held + 1):
        yield first + at * MINUTE, verdict_on(rule, readings[at : at + held])
