"""Reads: checks, how they stand, their uptime, outages and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from alerts.models import Alert
from tradewatch.metrics import histogram
from tradewatch.metrics.models import Histogram, Resolution
from tradewatch.performance.checks.choices import KNOWN, CheckState, Level
from tradewatch.performance.checks.news import fingerprint_of, tls_fingerprint_of
from tradewatch.performance.checks.planned import maintenance_of, planned_by
from tradewatch.performance.checks.running import limits_of, series_of
from tradewatch.performance.checks.states import Stretch
from tradewatch.performance.checks.uptime import Uptime, uptime_of
from tradewatch.performance.models import Check, CheckResult, CheckSpan

_WORST_FIRST = (CheckState.DOWN, CheckState.SLOW, CheckState.UNKNOWN, CheckState.UP, CheckState.PAUSED)


@dataclass(frozen=True, slots=True)
class Outage:
    """`ended_at` None: it lasts. `length` is the proven part. `alert_id`: the alert that it opened, if any.
    `maintenance`: the name of the window that holds a part of it; empty: none was planned."""

    started_at: datetime
    ended_at: datetime | None
    length: timedelta
    detail: str
    alert_id: int | None
    maintenance: str = ""

    @property
    def seconds(self) -> float:
        return self.length.total_seconds()


def checks_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Check]:
    rows = Check.objects.filter(project_id__in=project_ids).select_related("project")
    return rows.filter(environment__in=(environment, "")) if environment else rows


def shown_state(row: Check, now: datetime) -> CheckState:
    """Return the state to show: the confirmed one, unless its last answer is too old to speak for now."""
    state = CheckState(row.state)
    if state not in KNOWN or (row.known_at is not None and now - row.known_at <= limits_of(row).hold):
        return state
    return CheckState.UNKNOWN


def worst_first(rows: Sequence[Check], now: datetime) -> list[Check]:
    return sorted(rows, key=lambda row: (_WORST_FIRST.index(shown_state(row, now)), row.name.lower()))


def uptime(check_id: int, start: datetime, end: datetime) -> Uptime:
    """Return how long the check was in which state within [start, end), exact to the microsecond.

    Time that no answer speaks for is unknown: before its first run, while TradeWatch or the check was off, and between
    its last answer and `end`. An outage counts from its first failure once it is confirmed, so the last minute of an
    interval that ends now may still change.
    """
    return uptime_of(stretches_of([check_id], start, end)[check_id], start, end)


def stretches_of(check_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, list[Stretch]]:
    """Return {check: what is known of it within the interval, in the order of time}."""
    found: dict[int, list[Stretch]] = {pk: [] for pk in check_ids}
    states = {state.value: state for state in CheckState}
    spans = CheckSpan.objects.filter(check_row__in=check_ids, ended_at__gte=start, started_at__lt=end)
    rows = spans.order_by("started_at", "id").values_list("check_row_id", "state", "started_at", "ended_at")
    for pk, state, started_at, ended_at in rows.iterator():
        found[pk].append(Stretch(states[state], started_at, ended_at))
    return found


def outages_of(row: Check, *, now: datetime, limit: int, before: datetime | None = None) -> list[Outage]:
    """Return the newest outages, the last first; with `before` those that began earlier."""
    spans = CheckSpan.objects.filter(check_row=row, state=CheckState.DOWN).order_by("-started_at")
    if before is not None:
        spans = spans.filter(started_at__lt=before)
    found = list(spans[:limit])
    alerts = _alerts_between(row, found)
    planned = maintenance_of(row, found[-1].started_at, now) if found else []
    lasting = shown_state(row, now) == CheckState.DOWN and before is None
    return [
        Outage(
            span.started_at,
            None if lasting and number == 0 and span.ended_at == row.covered_until else span.ended_at,
            span.ended_at - span.started_at,
            span.detail,
            _alert_of(span, alerts),
            planned_by(planned, span.started_at, span.ended_at),
        )
        for number, span in enumerate(found)
    ]


def results_of(row: Check, *, only_failures: bool = False) -> QuerySet[CheckResult]:
    results = CheckResult.objects.filter(check_row=row)
    return results.filter(level__in=(Level.FAILED, Level.NOT_RUN)) if only_failures else results


def open_alerts_of(row: Check) -> QuerySet[Alert]:
    keys = (fingerprint_of(row.pk), tls_fingerprint_of(row.pk))
    return Alert.objects.filter(project=row.project_id, dedup_key__in=keys).exclude(state="resolved")


def _alerts_between(row: Check, spans: Sequence[CheckSpan]) -> list[tuple[int, datetime]]:
    if not spans:
        return []
    alerts = Alert.objects.filter(
        project=row.project_id, dedup_key=fingerprint_of(row.pk), starts_at__gte=spans[-1].started_at
    )
    return list(alerts.order_by("starts_at").values_list("pk", "starts_at")[:200])


def _alert_of(span: CheckSpan, alerts: Sequence[tuple[int, datetime]]) -> int | None:
    return next((pk for pk, starts_at in alerts if span.started_at <= starts_at <= span.ended_at), None)


def response_times(row: Check, start: int, *, step: int, steps: int) -> list[tuple[float, float] | None]:
    """Return (median, 95th percentile) in seconds for each of `steps` of `step` seconds from epoch second `start` on.

    None where nothing answered.
    """
    resolution = max(each for each in Resolution if step % each == 0)
    buckets = Histogram.objects.filter(
        project_id=row.project_id,
        environment=row.environment,
        series=series_of(row.pk),
        resolution=resolution,
        start__gte=start,
        start__lt=start + step * steps,
    )
    parts: list[list[histogram.Bins]] = [[] for _ in range(steps)]
    for at, bins in buckets.values_list("start", "bins").iterator():
        parts[(at - start) // step].append(histogram.unpack(bytes(bins)))
    found = (histogram.percentiles(histogram.merge(each), (0.5, 0.95)) for each in parts)
    return [(pair[0], pair[1]) if pair else None for pair in found]
