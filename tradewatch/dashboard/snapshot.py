"""Everything the live page shows at one moment: drawn by the server at first, sent over the socket afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from alerts.choices import AlertSeverity, AlertState
from alerts.models import Alert
from alerts.queries import open_alert_counts, open_alerts
from alerts.standing import Standings, with_groups
from tradewatch.dashboard.alerting.listing import next_words
from tradewatch.dashboard.charts import Chart
from tradewatch.dashboard.figures import Figure, Measures, make_figures
from tradewatch.dashboard.health import Indicator, health
from tradewatch.dashboard.hero import AlertLine, Hero, make_hero
from tradewatch.dashboard.issue_lines import IssueLine, make_lines
from tradewatch.dashboard.live_charts import SERIES, live_charts
from tradewatch.dashboard.ranges import Period, Span
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.queries import newest_issues
from tradewatch.metrics.markers import Marker, markers_between
from tradewatch.metrics.models import Counter
from tradewatch.metrics.queries import Totals, percentiles, totals, users

LISTED = 6
CANDIDATES = 100  # the loudest of all time and the newest, of those seen in the range: its own loudest are among them
_WORST_FIRST = [AlertSeverity.CRITICAL, AlertSeverity.ERROR, AlertSeverity.WARNING, AlertSeverity.INFO]


@dataclass(frozen=True, slots=True)
class View:
    """What a snapshot is of. Watchers of the same view share one. `environment` empty: all."""

    project_ids: tuple[int, ...]
    environment: str
    range: Period


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`start` and `end` bound what figures and charts are about; `within` says it in words ("in the last hour")."""

    at: datetime
    within: str
    start: datetime
    end: datetime
    is_connected: bool
    hero: Hero
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    alerts: Sequence[AlertLine]
    critical_alerts: int
    loudest: Sequence[IssueLine]
    newest: Sequence[IssueLine]
    health: Sequence[Indicator]


def take_snapshot(view: View, *, now: datetime) -> Snapshot:
    """Read the database once for `view`. Every query is bounded by time or by a limit."""
    span, chart_span = view.range.span(now), view.range.chart_span(now)
    measures, before = _measure(view, span), _measure(view, span.before())
    alerts = _alert_lines(view)
    markers = _markers(view, chart_span)
    within = view.range.within
    return Snapshot(
        at=now,
        within=within,
        start=span.start,
        end=span.end,
        is_connected=_has_data(view),
        hero=make_hero(
            alerts, measures, last_resolved_at=_last_resolved_at(view), within=within, now=now, markers=markers
        ),
        figures=make_figures(
            measures,
            before,
            length=span.length,
            compared=view.range.compared,
            threshold=settings.SENTRY_ERROR_RATE_THRESHOLD,
        ),
        charts=live_charts(
            view.project_ids, view.environment, view.range, chart_span, unit=measures.unit, markers=markers
        ),
        alerts=_with_standing(alerts[:LISTED], now),
        critical_alerts=open_alert_counts(view.project_ids, view.environment or None).critical_firing,
        loudest=_loudest(view, span, now),
        newest=_newest(view, now),
        health=health(now),
    )


def _markers(view: View, span: Span) -> list[Marker]:
    return markers_between(view.project_ids, view.environment, span.epoch_start, span.epoch_end)


def _measure(view: View, span: Span) -> Measures:
    start, end, environment = span.epoch_start, span.epoch_end, view.environment or None
    found = totals(view.project_ids, SERIES, start, end, environment)
    events = found.get("events", Totals()).count
    met = users(view.project_ids, start, end, environment)
    are_sessions = "transactions" not in found and "sessions" in found
    every, failed = ("sessions", "sessions.errored") if are_sessions else ("transactions", "transactions.failed")
    slowest = percentiles(view.project_ids, "transactions", start, end, [0.95], environment)
    return Measures(
        requests=found.get(every, Totals()),
        failed=found.get(failed, Totals()),
        events=events,
        users=None if events and not met else met,  # errors without a user are not errors of nobody
        p95_seconds=slowest[0] if slowest else None,
        unit="session" if are_sessions else "request",
    )


def _has_data(view: View) -> bool:
    """Return whether anything ever came from these projects."""
    return Counter.objects.filter(project_id__in=view.project_ids, series__in=SERIES).exists()


# --- lists -------------------------------------------------------------------------------------------------------
def _alert_lines(view: View) -> list[AlertLine]:
    """Return the open alerts: waiting ones first, worst first, newest first."""
    alerts = open_alerts(view.project_ids, view.environment or None)[:50]
    lines = [alert_line(alert) for alert in alerts]
    return sorted(lines, key=lambda line: (not line.is_waiting, _WORST_FIRST.index(AlertSeverity(line.severity))))


def _with_standing(lines: Sequence[AlertLine], now: datetime) -> list[AlertLine]:
    """Return the lines with what holds each alert and who is asked next."""
    standings = Standings()
    alerts = {alert.pk: alert for alert in with_groups(Alert.objects.filter(pk__in=[line.id for line in lines]))}
    return [
        replace(line, held=" ".join(standings.suppressed_by(alert)), next=next_words(alert, now=now))
        for line in lines
        if (alert := alerts.get(line.id)) is not None
    ]


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
    ended = Alert.objects.filter(project_id__in=view.project_ids, simulated="", state=AlertState.RESOLVED)
    return ended.order_by("-starts_at").values_list("resolved_at", flat=True).first()


def _loudest(view: View, span: Span, now: datetime) -> list[IssueLine]:
    seen = _unresolved(view).filter(last_seen_at__gte=span.start)
    candidates = {
        pk
        for order in ("-event_count", "-first_seen_at")
        for pk in seen.order_by(order).values_list("pk", flat=True)[:CANDIDATES]
    }
    series = [f"issue:{pk}" for pk in candidates]
    found = totals(view.project_ids, series, span.epoch_start, span.epoch_end, view.environment or None)
    events = {pk: found[f"issue:{pk}"].count for pk in candidates if f"issue:{pk}" in found}
    loudest = sorted(events, key=lambda pk: (-events[pk], -pk))[:LISTED]
    issues = _unresolved(view).in_bulk(loudest)
    return make_lines([issues[pk] for pk in loudest if pk in issues], now=now, events=events)


def _newest(view: View, now: datetime) -> list[IssueLine]:
    issues = newest_issues(view.project_ids, view.environment or None, limit=LISTED)
    return make_lines(list(issues.select_related("project", "first_release")), now=now)


def _unresolved(view: View) -> QuerySet[Issue]:
    rows = Issue.objects.filter(project_id__in=view.project_ids, state=IssueState.UNRESOLVED, merged_into=None)
    return rows.select_related("project", "first_release")
