"""What is wrong with a measured rule, by field, before it is saved."""

from collections.abc import Iterator

from alerts.choices import Aggregate, RuleKind
from alerts.measures.filters import read_filter
from alerts.models import AlertRule
from tradewatch.metrics.own.registry import all_measures

LONGEST_WINDOW, LONGEST_HOLD = 86_400, 3_600
LONGEST_WINDOW_HELD = 21_600  # with a hold, minutes are read one by one
HOST_SERIES = ("cpu", "memory", "swap", "disk", "load")
_NEEDS_SERIES = (RuleKind.METRIC, RuleKind.LATENCY, RuleKind.ABSENCE, RuleKind.CUSTOM_METRIC)
_NEEDS_THRESHOLD = (
    *(RuleKind.METRIC, RuleKind.LATENCY, RuleKind.ERROR_RATE_RISE),
    *(RuleKind.ISSUE_FREQUENCY, RuleKind.USERS_AFFECTED, RuleKind.HOST_METRIC),
    *(RuleKind.CUSTOM_METRIC, RuleKind.OWN_HEALTH),
)


def faults_of(rule: AlertRule) -> dict[str, str]:
    """Return {field: what is expected}; empty when the rule can be judged."""
    return dict(_faults(rule))


def _faults(rule: AlertRule) -> Iterator[tuple[str, str]]:
    if rule.kind in _NEEDS_SERIES and not rule.series:
        yield "series", "name what is counted, e.g. transactions, events, tx:POST /orders"
    if rule.kind == RuleKind.HOST_METRIC and rule.series not in HOST_SERIES:
        yield "series", f"one of {', '.join(HOST_SERIES)}"
    if rule.kind == RuleKind.OWN_HEALTH and rule.series not in all_measures():
        yield "series", f"one of {', '.join(all_measures())}"
    if rule.kind == RuleKind.METRIC and rule.aggregate == Aggregate.RATIO and not rule.of_series:
        yield "of_series", "a share needs the series it is a share of, e.g. transactions"
    if rule.kind in _NEEDS_THRESHOLD and rule.threshold is None:
        yield "threshold", "expected a number"
    if rule.threshold is not None and not abs(rule.threshold) < float("inf"):
        yield "threshold", "expected a finite number"
    if rule.kind == RuleKind.ERROR_RATE and rule.threshold is not None and not 0 <= rule.threshold <= 1:
        yield "threshold", "a ratio from 0 to 1, e.g. 0.05 for 5%"
    if rule.kind == RuleKind.ERROR_RATE_RISE and rule.threshold is not None and rule.threshold <= 1:
        yield "threshold", "a factor above 1, e.g. 3 for three times its usual"
    if rule.kind == RuleKind.LATENCY and not 0 < rule.quantile <= 1:
        yield "quantile", "above 0 and up to 1, e.g. 0.95"
    if rule.kind == RuleKind.CUSTOM_METRIC:
        yield from _faults_of_custom(rule)
    yield from _faults_in_time(rule)


def _faults_of_custom(rule: AlertRule) -> Iterator[tuple[str, str]]:
    if not rule.statistic:
        yield "statistic", "choose what of the metric, e.g. p95 or the rate a minute"
    try:
        read_filter(rule.attributes)
    except ValueError as fault:
        yield "attributes", str(fault)


def _faults_in_time(rule: AlertRule) -> Iterator[tuple[str, str]]:
    if rule.window_seconds % 60 or not 60 <= rule.window_seconds <= LONGEST_WINDOW:
        yield "window_seconds", f"whole minutes, from 60 to {LONGEST_WINDOW} seconds"
    elif rule.for_seconds and rule.window_seconds > LONGEST_WINDOW_HELD:
        yield "window_seconds", f"at most {LONGEST_WINDOW_HELD} seconds for a rule that must hold for a while"
    if rule.for_seconds % 60 or rule.for_seconds > LONGEST_HOLD:
        yield "for_seconds", f"whole minutes, at most {LONGEST_HOLD} seconds"
