"""What the rule of an alert measured, around the time it fired, as a chart: its values, its limit, when it fired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from alerts.choices import Aggregate, RuleKind
from alerts.measures.issues import EVENTS_OF_ISSUE
from alerts.measures.judging import comparison_of, limit_words, threshold_of
from alerts.measures.ledger import Ledger
from alerts.measures.ledger import Span as Windows
from alerts.measures.readings import Reading
from alerts.measures.sources import measured_kinds, source_of
from alerts.measuring import KEY_PREFIX
from alerts.models import Alert, AlertRule
from alerts.services.judging_measures import key_of
from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart, Limit, firing_bands, ratio_values
from tradewatch.dashboard.ranges import MINUTE, Span, minutes_live
from tradewatch.metrics.markers import Marker, markers_between
from tradewatch.metrics.own.registry import all_measures
from tradewatch.metrics.points.units import shown
from tradewatch.metrics.queries import Totals

BEFORE, AFTER = timedelta(minutes=45), timedelta(minutes=75)
SHORTLY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`what` says under the heading what the chart counts; `sum` is the sentence of counts beneath it."""

    chart: Chart
    what: str
    sum: str


def span_around(alert: Alert, *, now: datetime) -> Span:
    """Return the two hours about the alert's beginning, in whole minutes, no later than now."""
    end = min(now, alert.starts_at + AFTER).replace(second=0, microsecond=0) + timedelta(minutes=1)
    start = (alert.starts_at - BEFORE).replace(second=0, microsecond=0)
    return Span(min(start, end - timedelta(hours=1)), end, MINUTE)


def evidence_of(alert: Alert, *, now: datetime) -> Evidence | None:
    """Return the chart of what the alert is about; None where nothing is counted for it, or not any more."""
    if now - alert.starts_at > minutes_live():
        return None  # counts are kept by the hour from then on: too coarse to show what fired
    span = span_around(alert, now=now)
    if alert.dedup_key.startswith(KEY_PREFIX):
        return _error_rate(alert, span)
    if alert.rule and alert.rule.kind in measured_kinds():
        return _measured(alert, alert.rule, span)
    if alert.dedup_key.startswith(EVENTS_OF_ISSUE):
        return _issue_events(alert, span)
    return None


def markers_before(alert: Alert) -> list[Marker]:
    """Return releases and deployments in the half hour before it began: they may be why. Newest first."""
    end = int(alert.starts_at.timestamp()) + 1
    found = markers_between([alert.project_id], alert.environment, end - int(SHORTLY.total_seconds()), end)
    return found[::-1][:3]


def _error_rate(alert: Alert, span: Span) -> Evidence:
    names = ("transactions", "transactions.failed", "sessions", "sessions.errored")
    found = rollups.points([alert.project_id], names, span, environment=alert.environment)
    unit = "request" if any(each.count for each in found[names[0]]) else "session"
    every, failed = (found[name] for name in (names[:2] if unit == "request" else names[2:]))
    limit = settings.SENTRY_ERROR_RATE_THRESHOLD * 100
    if alert.rule and alert.rule.threshold is not None:
        limit = alert.rule.threshold * 100
    values = ratio_values(failed, every)
    chart = _chart(alert, span, values, name=f"failed {unit}s", unit="%", limit=Limit(limit, f"fires above {limit:g}%"))
    place = alert.environment or "every environment"
    return Evidence(chart, f"failed / all {unit}s, {place}, per minute", _ratio_words(every, failed, unit, alert, span))


def _ratio_words(every: Sequence[Totals], failed: Sequence[Totals], unit: str, alert: Alert, span: Span) -> str:
    """Return the counts since it began, in words: a number never stands alone."""
    first = max(0, int((alert.starts_at - span.start).total_seconds()) // MINUTE)
    bad, whole = (sum(each.count for each in points[first:]) for points in (failed, every))
    if not whole:
        return f"no {unit} since it began"
    since = f"from {alert.starts_at:%H:%M} to {span.end:%H:%M}"
    return f"{words.percent(bad / whole)} = {words.count(bad)} failed / {words.plural(whole, unit)} {since}."


def _measured(alert: Alert, rule: AlertRule, span: Span) -> Evidence | None:
    ends = tuple(range(span.epoch_start + MINUTE, span.epoch_end + MINUTE, MINUTE))
    windows = Windows(ends, max(MINUTE, rule.window_seconds // MINUTE * MINUTE))
    readings = source_of(rule.kind)(rule, (alert.project_id,), windows, Ledger())
    mine = next((each for spot, each in readings.items() if key_of(rule, spot) == alert.dedup_key), None)
    if mine is None:
        return None
    limit, (unit, factor) = limit_words(rule), _scale_of(rule)
    chart = _chart(
        alert,
        span,
        tuple(None if each.value is None else round(each.value * factor, 4) for each in mine),
        name=rule.name,
        unit=unit,
        limit=Limit(threshold_of(rule) * factor, f"fires {comparison_of(rule)} {limit}") if limit else None,
    )
    what = f"{rule.get_kind_display().lower()}, each {rule.window_seconds // MINUTE} min"
    return Evidence(chart, what, _worst_words(mine, alert, span))


def _scale_of(rule: AlertRule) -> tuple[str, float]:
    """Return the unit of a rule's readings on an axis, and what they are multiplied by."""
    if rule.kind == RuleKind.CUSTOM_METRIC:  # a rate is read by the minute already
        return shown(rule.unit, rule.statistic).symbol, shown("" if rule.statistic == "count" else rule.unit).factor
    if rule.kind == RuleKind.OWN_HEALTH:
        measure = all_measures().get(rule.series)
        return (shown(measure.unit).symbol, shown(measure.unit).factor) if measure else ("", 1.0)
    if rule.kind == RuleKind.HOST_METRIC or (rule.kind == RuleKind.METRIC and rule.aggregate == Aggregate.RATIO):
        return "%", 100.0
    return "s" if rule.kind == RuleKind.LATENCY else "", 1.0


def _worst_words(readings: Sequence[Reading], alert: Alert, span: Span) -> str:
    first = max(0, int((alert.starts_at - span.start).total_seconds()) // MINUTE)
    last = next((each for each in reversed(readings[first:]) if each.value is not None), None)
    return "" if last is None else f"Last: {last.words}{', ' if last.counts else ''}{last.counts}."


def _issue_events(alert: Alert, span: Span) -> Evidence:
    series = EVENTS_OF_ISSUE + alert.dedup_key.removeprefix(EVENTS_OF_ISSUE)
    found = rollups.points([alert.project_id], [series], span, environment=alert.environment)[series]
    chart = _chart(alert, span, tuple(float(each.count) for each in found), name="events of the issue", unit="")
    total = words.plural(sum(each.count for each in found), "event")
    return Evidence(chart, "events of the issue, per minute", f"{total} from {span.start:%H:%M} to {span.end:%H:%M}.")


def _chart(
    alert: Alert, span: Span, values: tuple[float | None, ...], *, name: str, unit: str, limit: Limit | None = None
) -> Chart:
    known = [value for value in values if value is not None]
    finding = f"{name}: at most {max(known):g}{unit}" if known else f"{name}: no data"
    return Chart(
        key=f"alert-{alert.pk}",
        name=name,
        unit=unit,
        style="err",
        start=span.epoch_start,
        step=span.step_seconds,
        values=values,
        finding=f"{finding}; it fired at {alert.starts_at.astimezone(UTC):%H:%M} UTC",
        empty="nothing was counted in this time",
        bands=firing_bands([(alert.starts_at, alert.resolved_at)], span),
        limit=limit,
        markers=tuple(markers_between([alert.project_id], alert.environment, span.epoch_start, span.epoch_end)),
    )
