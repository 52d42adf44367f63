import os
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from unittest.mock import patch

import pytest
import time_machine
from celery.beat import ScheduleEntry, Scheduler

from tests.servers import ROOT
from tradewatch.celery import app
from tradewatch.processes.beat import GROWN, OFTEN, SCHEDULE
from tradewatch.processes.kicks import TASKS


@pytest.mark.parametrize("name", [*SCHEDULE, *GROWN, *TASKS.values()])
def test_every_name_on_the_clock_is_a_task(name: str) -> None:
    module, _, function = name.rpartition(".")
    import_module(module)
    assert name in app.tasks
    assert callable(getattr(import_module(module), function))


def test_every_task_of_ours_is_on_the_clock_or_kicked() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {*SCHEDULE, *GROWN, *TASKS.values()}


def test_a_late_tick_expires_instead_of_piling_up_and_not_before_busy_workers_come_to_it() -> None:
    expiries = {
        entry["options"]["expires"] / max(entry["schedule"], 15) for entry in [*SCHEDULE.values(), *GROWN.values()]
    }
    assert expiries == {1}


def test_a_worker_of_its_own_finds_the_settings() -> None:
    """As `celery -A tradewatch worker` and `beat` do: nobody has named the settings for them."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    program = "from tradewatch.celery import app; print(len(app.conf.beat_schedule))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, int(done.stdout or 0) >= len(OFTEN)) == (0, True), done.stderr


class _Noting(Scheduler):
    """A scheduler that notes what it would queue."""

    queued = 0

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        self.queued += 1


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_was_wrong_for_a_while_stops_no_tick(hours: int) -> None:
    """Beat counts by the steady clock: by the other it would stand still for the hour that the clock is set back."""
    moment = [1000.0]
    with patch("tradewatch.processes.beat.monotonic", lambda: moment[0]):
        scheduler = _Noting(app, lazy=True)
        scheduler.merge_inplace(app.conf.beat_schedule)
        entries = len(scheduler.schedule)

        def tick_for_five_minutes() -> int:
            moment[0] += 300
            before = scheduler.queued
            while scheduler.tick() == 0:
                pass
            return scheduler.queued - before

        tick_for_five_minutes()
        with time_machine.travel(timedelta(hours=hours)):
            tick_for_five_minutes()
        assert tick_for_five_minutes() >= entries
