"""What a digesting process counts of its batches: into tallies, which never fall, and into minutes of the installation.

From the minutes comes how many envelopes were digested lately and how long they waited until they were stored.
"""

import threading

from django.db import transaction

from tradewatch.core.tallies import Tallies
from tradewatch.inbox.digest import DigestStats
from tradewatch.inbox.exports import tally_batch
from tradewatch.metrics.histogram import Bins, bin_of
from tradewatch.metrics.services import INSTALLATION, CountRow, SpreadRow, add_counts, add_spreads

ROWS, LAG = "digest.rows", "digest.lag"


class DigestTally:
    """Safe to add to from any thread."""

    def __init__(self, tallies: Tallies | None = None) -> None:
        self._tallies, self._lock = tallies or Tallies(), threading.Lock()
        self._minutes: dict[int, _Lags] = {}

    def add(self, stats: DigestStats, seconds: float, *, stored_at: float) -> None:
        """Count a batch that took `seconds` and was stored at `stored_at` (epoch seconds)."""
        tally_batch(self._tallies, stats, seconds)
        with self._lock:
            lags = self._minutes.setdefault(int(stored_at) // 60 * 60, _Lags())
            for received_at in stats.received:
                lags.add(max(0.0, stored_at - received_at))

    def flush_if_due(self) -> None:
        """Write what waits, at most once in five seconds. Raises the database's error."""
        if self._tallies.flush_if_due():
            self.write_minutes()

    def write_minutes(self) -> None:
        """Write the minutes. What a database refuses is lost: it is a figure about ourselves."""
        with self._lock:
            minutes, self._minutes = self._minutes, {}
        counts = [CountRow(INSTALLATION, "", ROWS, at, lags.count, lags.count) for at, lags in minutes.items()]
        spreads = [
            SpreadRow(INSTALLATION, "", LAG, at, lags.count, lags.total, lags.bins) for at, lags in minutes.items()
        ]
        with transaction.atomic():
            add_counts(counts)
            add_spreads(spreads)


class _Lags:
    """The waits of one minute."""

    def __init__(self) -> None:
        self.count, self.total = 0, 0.0
        self.bins: Bins = {}

    def add(self, seconds: float) -> None:
        self.count += 1
        self.total += seconds
        index = bin_of(seconds)
        self.bins[index] = self.bins.get(index, 0) + 1
