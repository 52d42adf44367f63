"""What is noted of a clearing, by several turns too."""

import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.performance.logs.builders import NOW
from tradewatch.performance.disk.watching import note_begin, note_cleared, note_end, watched

THREADS, NOTES = 4, 10


@pytest.mark.django_db
def test_one_that_is_under_way_goes_on_with_what_it_took_and_the_next_begins_with_nothing() -> None:
    note_begin(NOW)
    note_cleared({"logs": 2})
    note_begin(NOW + timedelta(seconds=5))
    note_cleared({"logs": 1, "events": 3})
    watch = watched()
    assert (watch.began_at, watch.cleared, watch.is_clearing) == (NOW, {"logs": 3, "events": 3}, True)
    note_end(NOW + timedelta(seconds=9))
    assert watched().cleared == {"logs": 3, "events": 3} and not watched().is_clearing
    note_begin(NOW + timedelta(seconds=20))
    assert watched().cleared == {} and watched().is_clearing


@pytest.mark.django_db(transaction=True)
def test_of_notes_at_once_each_counts(caplog: pytest.LogCaptureFixture) -> None:
    note_begin(NOW)
    barrier = threading.Barrier(THREADS)

    def note() -> None:
        try:
            barrier.wait(60)
            for _ in range(NOTES):
                note_cleared({"logs": 1})
        finally:
            connection.close()

    threads = [threading.Thread(target=note) for _ in range(THREADS)]
    with caplog.at_level(logging.WARNING):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # SQLite in memory, as tests have it, refuses at once where a file lets a writer wait.
    refused = sum("could not be noted" in record.getMessage() for record in caplog.records)
    assert watched().cleared.get("logs", 0) == THREADS * NOTES - refused > 0
