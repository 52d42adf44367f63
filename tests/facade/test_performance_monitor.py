"""`performance_monitor`: as the seed shows it, never in the way of what it measures, weights right."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk import Client
from sentry_sdk.transport import Transport

from tests.backends import wait_until
from tests.facade.conftest import DSN
from tests.facade.recording import BrokenTransport, RecordingTransport
from tradewatch.facade import performance_monitor as module
from tradewatch.facade.client import build_client
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.options import ClientOptions, MonitorOptions
from tradewatch.facade.performance_monitor import PerformanceMonitor


class MonitorBackend:
    def __init__(self, transport: Transport, options: MonitorOptions) -> None:
        self.transport, self.options, self.released = transport, options, 0
        self.is_connected = True

    def connect(self, project: str) -> Client | None:
        if not self.is_connected:
            return None
        return build_client(ClientOptions(DSN, environment="staging", release="api@1"), transport=self.transport)

    def monitor_options(self) -> MonitorOptions:
        return self.options

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def backend(transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch) -> MonitorBackend:
    backend = MonitorBackend(transport, MonitorOptions(traces_sample_rate=1.0, flush_interval_seconds=60.0))
    monkeypatch.setattr(module, "backend_of_this_process", lambda: backend)
    return backend


@pytest.fixture
def monitor(backend: MonitorBackend) -> Iterator[PerformanceMonitor]:
    monitor = PerformanceMonitor()
    yield monitor
    monitor.stop()


def items(transport: RecordingTransport, item_type: str) -> list[dict[str, Any]]:
    return [
        item.payload.json
        for envelope in transport.envelopes
        for item in envelope.items
        if item.type == item_type and isinstance(item.payload.json, dict)
    ]


def points(transport: RecordingTransport, name: str) -> list[dict[str, Any]]:
    return [
        point for container in items(transport, "trace_metric") for point in container["items"] if point["name"] == name
    ]


# --- requests -----------------------------------------------------------------------------------------------------
def test_the_seeds_example_becomes_a_transaction(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    before = time.time()
    with monitor.track_request("GET", "/api/users"):
        time.sleep(0.02)
    monitor.flush()
    [transaction] = items(transport, "transaction")
    assert (transaction["transaction"], transaction["environment"], transaction["release"]) == (
        "GET /api/users", "staging", "api@1",
    )  # fmt: skip
    assert (
        transaction["contexts"]["trace"]["status"] == "ok" and transaction["contexts"]["trace"]["op"] == "http.server"
    )
    assert 0.02 <= transaction["timestamp"] - transaction["start_timestamp"] < 2
    assert before <= transaction["timestamp"] <= time.time()


async def test_it_may_be_entered_with_async_with(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    async with monitor.track_request("GET", "/quotes") as request:
        await asyncio.sleep(0)
        request.set_status(404)
    monitor.flush()
    assert items(transport, "transaction")[0]["contexts"]["trace"]["status"] == "not_found"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("x"), "internal_error"),
        (asyncio.CancelledError(), "cancelled"),
        (KeyboardInterrupt(), "cancelled"),
    ],
)
def test_what_is_raised_goes_through_and_is_told(
    monitor: PerformanceMonitor, transport: RecordingTransport, error: BaseException, status: str
) -> None:
    with pytest.raises(type(error)), monitor.track_request("POST", "/orders") as request:
        request.set_status("ok")
        raise error
    monitor.flush()
    assert items(transport, "transaction")[0]["contexts"]["trace"]["status"] == status


def test_a_share_is_sent_and_says_what_it_stands_for(
    monitor: PerformanceMonitor, backend: MonitorBackend, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.options = MonitorOptions(traces_sample_rate=0.25, flush_interval_seconds=60.0)
    drawn = iter([0.1, 0.9, 0.2499, 0.25] * 100)
    monkeypatch.setattr(module.random, "random", lambda: next(drawn))
    for _ in range(400):
        with monitor.track_request("GET", "/quotes"):
            pass
    monitor.flush()
    of_requests = [each for each in transport.envelopes if each.items[0].type == "transaction"]
    sent = items(transport, "transaction")
    assert len(sent) == 200 and len({each["event_id"] for each in sent}) == 200
    assert [len(envelope.items) for envelope in of_requests] == [100, 100]
    assert {envelope.headers["trace"]["sample_rate"] for envelope in of_requests} == {"0.25"}
    assert not any("event_id" in envelope.headers for envelope in of_requests)  # each transaction has its own


def test_a_rate_of_nothing_sends_no_request_and_still_judges(
    monitor: PerformanceMonitor, backend: MonitorBackend, transport: RecordingTransport
) -> None:
    backend.options = MonitorOptions(traces_sample_rate=0.0, flush_interval_seconds=60.0)
    with monitor.track_request("GET", "/slow", threshold=0.0):
        time.sleep(0.01)
    monitor.flush()
    assert items(transport, "transaction") == []
    wait_until(lambda: items(transport, "tradewatch_threshold"), what="the crossing", seconds=5)


def test_a_request_that_the_applications_own_sdk_counts_is_not_counted_twice(
    monitor: PerformanceMonitor, transport: RecordingTransport
) -> None:
    own = Client(dsn="http://abc@127.0.0.1:9/2", traces_sample_rate=1.0, transport=RecordingTransport())
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(own)
        of_the_sdk = sentry_sdk.start_transaction(name="GET /api/users", op="http.server")
        with of_the_sdk, monitor.track_request("GET", "/api/users"):
            pass
    monitor.flush()
    assert items(transport, "transaction") == []


# --- functions ----------------------------------------------------------------------------------------------------
def test_a_function_becomes_a_metric(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    @monitor.track_performance("database_query", threshold=60.0)
    def query(value: int) -> int:
        if value < 0:
            raise ValueError("negative")
        return value

    assert query(7) == 7
    with pytest.raises(ValueError, match="negative"):
        query(-1)
    monitor.flush()
    found = points(transport, "function.duration")
    assert [point["attributes"]["outcome"]["value"] for point in found] == ["ok", "error"]
    assert {point["attributes"]["function"]["value"] for point in found} == {"database_query"}
    assert {(point["type"], point["unit"]) for point in found} == {("distribution", "second")}
    assert found[0]["attributes"]["sentry.environment"] == {"value": "staging", "type": "string"}
    assert items(transport, "tradewatch_threshold") == [] and items(transport, "transaction") == []


async def test_coroutines_are_measured_too(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    @monitor.track_performance("fetch")
    async def fetch() -> str:
        await asyncio.sleep(0.02)
        return "fetched"

    assert await fetch() == "fetched"
    monitor.flush()
    assert points(transport, "function.duration")[0]["value"] >= 0.02


def test_a_crossed_threshold_is_told_at_once_and_then_added_up(
    monitor: PerformanceMonitor, transport: RecordingTransport
) -> None:
    @monitor.track_performance("slow", threshold=0.005)
    def slow(seconds: float) -> None:
        time.sleep(seconds)

    slow(0.01)
    wait_until(lambda: items(transport, "tradewatch_threshold"), what="the first crossing", seconds=5)
    for seconds in (0.02, 0.04, 0.0):
        slow(seconds)
    assert len(items(transport, "tradewatch_threshold")) == 1
    monitor.flush()
    first, rest = items(transport, "tradewatch_threshold")
    assert (first["name"], first["count"], first["threshold_seconds"]) == ("slow", 1, 0.005)
    assert rest["count"] == 2 and 0.04 <= rest["worst_seconds"] < 2


# --- the process itself -------------------------------------------------------------------------------------------
def test_the_process_tells_its_cpu_and_memory(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    cpu_before, before = time.process_time(), time.monotonic()
    assert monitor.start()
    while time.process_time() - cpu_before < 0.2:
        sum(range(1000))
    monitor.flush()
    expected = (time.process_time() - cpu_before) / (time.monotonic() - before)
    [cpu], [memory] = points(transport, "process.cpu"), points(transport, "process.memory")
    assert cpu["value"] == pytest.approx(expected, rel=0.3) and cpu["unit"] == "ratio"
    lines = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
    assert memory["value"] == pytest.approx(resident, rel=0.2)
    assert points(transport, "process.threads")[0]["value"] >= 2


# --- its life -----------------------------------------------------------------------------------------------------
def test_it_runs_from_the_first_measurement_until_it_is_stopped(
    monitor: PerformanceMonitor, transport: RecordingTransport
) -> None:
    assert not monitor.running
    with monitor.track_request("GET", "/"):
        pass
    assert monitor.running
    monitor.stop()
    assert not monitor.running and len(items(transport, "transaction")) == 1
    with monitor.track_request("GET", "/"):
        pass
    assert not monitor.running
    assert monitor.start() and monitor.running
    monitor.flush()
    assert len(items(transport, "transaction")) == 1


def test_the_buffer_goes_out_on_its_own_clock(
    monitor: PerformanceMonitor, backend: MonitorBackend, transport: RecordingTransport
) -> None:
    backend.options = MonitorOptions(traces_sample_rate=1.0, flush_interval_seconds=0.2)
    with monitor.track_request("GET", "/"):
        pass
    wait_until(lambda: items(transport, "transaction"), what="the flush", seconds=5)
    wait_until(lambda: len(points(transport, "process.memory")) >= 3, what="more flushes", seconds=5)
    assert len(items(transport, "transaction")) == 1 and backend.released >= 2


def test_switched_off_or_with_nowhere_to_send_to_it_does_nothing(
    monitor: PerformanceMonitor, backend: MonitorBackend, transport: RecordingTransport
) -> None:
    backend.options = MonitorOptions(1.0, 60.0, is_enabled=False)
    with monitor.track_request("GET", "/"):
        pass
    assert not monitor.running and not monitor.start()
    backend.options, backend.is_connected = MonitorOptions(1.0, 60.0), False
    assert not monitor.start()
    monitor.flush()
    assert transport.envelopes == []


@pytest.mark.usefixtures("swallowing")
def test_a_broken_line_is_counted_and_the_application_goes_on(
    monitor: PerformanceMonitor, backend: MonitorBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.transport = BrokenTransport()
    assert monitor.track_performance("f")(lambda: 5)() == 5
    monitor.flush()
    assert failure_counts()["flush"] == 1

    def broken() -> Any:
        raise RuntimeError("no backend")

    monkeypatch.setattr(module, "backend_of_this_process", broken)
    other = PerformanceMonitor()
    assert other.track_performance("f")(lambda: 5)() == 5
    with other.track_request("GET", "/"):
        pass
    assert not other.start()
    assert failure_counts()["track_performance"] == 1 and failure_counts()["start"] == 1


@pytest.mark.usefixtures("swallowing")
def test_memory_is_bounded(
    monitor: PerformanceMonitor, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MOST_REQUESTS", "MOST_POINTS", "MOST_CROSSINGS"):
        monkeypatch.setattr(module, name, 3)
    for number in range(10):
        with monitor.track_request("GET", f"/{number}"):
            pass
        monitor.track_performance(f"f{number}")(lambda: None)()
    monitor.flush()
    assert len(items(transport, "transaction")) == 3 and len(points(transport, "function.duration")) == 3
    assert failure_counts()["performance_monitor"] == 14


def test_a_fork_measures_for_itself(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    with monitor.track_request("GET", "/parent"):
        pass
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        ran = monitor.running
        with monitor.track_request("GET", "/child"):
            pass
        monitor._send_all()
        names = ",".join(each["transaction"] for each in items(transport, "transaction"))
        os.write(writing, f"{ran} {monitor.running} {names}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000).decode() == "False True GET /child"
    monitor.flush()
    assert [each["transaction"] for each in items(transport, "transaction")] == ["GET /parent"]


def test_many_threads_lose_nothing(monitor: PerformanceMonitor, transport: RecordingTransport) -> None:
    measured = monitor.track_performance("f")(lambda: None)

    def work() -> None:
        for _ in range(200):
            measured()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monitor.flush()
    assert len(points(transport, "function.duration")) == 1000


def test_measuring_costs_microseconds(monitor: PerformanceMonitor) -> None:
    measured = monitor.track_performance("f", threshold=60.0)(lambda: None)
    measured()
    best = min(_seconds_of(measured, 500) for _ in range(5)) / 500
    assert best < 0.0002


def _seconds_of(function: Any, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        function()
    return time.perf_counter() - started
