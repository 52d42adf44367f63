"""What the error-rate rule counts, read from the minute buckets of `metrics`, never from events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.rates import BASELINE_MINUTES, Measured
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.metrics.queries import Totals, top_series, totals
from tradewatch.projects.models import Project

KEY_PREFIX = "error-rate:"
BASELINE = timedelta(minutes=BASELINE_MINUTES)
_LONGEST_WINDOW = timedelta(hours=1)
_REQUESTS = "transactions", "transactions.failed"
_SESSIONS = "sessions", "sessions.errored"
SERIES = ("events", *_REQUESTS, *_SESSIONS)


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
    counted = Counter.objects.filter(
        project_id__in=names,
        series__in=["events", "transactions", "sessions"],
        resolution=Resolution.MINUTE,
        start__gte=_epoch(end - BASELINE - _LONGEST_WINDOW),
        start__lt=_epoch(end),
    )
    found = set(counted.values_list("project_id", "environment").distinct())
    firing = Alert.objects.filter(project_id__in=names, dedup_key__startswith=KEY_PREFIX)
    found |= set(firing.exclude(state=AlertState.RESOLVED).values_list("project_id", "environment"))
    return sorted(Place(project_id, environment, names[project_id]) for project_id, environment in found)


def measure(place: Place, *, window: timedelta, end: datetime) -> Measured:
    """Count the `window` of whole minutes up to `end`, and the hour before it. Sessions stand in for requests where
    nothing sends transactions."""
    start = end - window
    return measured_of(_totals(place, start, end), _totals(place, start - BASELINE, start), window=window)


def measured_of(now: Mapping[str, Totals], before: Mapping[str, Totals], *, window: timedelta) -> Measured:
    """Return what the sums of `SERIES` in the window and in the hour before it mean."""
    sends_transactions = now["transactions"].count + before["transactions"].count > 0
    sends_sessions = now["sessions"].count + before["sessions"].count > 0
    are_sessions = sends_sessions and not sends_transactions
    requests, failed = (now[name] for name in (_SESSIONS if are_sessions else _REQUESTS))
    return Measured(
        window=window,
        requests=requests.count,
        failed=failed.count,
        ratio=failed.weighted / requests.weighted if requests.weighted else None,
        events=now["events"].count,
        baseline_events=before["events"].count,
        sends_requests=sends_transactions or sends_sessions,
        are_sessions=are_sessions,
    )


def likely_cause(place: Place, *, window: timedelta, end: datetime) -> str:
    """Return which transaction most of the failures are in, as a sentence; empty when nothing says so."""
    start = end - window
    worst = top_series(
        [place.project_id], "tx.failed:", _epoch(start), _epoch(end), environment=place.environment, limit=1
    )
    if not worst:
        return ""
    name, most = worst[0][0].removeprefix("tx.failed:"), worst[0][1].count
    failed = _totals(place, start, end)["transactions.failed"].count
    return f"{name}: {most:,} of the {failed:,} failed requests."


def _totals(place: Place, start: datetime, end: datetime) -> dict[str, Totals]:
    found = totals([place.project_id], SERIES, _epoch(start), _epoch(end), place.environment)
    return {name: found.get(name, Totals()) for name in SERIES}


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
