"""Who digests looks for reference cycles seldom, but does look."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from tradewatch.celery import collect_less_often
from tradewatch.processes.collector import (
    OBJECTS_A_COLLECTION,
    SECONDS_A_COLLECTION,
    _Turns,
    collect_if_due,
    spare_the_collector,
)
from tradewatch.processes.digesting import digest_all


@pytest.fixture(autouse=True)
def usual_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    _Turns.last = None


class Row:
    """One half of what holds each other, as a row and its payload do."""

    def __init__(self) -> None:
        self.payload = [self]


def left_cycle() -> "weakref.ref[Row]":
    return weakref.ref(Row())


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


@pytest.mark.parametrize(
    ("seconds", "is_gone"), [(0.0, False), (SECONDS_A_COLLECTION - 1, False), (SECONDS_A_COLLECTION, True)]
)
def test_cycles_go_when_it_is_their_turn(seconds: float, is_gone: bool) -> None:
    spare_the_collector()
    assert _Turns.last is not None
    began = _Turns.last = _Turns.last - seconds
    left = left_cycle()
    collect_if_due()
    assert (left() is None) is is_gone
    assert (_Turns.last > began) is is_gone


def test_a_process_that_nobody_spared_is_left_to_python() -> None:
    gc.set_threshold(OBJECTS_A_COLLECTION)  # so that Python does not come for it meanwhile
    left = left_cycle()
    collect_if_due()
    assert left() is not None
    assert gc.collect()


@pytest.mark.django_db
def test_the_digest_takes_its_turns_even_while_nothing_waits() -> None:
    spare_the_collector()
    assert _Turns.last is not None
    _Turns.last -= SECONDS_A_COLLECTION
    left = left_cycle()
    digest_all(stop=threading.Event())
    assert left() is None
