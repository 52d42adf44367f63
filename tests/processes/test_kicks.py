from typing import Any

import pytest
from celery import Celery
from django.core.cache import cache

from tradewatch.celery import app as tradewatch_app
from tradewatch.celery import let_it_be_kicked_again
from tradewatch.processes import kicks
from tradewatch.processes.kicks import TASKS, celery_kicker


class _Noting(Celery):
    """An app that notes what it would queue, as (task, id)."""

    def __init__(self) -> None:
        super().__init__()
        self.queued: list[tuple[str, str]] = []
        self.expires: list[float] = []

    def send_task(self, name: str, *_: Any, **options: Any) -> None:  # type: ignore[override]
        self.queued.append((name, options["task_id"]))
        self.expires.append(options["expires"])


class _AtOnce:
    """Stands for the thread that carries kicks, and hands over each at once."""

    def __init__(self, deliver: Any, *, interval_seconds: float) -> None:
        self.put = deliver


@pytest.fixture(autouse=True)
def _without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kicks, "Coalescer", _AtOnce)
    for task in TASKS.values():
        cache.delete(kicks._mark(task))


def _begin(name: str, task_id: str) -> None:
    tradewatch_app.loader.import_default_modules()
    let_it_be_kicked_again(task_id=task_id, task=tradewatch_app.tasks[name])


def test_kicks_of_all_processes_are_one_task_until_it_begins() -> None:
    app = _Noting()
    here, elsewhere = celery_kicker(app), celery_kicker(app)
    for _ in range(50):
        here("digest")
        elsewhere("digest")
    ((name, first),) = app.queued
    _begin(name, first)
    here("digest")
    elsewhere("digest")
    assert [name for name, _ in app.queued] == [TASKS["digest"]] * 2


def test_one_kind_of_work_does_not_hold_up_another() -> None:
    app = _Noting()
    for work in TASKS:
        celery_kicker(app)(work)
    assert [name for name, _ in app.queued] == list(TASKS.values())


def test_a_tick_of_the_same_task_leaves_the_kick_that_waits() -> None:
    app = _Noting()
    kick = celery_kicker(app)
    kick("alerts")
    _begin(TASKS["alerts"], "a tick's")
    kick("alerts")
    assert len(app.queued) == 1


def test_the_mark_of_a_kick_ends_when_the_kick_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody took is followed by another."""
    seconds: list[float] = []
    monkeypatch.setattr(kicks.cache, "add", lambda key, value, timeout: seconds.append(timeout) or True)
    app = _Noting()
    for _ in range(2):
        celery_kicker(app)("deliver")
    assert (app.expires, len(app.queued)) == (seconds, 2)


def test_each_kick_has_a_task() -> None:
    tradewatch_app.loader.import_default_modules()
    assert set(TASKS.values()) <= tradewatch_app.tasks.keys()
