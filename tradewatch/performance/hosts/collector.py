"""Keeps the last snapshot and turns the next one into points."""

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradewatch.performance.hosts.parts import BoundedParts
from tradewatch.performance.hosts.points import Point, Reading, Snapshot
from tradewatch.performance.hosts.probes import mounts, probes
from tradewatch.performance.hosts.rates import points_between

PART_SECONDS = 3.0  # what answers later than that is not well, and says so
FIRST_PAUSE_SECONDS = 1.0
_OLD_SECONDS = 900.0  # a rate over a longer time says nothing of now


@dataclass(frozen=True, slots=True)
class Sample:
    """What the host said at `at` (monotonic clock). `late`: the parts that did not answer in time."""

    at: float
    points: tuple[Point, ...]
    late: tuple[str, ...] = ()


class Collector:
    """`find_mounts` and `probes_of` are given in tests."""

    def __init__(
        self,
        *,
        find_mounts: Callable[[], list[str]] = mounts,
        probes_of: Callable[[list[str]], Mapping[str, Callable[[], Reading]]] = probes,
        part_seconds: float = PART_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts, self._find_mounts, self._probes_of = BoundedParts(), find_mounts, probes_of
        self._part_seconds, self._clock = part_seconds, clock
        self._last: tuple[float, Snapshot] | None = None
        self._known_mounts = ["/"]

    def collect(self) -> Sample:
        """Return a sample with rates since the last one. Without a recent one it looks twice, a second apart."""
        if self._last is None or self._clock() - self._last[0] > _OLD_SECONDS:
            self._last = (self._clock(), self._snapshot())
            time.sleep(FIRST_PAUSE_SECONDS)
        at, snapshot = self._clock(), self._snapshot()
        points = points_between(self._last[1], snapshot)
        self._last = (at, snapshot)
        return Sample(at, tuple(points), snapshot.late)

    def _snapshot(self) -> Snapshot:
        listed = self._parts.ask({"mounts": self._find_mounts}, timeout_seconds=self._part_seconds)
        self._known_mounts = listed.values.get("mounts", self._known_mounts)
        answers = self._parts.ask(self._probes_of(self._known_mounts), timeout_seconds=self._part_seconds)
        return Snapshot(answers.values, (*listed.late, *answers.late, *answers.failed))


def platform_words() -> str:
    """Return `Linux 6.1.0-13-amd64 x86_64`."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"[:200]
