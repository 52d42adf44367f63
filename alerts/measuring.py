"""What the error-rate rule counts, read from the minute buckets of `metrics`, never from events."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.rates import BASELINE_MINUTES, Measured
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.projects.models import Project

KEY_PREFIX = "error-rate:"
BASELINE = timedelta(minutes=BASELINE_MINUTES)
_LONGEST_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A project and one of its environments."""

    project_id: int
    environment: str
    project_name: str

    @property
    def dedup_key(self) -> str:
        return f"{KEY_PREFIX}{self.environment}"

    @property
    def label(self) -> str:
        return f"{self.project_name} {self.environment}".strip()


def places_to_judge(end: datetime) -> list[Place]:
    """Return where events or requests arrived lately, and where an error-rate alert is open, in a fixed order."""
    names = dict(Project.objects.values_list("id", "name"))
    counted = _minutes(list(names), ["events", "transactions"], end - BASELINE - _LONGEST_WINDOW, end)
    found = set(counted.values_list("project_id", "environment").distinct())
    firing = Alert.objects.filter(project_id__in=names, dedup_key__startswith=KEY_PREFIX)
    found |= set(firing.exclude(state=AlertState.RESOLVED).values_list("project_id", "environment"))
    return sorted(Place(project_id, environment, names[project_id]) for project_id, environment in found)


def measure(place: Place, *, window: timedelta, end: datetime) -> Measured:
    """Count the `window` of whole minutes up to `end`, and the hour before it."""
    start = end - window
    requests, weighted = _total(place, "transactions", start, end)
    failed, failed_weighted = _total(place, "transactions.failed", start, end)
    requests_before, _ = _total(place, "transactions", start - BASELINE, start)
    return Measured(
        window=window,
        requests=requests,
        failed=failed,
        ratio=failed_weighted / weighted if weighted else None,
        events=_total(place, "events", start, end)[0],
        baseline_events=_total(place, "events", start - BASELINE, start)[0],
        sends_requests=requests + requests_before > 0,
    )


def likely_cause(place: Place, *, window: timedelta, end: datetime) -> str:
    """Return which transaction most of the failures are in, as a sentence; empty when nothing says so."""
    failed = Counter.objects.filter(
        project_id=place.project_id,
        series__gte="tx.failed:",
        series__lt="tx.failed;",  # the next character: a range can use the index on both databases, LIKE cannot
        resolution=Resolution.MINUTE,
        start__gte=int((end - window).timestamp()),
        start__lt=int(end.timestamp()),
        environment=place.environment,
    )
    per_transaction = failed.values("series").annotate(failures=Sum("count")).order_by("-failures", "series")
    rows = list(per_transaction)
    if not rows:
        return ""
    name, most = rows[0]["series"].removeprefix("tx.failed:"), rows[0]["failures"]
    return f"{name}: {most:,} of the {sum(row['failures'] for row in rows):,} failed requests."


def _total(place: Place, series: str, start: datetime, end: datetime) -> tuple[int, float]:
    minutes = _minutes([place.project_id], [series], start, end).filter(environment=place.environment)
    sums = minutes.aggregate(count=Sum("count"), weighted=Sum("weighted"))
    return sums["count"] or 0, sums["weighted"] or 0.0


def _minutes(project_ids: list[int], series: list[str], start: datetime, end: datetime) -> QuerySet[Counter]:
    return Counter.objects.filter(
        project_id__in=project_ids,
        series__in=series,
        resolution=Resolution.MINUTE,
        start__gte=int(start.timestamp()),
        start__lt=int(end.timestamp()),
    )
