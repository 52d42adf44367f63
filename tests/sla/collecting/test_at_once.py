"""Collectors that run at once, while more is counted, end in what was counted."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from sla.collecting import collect
from sla.minutes.values import UNIT, Sums
from sla.models import HourSpread
from tests.at_once import until_done
from tests.performance.traces.items import digest, make_item
from tests.projects.builders import make_project
from tests.sla.collecting.test_ticks import LAST, NOW, asked, sums

ROUNDS, COLLECTORS = 8, 3


@pytest.mark.django_db(transaction=True)
def test_collectors_at_once_end_in_what_was_counted() -> None:
    project = make_project()
    measure = asked(project, "percentile", threshold_seconds=1)

    def count(number: int) -> None:
        with transaction.atomic():  # as the queue digests
            digest(project, make_item(number, seconds=0.1 * number), make_item(number + 100, end=LAST - 30 * number))

    in_threads(count, *[lambda number: collect(NOW + timedelta(seconds=number))] * COLLECTORS)
    collect(NOW + timedelta(minutes=1))
    found = sums(measure)
    assert (found.received, found.valid) == (2 * ROUNDS, 2 * ROUNDS * UNIT)
    assert isinstance(found, Sums) and HourSpread.objects.filter(hour=LAST // 3600).count() == 1
    before = sums(measure)
    assert collect(NOW + timedelta(minutes=2)) == 0 and sums(measure) == before


def in_threads(*acts: Callable[[int], object]) -> None:
    barrier, failures = threading.Barrier(len(acts)), []  # type: ignore[var-annotated]

    def run(act: Callable[[int], object]) -> None:
        try:
            barrier.wait(10)
            for number in range(ROUNDS):
                until_done(partial(act, number))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
