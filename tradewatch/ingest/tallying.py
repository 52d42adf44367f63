"""A thread that adds what this process took and refused to what all processes did. The edge itself only counts.

Twice: into tallies, which never fall (Prometheus wants that), and into minutes, so that a page can say "in the last
hour".
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from tradewatch.core.rounds import Rounds
from tradewatch.core.tallies import FLUSH_SECONDS, Tallies, read_tallies
from tradewatch.ingest.stats import EdgeStats
from tradewatch.metrics.queries import top_series
from tradewatch.metrics.services import INSTALLATION, CountRow, add_counts

REQUESTS, BYTES = "edge.requests", "edge.bytes"  # requests by `outcome`: accepted, or the status it was refused with
ACCEPTED = "accepted"
_SERIES = "edge."


@dataclass
class Unwritten:
    """What `stats` counted since the last call of `take`."""

    stats: EdgeStats
    _taken: dict[str, int] = field(default_factory=dict)

    def take(self) -> Iterator[tuple[str, int]]:
        """Yield (outcome or BYTES, how many more)."""
        counted = {
            ACCEPTED: self.stats.accepted,
            BYTES: self.stats.accepted_bytes,
            **{str(status): count for status, count in dict(self.stats.refused).items()},
        }
        for key, count in counted.items():
            more = count - self._taken.get(key, 0)
            if more:
                self._taken[key] = count
                yield key, more


class EdgeTally(Rounds):
    def __init__(self, stats: EdgeStats) -> None:
        self._unwritten, self._tallies = Unwritten(stats), Tallies()
        self._minutes: list[CountRow] = []
        # While the database is away, what was counted waits; the rest is written in the end.
        super().__init__(
            lambda: self.write(),
            name="edge-tally",
            seconds=FLUSH_SECONDS,
            trouble="edge tally waits",
            last=lambda: self.write(),
        )

    def write(self) -> None:
        for key, more in self._unwritten.take():
            if key == BYTES:
                self._tallies.add(BYTES, more)
            else:
                self._tallies.add(REQUESTS, more, outcome=key)
                self._minutes.append(CountRow(INSTALLATION, "", _SERIES + key, time.time(), more, more))
        self._tallies.flush()
        if self._minutes:
            with transaction.atomic():
                add_counts(self._minutes)
            self._minutes = []


def edge_totals() -> EdgeStats:
    """Return what all processes ever took and refused, up to the last few seconds."""
    found = read_tallies("edge.")
    requests = {dict(labels).get("outcome", ""): int(count) for labels, count in found.get(REQUESTS, {}).items()}
    return _stats(requests, int(sum(found.get(BYTES, {}).values())))


def edge_between(start: int, end: int) -> EdgeStats:
    """Return what all processes took and refused in the minutes of [start, end), epoch seconds; no bytes."""
    found = top_series([INSTALLATION], _SERIES, start, end, limit=100)
    return _stats({series.removeprefix(_SERIES): totals.count for series, totals in found}, 0)


def _stats(requests: Mapping[str, int], accepted_bytes: int) -> EdgeStats:
    refused = Counter({int(outcome): count for outcome, count in requests.items() if outcome.isdigit()})
    return EdgeStats(requests.get(ACCEPTED, 0), accepted_bytes, refused)
