"""The hours before, in blocks of five minutes: how much failures and latency wander when nothing is deployed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from releases.models import Deployment
from releases.verdicts.reading.place import MINUTE, Place, epochs
from releases.verdicts.samples import Endpoint, Noise
from releases.verdicts.statistics.noise import Block, dispersion, level_of, wandering
from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import TransactionBucket, TransactionGroup
from tradewatch.performance.traces.weighing import WeightedBins, add_into, unpack

BLOCKS, BLOCK_MINUTES = 72, 5  # six hours
BLOCK_SECONDS = BLOCK_MINUTES * MINUTE
MOST_ENDPOINTS = 10  # whose history is read: those that seem to have got worst

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grid:
    """Blocks that end where the stretch before ends. `lag`: how many of them lie between what is compared.

    `disturbed`: those in which something was deployed.
    """

    start: int
    end: int
    lag: int = 1
    disturbed: frozenset[int] = frozenset()

    def at(self, epoch: int) -> int:
        return (epoch - self.start) // BLOCK_SECONDS

    def sums(self, counts: Iterable[tuple[int, int]]) -> list[int]:
        found = [0] * BLOCKS
        for epoch, count in counts:
            found[self.at(epoch)] += count
        return found

    def runs(self, blocks: Sequence[T]) -> list[list[T]]:
        """Return the blocks between deployments."""
        found: list[list[T]] = [[]]
        for number, each in enumerate(blocks):
            if number in self.disturbed:
                found.append([])
            else:
                found[-1].append(each)
        return found


def grid_of(place: Place) -> Grid:
    end = epochs(place.before)[1]
    start = end - BLOCKS * BLOCK_SECONDS
    around = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    rows = Deployment.objects.filter(
        project=place.project_id, environment=place.environment, started_at__lt=around[1], started_at__gte=around[0]
    )
    spans = rows.values_list("started_at", "finished_at")
    disturbed = {
        number for began, ended in spans for number in range(_block(began, start), _block(ended or began, start) + 1)
    }
    return Grid(start, end, lag_of(place.after.minutes), frozenset(disturbed))


def lag_of(minutes: int) -> int:
    """Return how many blocks lie from the middle of the stretch before to that of the one after: the deployment's own
    time makes it one more."""
    return minutes // BLOCK_MINUTES + 1


def noise_of(place: Place, failing: Sequence[Endpoint], slower: Sequence[Endpoint]) -> Noise:
    """Return how the endpoints wandered that seem to fail more, and those that seem slower."""
    if not failing and not slower:
        return Noise()
    grid = grid_of(place)
    failures = {each: _dispersion(_rows(place, each, grid, "failed", "count"), grid) for each in failing}
    latency = {each: _wandering(_rows(place, each, grid, "bins"), grid) for each in slower}
    return Noise(failures, latency)


def _rows(place: Place, endpoint: Endpoint, grid: Grid, *columns: str) -> list[tuple[Any, ...]]:
    """Return (start of the minute, columns...) of all the endpoint's releases."""
    groups = TransactionGroup.objects.filter(
        project=place.project_id, environment=place.environment, name=endpoint.name, op=endpoint.op
    )
    rows = TransactionBucket.objects.filter(
        group__in=list(groups.filter(last_day__gte=grid.start // Resolution.DAY).values_list("pk", flat=True)),
        resolution=Resolution.MINUTE,
        start__gte=grid.start,
        start__lt=grid.end,
    )
    return list(rows.values_list("start", *columns))


def _dispersion(rows: Sequence[tuple[Any, ...]], grid: Grid) -> float:
    failed = grid.sums((at, failed) for at, failed, _ in rows)
    every = grid.sums((at, count) for at, _, count in rows)
    blocks: list[Block] = list(zip(failed, every, strict=True))
    return dispersion(grid.runs(blocks), grid.lag)


def _wandering(rows: Sequence[tuple[Any, ...]], grid: Grid) -> float:
    blocks: list[WeightedBins] = [{} for _ in range(BLOCKS)]
    for at, bins in rows:
        add_into(blocks[grid.at(at)], unpack(bytes(bins)))
    return wandering(grid.runs([level_of(bins) for bins in blocks]), grid.lag)


def _block(at: datetime, start: int) -> int:
    return (int(at.timestamp()) - start) // BLOCK_SECONDS
