"""Requests of both stretches by endpoint, from the buckets of transactions: those not kept raw are in them, too."""

from collections.abc import Callable
from dataclasses import dataclass, field

from releases.verdicts.evidence import Stretch
from releases.verdicts.reading.place import MINUTE, Place, epochs, shared_epoch
from releases.verdicts.samples import Endpoint, Sample
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.queries import totals
from tradewatch.performance.models import TransactionGroup
from tradewatch.performance.sessions import ERRORED, SESSIONS
from tradewatch.performance.traces import buckets
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import ALL

SESSIONS_AS = Endpoint("sessions", "session")  # what stands for requests where nothing sends transactions

Found = dict[tuple[Endpoint, str], Figures]  # by endpoint and release


@dataclass(frozen=True, slots=True)
class Requests:
    """`weighted` counts each as 1 / its client's sample rate. `of_version`: how many named the deployed version; None:
    none named any, or the version is not known."""

    samples: dict[Endpoint, Sample] = field(default_factory=dict)
    weighted: float = 0.0
    of_version: int | None = None


def requests_of(place: Place) -> tuple[Requests, Requests]:
    """Return the requests before and after; where neither had any, sessions in their place."""
    groups = _groups(place)
    before = _read(place, place.before, groups, place.is_another)
    after = _read(place, place.after, groups, place.is_deployed)
    if before.samples or after.samples:
        return before, after
    return _sessions(place, place.before), _sessions(place, place.after)


def _groups(place: Place) -> dict[int, tuple[Endpoint, str]]:
    earliest = min(epochs(place.before)[0], epochs(place.after)[0])
    rows = TransactionGroup.objects.filter(
        project=place.project_id, environment=place.environment, last_day__gte=earliest // Resolution.DAY
    ).exclude(name=ALL)
    return {
        pk: (Endpoint(name, op), release) for pk, name, op, release in rows.values_list("pk", "name", "op", "release")
    }


def _read(
    place: Place, stretch: Stretch, groups: dict[int, tuple[Endpoint, str]], belongs: Callable[[str], bool]
) -> Requests:
    """Add up the stretch, and of the minute it shares with the other what belongs to it by its release."""
    found: Found = buckets.transactions(groups, *epochs(stretch))
    if (shared := shared_epoch(stretch)) is not None:
        own = {pk: key for pk, key in groups.items() if belongs(key[1])}
        for key, figures in buckets.transactions(own, shared, shared + MINUTE).items():
            found.setdefault(key, Figures()).merge(figures)
    merged: dict[Endpoint, Figures] = {}
    for (endpoint, _), figures in found.items():
        merged.setdefault(endpoint, Figures()).merge(figures)
    return Requests(
        {endpoint: sample_of(figures) for endpoint, figures in merged.items()},
        sum(figures.weighted for figures in merged.values()),
        _of_version(place, found),
    )


def sample_of(figures: Figures) -> Sample:
    """Return what was really received: the weighted histogram is scaled down to as many as were measured."""
    scale = figures.measured / figures.weighted_measured if figures.weighted_measured else 1.0
    bins = figures.bins if scale == 1.0 else {index: weight * scale for index, weight in figures.bins.items()}
    return Sample(figures.count, figures.failed, figures.measured, bins)


def _of_version(place: Place, found: Found) -> int | None:
    if not place.version or not any(release for _, release in found):
        return None
    return sum(figures.count for (_, release), figures in found.items() if place.is_deployed(release))


def _sessions(place: Place, stretch: Stretch) -> Requests:
    counted = totals([place.project_id], [SESSIONS, ERRORED], *epochs(stretch), place.environment)
    if SESSIONS not in counted:
        return Requests()
    every, errored = counted[SESSIONS], counted[ERRORED].count if ERRORED in counted else 0
    return Requests({SESSIONS_AS: Sample(every.count, min(errored, every.count))}, every.weighted)
