"""Side by side: fifty checks of which ten hang, and the forty notice nothing."""

import asyncio
import threading
import time
from typing import Any

import pytest

from tests.backends import wait_until
from tests.performance.checks.builders import http_server, make_plan
from tests.performance.checks.servers import silent_server
from tradewatch.performance.checks import runner as module
from tradewatch.performance.checks.choices import CheckKind, Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.runner import Runner
from tradewatch.performance.checks.running import Job

HANG_SECONDS = 8.0  # longer than a busy machine needs for the others


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[Answer, float]]:
    """Collects {check: (answer, seconds after the start)} in place of the database."""
    found: dict[int, tuple[Answer, float]] = {}
    started = time.monotonic()
    monkeypatch.setattr(
        module, "_write", lambda job, answer, at: found.__setitem__(job.check_id, (answer, time.monotonic() - started))
    )
    return found


def test_ten_of_fifty_hang_and_delay_nobody(written: dict[int, tuple[Answer, float]]) -> None:
    runner = Runner()
    with http_server() as fine, silent_server() as silent:
        hanging = [f"http://127.0.0.1:{silent}/", f"127.0.0.1:{silent}"]
        started = time.monotonic()
        for number in range(50):
            if number % 5 == 0:  # among the others, and the first to be started
                plan = make_plan(address=hanging[0], timeout_seconds=HANG_SECONDS)
                if number % 10 == 0:
                    dsn = f"postgresql://u@{hanging[1]}/x"
                    plan = make_plan(CheckKind.POSTGRES, connection=dsn, timeout_seconds=HANG_SECONDS)
            else:
                plan = make_plan(address=f"{fine.url}/{number}", timeout_seconds=HANG_SECONDS)
            runner.submit(Job(number, 1, plan))
        assert time.monotonic() - started < 1, "handing over waits for nobody"
        wait_until(lambda: len(written) >= 40, what="the forty", seconds=HANG_SECONDS)
        assert {number for number, (answer, _) in written.items() if answer.level == Level.OK} == {
            number for number in range(50) if number % 5
        }
        assert runner.free == module.RUNS_AT_ONCE - 10
        wait_until(lambda: len(written) == 50, what="the ten", seconds=HANG_SECONDS + 5)
    late = [taken for answer, taken in written.values() if answer.detail == f"no answer within {HANG_SECONDS:g} s"]
    fast = [taken for answer, taken in written.values() if answer.level == Level.OK]
    assert len(late) == 10 and max(fast) < min(late)
    wait_until(lambda: runner.free == module.RUNS_AT_ONCE, what="all places free")


def test_no_more_run_at_once_than_there_are_places(written: dict[int, Any]) -> None:
    over = threading.Event()

    async def probe(plan: Plan) -> Answer:
        await asyncio.to_thread(over.wait)
        return Answer(Level.OK, "fine")

    runner = Runner(probe, runs_at_once=3)
    for number in range(3):
        runner.submit(Job(number, 1, make_plan()))
    assert runner.free == 0
    over.set()
    wait_until(lambda: runner.free == 3 and len(written) == 3, what="their end")


def test_a_run_that_breaks_gives_its_place_back(written: dict[int, Any], caplog: pytest.LogCaptureFixture) -> None:
    async def probe(plan: Plan) -> Answer:
        raise RuntimeError("a fault of ours")

    runner = Runner(probe, runs_at_once=1)
    runner.submit(Job(1, 1, make_plan()))
    wait_until(lambda: runner.free == 1, what="its place")
    assert written == {} and "check was not run check=1" in caplog.text
