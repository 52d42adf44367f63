import os
import threading
import time

from tests.backends import wait_until
from tradewatch.processes.coalesce import Coalescer


def test_the_first_signal_goes_out_at_once() -> None:
    got: list[str] = []
    Coalescer(got.append, interval_seconds=60).put("a")
    wait_until(lambda: got == ["a"], what="the signal")


def test_a_burst_of_equal_signals_becomes_few() -> None:
    got: list[str] = []
    coalescer = Coalescer(got.append, interval_seconds=0.1)
    started = time.monotonic()
    for _ in range(500):
        coalescer.put("a")
    time.sleep(0.3)
    assert 1 <= len(got) <= 1 + (time.monotonic() - started) / 0.1


def test_a_signal_during_the_pause_is_not_lost() -> None:
    got: list[str] = []
    coalescer = Coalescer(got.append, interval_seconds=0.05)
    coalescer.put("a")
    wait_until(lambda: got, what="the first")
    coalescer.put("b")
    wait_until(lambda: got == ["a", "b"], what="the second")


def test_a_failing_delivery_does_not_end_the_thread() -> None:
    got: list[str] = []

    def deliver(signal: str) -> None:
        if signal == "bad":
            raise ConnectionError("the broker is away")
        got.append(signal)

    coalescer = Coalescer(deliver, interval_seconds=0.01)
    coalescer.put("bad")
    coalescer.put("good")
    wait_until(lambda: got == ["good"], what="the good one")


def test_a_forked_process_starts_a_thread_of_its_own() -> None:
    got: list[str] = []
    coalescer = Coalescer(got.append, interval_seconds=0.01)
    coalescer.put("parent")
    wait_until(lambda: got, what="the parent's")
    pid = os.fork()
    if pid == 0:
        coalescer.put("child")
        deadline = time.monotonic() + 20
        while "child" not in got and time.monotonic() < deadline:
            time.sleep(0.01)
        os._exit(0 if "child" in got else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_many_threads_put_without_harm() -> None:
    got: list[int] = []
    coalescer = Coalescer(got.append, interval_seconds=0.001)
    threads = [threading.Thread(target=coalescer.put, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: sorted(got) == list(range(20)), what="all signals")
