"""Everything the live page shows at one moment: drawn by the server at first, sent over the socket afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from alerts.choices import AlertSeverity, AlertState, RuleKind
from alerts.models import Alert
from alerts.queries import open_alert_counts, open_alerts
from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart, Limit, firing_bands, per_minute_values, ratio_values
from tradewatch.dashboard.figures import Figure, Measures, make_figures
from tradewatch.dashboard.hero import AlertLine, Hero, make_hero
from tradewatch.dashboard.issue_lines import IssueLine, make_lines
from tradewatch.dashboard.ranges import Range, Span, span_ending
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.queries import newest_issues
from tradewatch.metrics.models import Counter
from tradewatch.metrics.queries import Totals, percentiles, totals, users

LISTED = 6
CANDIDATES = 100  # the loudest of all time and the newest, of those seen in the range: its own loudest are among them
SERIES = ("events", "transactions", "transactions.failed")
_WORST_FIRST = [AlertSeverity.CRITICAL, AlertSeverity.ERROR, AlertSeverity.WARNING, AlertSeverity.INFO]


@dataclass(frozen=True, slots=True)
class View:
    """What a snapshot is of. Watchers of the same view share one. `environment` empty: all."""

    project_ids: tuple[int, ...]
    environment: str
    range: Range


@dataclass(frozen=True, slots=True)
class Snapshot:
    at: datetime
    called: str
    is_connected: bool
    hero: Hero
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    alerts: Sequence[AlertLine]
    critical_alerts: int
    loudest: Sequence[IssueLine]
    newest: Sequence[IssueLine]


def take_snapshot(view: View, *, now: datetime) -> Snapshot:
    """Read the database once for `view`. Every query is bounded by time or by a limit."""
    span = span_ending(now, length=view.range.length, step_seconds=60)
    measures, before = _measure(view, span), _measure(view, span.before())
    alerts = _alert_lines(view)
    called = view.range.label
    return Snapshot(
        at=now,
        called=called,
        is_connected=_has_data(view),
        hero=make_hero(alerts, measures, last_resolved_at=_last_resolved_at(view), called=called, now=now),
        figures=make_figures(measures, before, length=span.length, called=called),
        charts=_charts(view, now),
        alerts=alerts[:LISTED],
        critical_alerts=open_alert_counts(view.project_ids, view.environment or None).critical_firing,
        loudest=_loudest(view, span, now),
        newest=_newest(view, now),
    )


def _measure(view: View, span: Span) -> Measures:
    start, end, environment = span.epoch_start, span.epoch_end, view.environment or None
    found = totals(view.project_ids, SERIES, start, end, environment)
    events = found.get("events", Totals()).count
    met = users(view.project_ids, start, end, environment)
    slowest = percentiles(view.project_ids, "transactions", start, end, [0.95], environment)
    return Measures(
        requests=found.get("transactions", Totals()),
        failed=found.get("transactions.failed", Totals()),
        events=events,
        users=None if events and not met else met,  # errors without a user are not errors of nobody
        p95_seconds=slowest[0] if slowest else None,
    )


def _has_data(view: View) -> bool:
    """Return whether anything ever came from these projects."""
    return Counter.objects.filter(project_id__in=view.project_ids, series__in=SERIES).exists()


# --- charts ------------------------------------------------------------------------------------------------------
def _charts(view: View, now: datetime) -> list[Chart]:
    span = span_ending(now, length=view.range.length, step_seconds=view.range.step_seconds)
    found = rollups.points(view.project_ids, SERIES, span, environment=view.environment)
    bands = firing_bands(_firing_times(view, span), span)
    return [_error_chart(found, span, bands), _events_chart(found, span)]


def _error_chart(found: Mapping[str, list[Totals]], span: Span, bands: tuple[tuple[int, int], ...]) -> Chart:
    values = ratio_values(found["transactions.failed"], found["transactions"])
    known = [value for value in values if value is not None]
    threshold = settings.SENTRY_ERROR_RATE_THRESHOLD
    return Chart(
        key="error-rate",
        name="failed requests",
        unit="%",
        style="err",
        start=span.epoch_start,
        step=span.step_seconds,
        values=values,
        finding=f"Failed requests: {min(known):.1f}% to {max(known):.1f}%" if known else "Failed requests: no data",
        empty="no requests in this time",
        bands=bands,
        limit=Limit(threshold * 100, f"alert above {threshold * 100:g}%"),
    )


def _events_chart(found: Mapping[str, list[Totals]], span: Span) -> Chart:
    values = per_minute_values([point.count for point in found["events"]], span)
    return Chart(
        key="events",
        name="errors a minute",
        unit="",
        style="s1",
        start=span.epoch_start,
        step=span.step_seconds,
        values=values,
        finding=f"Errors a minute: up to {words.count(max(value or 0 for value in values))}",
        empty="no errors in this time",
    )


def _firing_times(view: View, span: Span) -> list[tuple[datetime, datetime | None]]:
    alerts = Alert.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gte=span.start),
        project_id__in=view.project_ids,
        rule__kind=RuleKind.ERROR_RATE,
        starts_at__lt=span.end,
    )
    if view.environment:
        alerts = alerts.filter(environment__in=(view.environment, ""))
    return list(alerts.order_by("-starts_at").values_list("starts_at", "resolved_at")[:50])


# --- lists -------------------------------------------------------------------------------------------------------
def _alert_lines(view: View) -> list[AlertLine]:
    """Return the open alerts: waiting ones first, worst first, newest first."""
    alerts = open_alerts(view.project_ids, view.environment or None)[:50]
    lines = [alert_line(alert) for alert in alerts]
    return sorted(lines, key=lambda line: (not line.is_waiting, _WORST_FIRST.index(AlertSeverity(line.severity))))


def alert_line(alert: Alert) -> AlertLine:
    return AlertLine(
        id=alert.pk,
        title=alert.title,
        message=alert.message,
        severity=alert.severity,
        state=alert.state,
        project=alert.project.name,
        environment=alert.environment,
        starts_at=alert.starts_at,
        count=alert.count,
        acknowledged_by=alert.acknowledged_by,
        link=alert.link,
    )


def _last_resolved_at(view: View) -> datetime | None:
    ended = Alert.objects.filter(project_id__in=view.project_ids, state=AlertState.RESOLVED)
    return ended.order_by("-starts_at").values_list("resolved_at", flat=True).first()


def _loudest(view: View, span: Span, now: datetime) -> list[IssueLine]:
    seen = _unresolved(view).filter(last_seen_at__gte=span.start)
    candidates = {
        issue.pk: issue for order in ("-event_count", "-first_seen_at") for issue in seen.order_by(order)[:CANDIDATES]
    }
    series = [f"issue:{pk}" for pk in candidates]
    found = totals(view.project_ids, series, span.epoch_start, span.epoch_end, view.environment or None)
    events = {pk: found[f"issue:{pk}"].count for pk in candidates if f"issue:{pk}" in found}
    loudest = sorted(events, key=lambda pk: (-events[pk], -pk))[:LISTED]
    return make_lines([candidates[pk] for pk in loudest], now=now, events=events)


def _newest(view: View, now: datetime) -> list[IssueLine]:
    issues = newest_issues(view.project_ids, view.environment or None, limit=LISTED)
    return make_lines(list(issues.select_related("project", "first_release")), now=now)


def _unresolved(view: View) -> QuerySet[Issue]:
    rows = Issue.objects.filter(project_id__in=view.project_ids, state=IssueState.UNRESOLVED, merged_into=None)
    return rows.select_related("project", "first_release")
