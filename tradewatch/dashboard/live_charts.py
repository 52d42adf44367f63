"""The charts of the live page: failures, errors, throughput, each over the range, with what may explain a change."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Q

from alerts.choices import RuleKind
from alerts.models import Alert
from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart, Limit, firing_bands, per_minute_values, ratio_values
from tradewatch.dashboard.figures import Unit
from tradewatch.dashboard.ranges import Period, Span
from tradewatch.metrics.markers import Band, Marker
from tradewatch.metrics.queries import Totals

SERIES = ("events", "transactions", "transactions.failed", "sessions", "sessions.errored")
BANDS = 50
_OF_UNIT: Mapping[Unit, tuple[str, str]] = {
    "request": ("transactions", "transactions.failed"),
    "session": ("sessions", "sessions.errored"),
}


def live_charts(
    project_ids: Sequence[int],
    environment: str,
    period: Period,
    span: Span,
    *,
    unit: Unit,
    markers: Sequence[Marker],
) -> list[Chart]:
    """Return the charts of `span`, which is the period's in steps. `unit`: what stands for requests."""
    found = rollups.points(project_ids, SERIES, span, environment=environment)
    every, failed = (found[name] for name in _OF_UNIT[unit])
    bands = firing_bands(_firing_times(project_ids, environment, span), span)
    drawn = _Drawn(span, tuple(markers), period.is_live)
    return [
        drawn.error_rate(every, failed, unit, bands),
        drawn.errors(found["events"]),
        drawn.throughput(every, unit),
    ]


class _Drawn:
    """What the charts of a page share."""

    def __init__(self, span: Span, markers: tuple[Marker, ...], is_running: bool) -> None:
        self.span, self.markers, self.is_running = span, markers, is_running

    def error_rate(
        self, every: Sequence[Totals], failed: Sequence[Totals], unit: Unit, bands: tuple[Band, ...]
    ) -> Chart:
        values = ratio_values(failed, every)
        limit = settings.SENTRY_ERROR_RATE_THRESHOLD * 100
        return Chart(
            key="error-rate",
            name=f"failed {unit}s",
            unit="%",
            style="err",
            start=self.span.epoch_start,
            step=self.span.step_seconds,
            values=values,
            finding=ratio_finding(values, unit, bands),
            empty=f"no {unit}s in this time",
            bands=bands,
            limit=Limit(limit, f"alert above {limit:g}%"),
            markers=self.markers,
            is_running=self.is_running,
            counts="error-rate",
            silence=f"no {unit}s",
        )

    def errors(self, counts: Sequence[Totals]) -> Chart:
        return self._per_minute("errors", "errors a minute", "s2", [point.count for point in counts])

    def throughput(self, counts: Sequence[Totals], unit: Unit) -> Chart:
        return self._per_minute("requests", f"{unit}s a minute", "s1", [point.weighted for point in counts])

    def _per_minute(self, key: str, name: str, style: str, counts: Sequence[float]) -> Chart:
        values = per_minute_values(counts, self.span)
        return Chart(
            key=key,
            name=name,
            unit="",
            style=style,
            start=self.span.epoch_start,
            step=self.span.step_seconds,
            values=values,
            finding=f"{name.capitalize()}: up to {words.count(max(value or 0 for value in values))}",
            empty=f"no {name.split()[0]} in this time",
            markers=self.markers,
            is_running=self.is_running,
            counts=key,
        )


def ratio_finding(values: Sequence[float | None], unit: Unit, bands: Sequence[Band]) -> str:
    """Return what a chart of failures shows, as a sentence for those who do not see it."""
    known = [value for value in values if value is not None]
    if not known:
        return f"Failed {unit}s: no data"
    fired = f"; an alert fired from {_clock(bands[-1].start)}" if bands else ""
    return f"Failed {unit}s: {known[-1]:.1f}% last, between {min(known):.1f}% and {max(known):.1f}%{fired}"


def _clock(epoch: int) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%H:%M} UTC"


def _firing_times(project_ids: Sequence[int], environment: str, span: Span) -> list[tuple[datetime, datetime | None]]:
    alerts = Alert.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gte=span.start),
        project_id__in=project_ids,
        simulated="",
        rule__kind=RuleKind.ERROR_RATE,
        starts_at__lt=span.end,
    )
    if environment:
        alerts = alerts.filter(environment__in=(environment, ""))
    return list(alerts.order_by("-starts_at").values_list("starts_at", "resolved_at")[:BANDS])
