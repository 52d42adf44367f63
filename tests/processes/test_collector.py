"""Workers of a grown install look for reference cycles as seldom as the embedded one."""

import gc
from collections.abc import Iterator

import pytest
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from tradewatch.celery import collect_less_often
from tradewatch.processes.collector import OBJECTS_A_COLLECTION


@pytest.fixture(autouse=True)
def usual_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize(("redis_url", "expected"), [("redis://127.0.0.1:1/0", OBJECTS_A_COLLECTION), ("", 700)])
def test_a_worker_process_of_its_own_collects_less_often(
    monkeypatch: pytest.MonkeyPatch, redis_url: str, expected: int
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", redis_url)
    collect_less_often()
    assert gc.get_threshold()[0] == expected
    assert bool(gc.get_freeze_count()) == bool(redis_url)


def test_it_is_told_by_each_worker_and_each_of_its_processes() -> None:
    for signal in (worker_init, worker_process_init):
        assert collect_less_often in [receiver() for _, receiver in signal.receivers]
