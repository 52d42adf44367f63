"""One scrape: every export asked in turn, in one bounded time. What hangs is named; what it kept from being asked too.

All run in one thread beside the request, because each thread would take a connection of its own. While one export
hangs, later scrapes are answered at once with what needs no database, instead of piling up behind it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connections
from prometheus_client.core import GaugeMetricFamily, Metric

from tradewatch.metrics.exports import Export
from tradewatch.performance.hosts.parts import BoundedParts

logger = logging.getLogger(__name__)


@dataclass
class Collected:
    """What prometheus_client writes out: anything with `collect`."""

    families: list[Metric] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def collect(self) -> Iterator[Metric]:
        yield from self.families


class Scraper:
    def __init__(self) -> None:
        self._parts, self._lock = BoundedParts(), threading.Lock()

    def scrape(self, exports: Mapping[str, Export], project_ids: Sequence[int], *, timeout_seconds: float) -> Collected:
        """Return what the exports say, within `timeout_seconds`; 0: in this thread, for as long as it takes."""
        found = Collected()
        if timeout_seconds:
            self._ask_beside(lambda: _ask(exports, project_ids, found), timeout_seconds)
        else:
            _ask(exports, project_ids, found)
        # A copy: a thread that hangs may come back while this is being written out.
        taken = Collected(list(found.families), dict(found.seconds), set(found.failed))
        taken.families += _about_the_scrape(exports, taken)
        return taken

    def _ask_beside(self, ask: Callable[[], None], timeout_seconds: float) -> None:
        if not self._lock.acquire(timeout=timeout_seconds):
            return
        try:
            self._parts.ask({"exports": lambda: _and_disconnect(ask)}, timeout_seconds=timeout_seconds)
        finally:
            self._lock.release()


def _ask(exports: Mapping[str, Export], project_ids: Sequence[int], found: Collected) -> None:
    for name, export in exports.items():
        started = time.perf_counter()
        try:
            families = list(export(project_ids))
        except Exception:
            logger.exception("export failed export=%s", name)
            found.failed.add(name)
        else:
            found.families += families
            found.seconds[name] = time.perf_counter() - started


def _and_disconnect(ask: Callable[[], None]) -> None:
    try:
        ask()
    finally:
        connections.close_all()  # the thread's own; nobody else would close them


def _about_the_scrape(exports: Mapping[str, Export], found: Collected) -> Iterator[Metric]:
    is_up = GaugeMetricFamily(
        "tradewatch_export_up", "1: these families are here; 0: they failed or were late.", labels=["export"]
    )
    seconds = GaugeMetricFamily("tradewatch_export_seconds", "Seconds that they took to read.", labels=["export"])
    for name in exports:
        is_up.add_metric([name], float(name in found.seconds))
        if name in found.seconds:
            seconds.add_metric([name], found.seconds[name])
    yield is_up
    yield seconds
