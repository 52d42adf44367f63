"""What several web processes took and refused is one number."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from tests.ingest.builders import AUTH, EVENT
from tradewatch.ingest.edge import stop_edge
from tradewatch.ingest.stats import EdgeStats
from tradewatch.ingest.tallying import EdgeTally, edge_between, edge_totals


def minutes() -> tuple[int, int]:
    end = int(time.time()) // 60 * 60 + 120  # tests may run over a minute's end
    return end - 3600, end


@pytest.mark.django_db
def test_processes_are_added_up_and_nothing_is_counted_twice() -> None:
    one, other = EdgeStats(), EdgeStats()
    tallies = [EdgeTally(one), EdgeTally(other)]
    one.accepted, one.accepted_bytes, one.refused = 3, 300, Counter({401: 1})
    other.accepted, other.accepted_bytes, other.refused = 4, 400, Counter({401: 1, 503: 2})
    for tally in (*tallies, *tallies):
        tally.write()
    one.accepted += 1
    tallies[0].write()
    assert edge_totals() == EdgeStats(8, 700, Counter({401: 2, 503: 2}))
    assert edge_between(*minutes()) == EdgeStats(8, 0, Counter({401: 2, 503: 2}))
    assert edge_between(minutes()[0] - 7200, minutes()[0]) == EdgeStats()


@pytest.mark.django_db(transaction=True)
def test_a_web_process_that_stops_writes_what_it_counted() -> None:
    stats = EdgeStats(accepted=1)
    tally = EdgeTally(stats)
    tally.start()
    stats.refused[401] += 1
    tally.stop()
    assert (edge_totals().accepted, dict(edge_totals().refused)) == (1, {401: 1})


async def test_the_edge_counts_into_what_its_tally_writes(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(EdgeTally, "write", lambda self: written.extend(self._unwritten.take()))
    await client.post("/api/1/envelope/", content=EVENT, headers=AUTH)
    await client.post("/api/1/envelope/", content=EVENT)
    await asyncio.to_thread(stop_edge)
    assert dict(written) == {"accepted": 1, "edge.bytes": len(EVENT), "401": 1}
