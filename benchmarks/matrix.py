"""A matrix of 100 variants against a target of this machine, which takes 50 ms for an answer. `python -m benchmarks.matrix`

The target is a process of its own. Measured from asking for the matrix until its end is written: seconds, CPU seconds of
the process that sends, and how many were under way at once, as the target saw it; and how long it takes from the word
to cancel until the target has nothing under way, with answers that would take 30 s.
"""

import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.store import measured_apart, open_store

if TYPE_CHECKING:
    from debugging.models import DebugSession

VARIANTS, ANSWER_SECONDS, TRIES = 100, 0.05, 3
AXES = {"body account_id": [f"acc-{number}" for number in range(VARIANTS)]}


def measure_matrix() -> dict[str, Any]:
    return measured_apart("benchmarks.matrix")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        open_store(Path(home))
        from tests.debugging.batches.builders import order_session

        session = order_session()
        found: dict[str, Any] = {"variants": VARIANTS, "answer_milliseconds": ANSWER_SECONDS * 1000}
        for limit in (5, 20):
            with _target(ANSWER_SECONDS) as target:
                found[f"limit {limit}"] = _median([_matrix(session, target, limit) for _ in range(TRIES)])
        with _target(30.0) as target:
            found["cancelled_milliseconds"] = _median_of([_cancelled(session, target) for _ in range(TRIES)])
        found["load_average"] = os.getloadavg()[0]
    print(json.dumps(found, indent=1))


class _Far:
    """The target in its process. `state()` is (requests, under way, most at once)."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.port: int = line.recv()

    def state(self) -> tuple[int, int, int]:
        self._line.send("state")
        found: tuple[int, int, int] = self._line.recv()
        return found


def _serve(line: Connection, seconds: float) -> None:
    from tests.debugging.batches.servers import running_target

    with running_target(seconds=seconds) as target:
        line.send(target.port)
        while line.recv() == "state":
            line.send((len(target.asked), target.under_way, target.most_at_once))
            target.most_at_once = target.under_way


@contextmanager
def _target(seconds: float) -> Iterator[_Far]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, seconds))
    process.start()
    try:
        yield _Far(ours)
    finally:
        ours.send("end")
        process.join(10)


def _matrix(session: "DebugSession", target: _Far, limit: int) -> dict[str, float]:
    from debugging.choices import BatchState

    before, _, _ = target.state()
    started, used = time.perf_counter(), time.process_time()
    batch = _asked(session, target, limit)
    asked = time.perf_counter() - started
    _run(batch)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    batch.refresh_from_db()
    count, _, most = target.state()
    assert (batch.state, count - before) == (BatchState.DONE, VARIANTS), (batch.state, count - before)
    assert 1 < most <= limit, most
    return {"seconds": seconds, "of which asking": asked, "cpu_seconds": cpu, "most_at_once": most}


def _cancelled(session: "DebugSession", target: _Far) -> float:
    from django.utils import timezone

    from debugging.batches.services import cancel
    from tradewatch.core.actors import SYSTEM

    batch = _asked(session, target, 20)
    runner = _started()
    while target.state()[1] < 20:
        time.sleep(0.005)
    before = target.state()[0]
    started = time.perf_counter()
    cancel(SYSTEM, batch, now=timezone.now())
    while target.state()[1]:
        time.sleep(0.002)
    took = time.perf_counter() - started
    _wait(runner)
    assert target.state()[0] == before, "one was sent after it was cancelled"
    return took * 1000


def _asked(session: "DebugSession", target: _Far, limit: int) -> Any:
    from django.utils import timezone

    from debugging.batches.services import ask_matrix
    from debugging.models import ReplayTarget
    from tests.debugging.batches.builders import make_target
    from tradewatch.core.actors import SYSTEM

    ReplayTarget.objects.all().delete()
    make_target(f"http://127.0.0.1:{target.port}", most_at_once=20, timeout_seconds=60)
    return ask_matrix(SYSTEM, session, "staging", axes=AXES, at_once=limit, now=timezone.now())


def _run(batch: Any) -> None:
    _wait(_started())


def _started() -> Any:
    from django.utils import timezone

    from debugging.batches.holding import Runner
    from debugging.batches.running import run_batch

    runner = Runner(run_batch)
    assert runner.start_due(timezone.now()) == 1
    return runner


def _wait(runner: Any) -> None:
    from debugging.batches.holding import BATCHES_AT_ONCE

    while runner.free < BATCHES_AT_ONCE:
        time.sleep(0.005)


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: _median_of([run[name] for run in runs]) for name in runs[0]}


def _median_of(values: list[float]) -> float:
    return round(statistics.median(values), 3)


if __name__ == "__main__":
    main()
