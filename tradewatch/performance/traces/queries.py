"""Transactions as pages and SLAs ask for them. Intervals are [start, end) in epoch seconds, cut to whole minutes.

`environment`, `name` and `release` None mean all of them. Everything comes from buckets, which count what was dropped
from the raw traces too. Minutes live 30 days: before that, an interval that does not begin and end on an hour misses
its ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import PerformanceSettings, TransactionGroup
from tradewatch.performance.models.settings import DEFAULT_APDEX_SECONDS
from tradewatch.performance.traces import buckets
from tradewatch.performance.traces.figures import Figures, Within

ALL = ""  # the name of the groups in which all transactions are counted once more


@dataclass(frozen=True, slots=True, order=True)
class TransactionKey:
    """A transaction as a table lists it. The same name under two operations is two of them."""

    project_id: int
    name: str
    op: str


def overall(
    project_ids: Sequence[int],
    start: int,
    end: int,
    *,
    environment: str | None = None,
    name: str | None = None,
    release: str | None = None,
) -> Figures:
    """Return the figures of all transactions, or of those of one name, over the interval; zeros when none came."""
    groups = _groups(project_ids, start, environment, ALL if name is None else name, release)
    return buckets.transactions(dict.fromkeys(groups, 0), start, end).get(0, Figures())


def by_transaction(
    project_ids: Sequence[int], start: int, end: int, *, environment: str | None = None, release: str | None = None
) -> dict[TransactionKey, Figures]:
    """Return the figures of each transaction that occurred, `<other>` (those past the bound on names) among them."""
    groups = _groups(project_ids, start, environment, None, release)
    return buckets.transactions({pk: _key(group) for pk, group in groups.items()}, start, end)


def by_release(
    project_ids: Sequence[int], start: int, end: int, *, environment: str | None = None, name: str | None = None
) -> dict[str, Figures]:
    """Return {version: figures}; empty for transactions that named none."""
    groups = _groups(project_ids, start, environment, ALL if name is None else name, None)
    return buckets.transactions({pk: group.release for pk, group in groups.items()}, start, end)


def by_environment(
    project_ids: Sequence[int], start: int, end: int, *, name: str | None = None
) -> dict[tuple[int, str], Figures]:
    """Return {(project id, environment): figures}."""
    groups = _groups(project_ids, start, None, ALL if name is None else name, None)
    return buckets.transactions({pk: (each.project_id, each.environment) for pk, each in groups.items()}, start, end)


def points(
    project_ids: Sequence[int],
    start: int,
    end: int,
    resolution: int,
    *,
    environment: str | None = None,
    name: str | None = None,
    release: str | None = None,
) -> list[tuple[int, Figures]]:
    """Return (bucket start, figures) in time order; a bucket without transactions is absent.

    `resolution` is any multiple of 60 seconds, summed from the widest buckets that fit into it.
    """
    groups = _groups(project_ids, start, environment, ALL if name is None else name, release)
    found = buckets.transactions_over_time(dict.fromkeys(groups, 0), start, end, resolution)
    return sorted(((at, figures) for (_, at), figures in found.items()), key=lambda point: point[0])


def points_by_transaction(
    project_ids: Sequence[int],
    names: Sequence[str],
    start: int,
    end: int,
    resolution: int,
    *,
    environment: str | None = None,
) -> dict[str, list[tuple[int, Figures]]]:
    """Return {name: points} for a chart or a table with small lines; a name without transactions is absent."""
    wanted = set(names)
    groups = {
        pk: group.name
        for pk, group in _groups(project_ids, start, environment, None, None).items()
        if group.name in wanted
    }
    lines: dict[str, list[tuple[int, Figures]]] = {}
    for (name, at), figures in sorted(
        buckets.transactions_over_time(groups, start, end, resolution).items(), key=lambda each: each[0]
    ):
        lines.setdefault(name, []).append((at, figures))
    return lines


def within(
    project_ids: Sequence[int],
    start: int,
    end: int,
    threshold_seconds: float,
    *,
    environment: str | None = None,
    name: str | None = None,
) -> Within:
    """Return exactly how many took no longer than a threshold of the projects' settings, out of how many.

    Only what came while the threshold was set: `measured` says how many that are. Zeros for any other threshold.
    """
    figures = overall(project_ids, start, end, environment=environment, name=name)
    return figures.within.get(round(threshold_seconds * 1000), Within())


def releases_of(project_ids: Sequence[int]) -> list[str]:
    """Return the versions that transactions named, the one seen first last."""
    groups = TransactionGroup.objects.filter(project__in=project_ids, name=ALL).exclude(release="")
    return list(dict.fromkeys(groups.order_by("-first_seen_at", "-pk").values_list("release", flat=True)))


def apdex_seconds_of(project_id: int) -> float:
    """Return the Apdex threshold T of a project: satisfied up to T, tolerating up to 4 T."""
    stored = PerformanceSettings.objects.filter(project=project_id).values_list("apdex_seconds", flat=True).first()
    return DEFAULT_APDEX_SECONDS if stored is None else stored


def _groups(
    project_ids: Sequence[int], start: int, environment: str | None, name: str | None, release: str | None
) -> dict[int, TransactionGroup]:
    """Return the groups seen since `start`: of one name, or of every name but that of all together."""
    groups = TransactionGroup.objects.filter(project__in=project_ids, last_day__gte=start // Resolution.DAY)
    groups = groups.exclude(name=ALL) if name is None else groups.filter(name=name)
    if environment is not None:
        groups = groups.filter(environment=environment)
    if release is not None:
        groups = groups.filter(release=release)
    return groups.in_bulk()


def _key(group: TransactionGroup) -> TransactionKey:
    return TransactionKey(group.project_id, group.name, group.op)
