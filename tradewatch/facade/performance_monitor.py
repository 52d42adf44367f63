"""`performance_monitor`: measures requests, functions and this process, and sends what it measured to TradeWatch.

Measuring takes microseconds and never raises (see `failures`); a thread sends. Requests become transactions, of which
the share SENTRY_TRACES_SAMPLE_RATE is sent, each saying what it stands for. Functions become the metric
`function.duration`. What is slower than its own threshold is told at once, as news for alert rules.
"""

import asyncio
import atexit
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

import sentry_sdk
from sentry_sdk import Client
from sentry_sdk.tracing import get_span_status_from_http_code

from tradewatch.facade.backends import Backend, backend_of_this_process
from tradewatch.facade.failures import count_failure, swallowed
from tradewatch.facade.measures import CANCELLED, FAILED, LONGEST_NAME, OK, Crossed, Origin, Point, Request, envelopes
from tradewatch.facade.process_metrics import ProcessMetrics
from tradewatch.facade.timing import timed

__all__ = ["PerformanceMonitor", "TrackedRequest", "performance_monitor", "track_performance"]

logger = logging.getLogger(__name__)

MOST_REQUESTS, MOST_POINTS, MOST_CROSSINGS = 5_000, 10_000, 200  # between two flushes: memory is the application's
EXIT_FLUSH_SECONDS = 3.0

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


class TrackedRequest:
    """A request under way: `with` and `async with` alike. What is raised in it counts as failed and goes through."""

    def __init__(self, monitor: "PerformanceMonitor", method: str, path: str, threshold: float | None) -> None:
        self._monitor, self._threshold = monitor, threshold
        self.name = f"{method} {path}"[:LONGEST_NAME]
        self._status: str | None = None
        self._started = time.perf_counter()

    def set_status(self, status: int | str) -> None:
        """Say how it went: an HTTP status, or a span status such as `ok`. Unsaid: ok, unless something is raised."""
        with swallowed("set_status"):
            self._status = get_span_status_from_http_code(status) if isinstance(status, int) else str(status)[:40]

    def __enter__(self) -> "TrackedRequest":
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._started
        status = self._status if error is None else None
        self._monitor._request_ended(self.name, seconds, status or _status_of(error), self._threshold)

    async def __aenter__(self) -> "TrackedRequest":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)


class PerformanceMonitor:
    """Starts with the first measurement, or when `start` is called; after `stop` it measures nothing until `start`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pid, self._is_stopped = 0, False
        self._wake, self._is_over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._client: Client | None = None
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    # --- what the application calls -------------------------------------------------------------------------------
    @property
    def running(self) -> bool:
        """Whether it measures and sends: it was started, by a first measurement or by `start`, and not stopped."""
        return self._thread is not None and self._pid == os.getpid() and self._thread.is_alive()

    def start(self) -> bool:
        """Begin measuring; return whether it runs. Not where SENTRY_ENABLE_PERFORMANCE_MONITORING is off, and not
        without a TradeWatch to send to."""
        with swallowed("start"), self._lock:
            self._is_stopped = False
            return self._start_once()
        return False

    def stop(self, *, timeout_seconds: float = EXIT_FLUSH_SECONDS) -> None:
        """Send what is left and measure nothing more, until `start`."""
        with swallowed("stop"):
            self._is_stopped = True
            thread, client = self._thread, self._client
            if thread is None or self._pid != os.getpid():
                return
            self._is_over.set()
            self._wake.set()
            thread.join(timeout_seconds)
            self._thread = self._client = None
            if client is not None:
                client.close(timeout=timeout_seconds)

    def track_request(self, method: str, path: str, *, threshold: float | None = None) -> TrackedRequest:
        """Return a context that measures a request. `path` is its route (`/orders/{id}`), not the address with ids.

        Inside a transaction of the application's own SDK it makes none: that request is counted already.
        """
        return TrackedRequest(self, method, path, threshold)

    def track_performance(
        self, name: str, threshold: float | None = None
    ) -> Callable[[Callable[Parameters, Returned]], Callable[Parameters, Returned]]:
        """Return a decorator that measures a function, coroutine or generator as `name`.

        A call that takes longer than `threshold` seconds is told to alert rules at once.
        """

        def decorate(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
            return timed(function, lambda seconds, error: self._function_ended(name, seconds, error, threshold))

        return decorate

    def flush(self, *, timeout_seconds: float = EXIT_FLUSH_SECONDS) -> None:
        """Send what was measured so far, in the caller's thread; waits at most `timeout_seconds` for the network."""
        with swallowed("flush"):
            self._send_all()
            if self._client is not None:
                self._client.flush(timeout=timeout_seconds)

    # --- measurements ---------------------------------------------------------------------------------------------
    def _request_ended(self, name: str, seconds: float, status: str, threshold: float | None) -> None:
        with swallowed("track_request"):
            if not self._is_on():
                return
            self._judge(name, seconds, threshold)
            span = sentry_sdk.get_current_span()
            is_counted_already = span is not None and span.containing_transaction is not None
            if is_counted_already or random.random() >= self._origin.sample_rate:  # noqa: S311  # a share, no secret
                return
            parent = (span.trace_id, span.span_id) if span is not None else None
            self._keep("requests", self._requests, Request(name, time.time(), seconds, status, parent), MOST_REQUESTS)

    def _function_ended(self, name: str, seconds: float, error: BaseException | None, threshold: float | None) -> None:
        with swallowed("track_performance"):
            if not self._is_on():
                return
            self._judge(name, seconds, threshold)
            attributes = {"function": str(name)[:LONGEST_NAME], "outcome": "ok" if error is None else "error"}
            point = Point("function.duration", "distribution", seconds, "second", time.time(), attributes)
            self._keep("points", self._points, point, MOST_POINTS)

    def _keep(self, what: str, kept: list[Returned], one: Returned, at_most: int) -> None:
        with self._lock:
            if len(kept) < at_most:
                kept.append(one)
                return
        count_failure("performance_monitor", f"too many {what} between two flushes")

    def _judge(self, name: str, seconds: float, threshold: float | None) -> None:
        """Remember a crossed threshold; the first of a name since the last flush is sent at once."""
        if threshold is None or not seconds > threshold:
            return
        name = str(name)[:LONGEST_NAME]
        with self._lock:
            known = self._crossed.get(name)
            if known is not None:
                known.add(seconds, time.time())
                return
            if len(self._crossed) >= MOST_CROSSINGS:
                count_failure("performance_monitor", "too many names crossed their threshold")
                return
            self._crossed[name] = Crossed(name, threshold, seconds, 1, time.time())
            if name not in self._told:
                self._told.add(name)
                self._urgent.add(name)
                self._wake.set()

    # --- sending --------------------------------------------------------------------------------------------------
    def _is_on(self) -> bool:
        if self._is_stopped:
            return False
        if self._pid == os.getpid():
            return self._thread is not None
        with self._lock:  # another thread may have begun: it sets the process id last
            return self._thread is not None if self._pid == os.getpid() else self._start_once()

    def _start_once(self) -> bool:
        """Start the thread of this process, once; anew after a fork, with nothing of what the parent measured."""
        if self._pid == os.getpid() and self._thread is not None:
            return True
        self._thread = self._client = None
        self._forget()
        try:
            return self._connect_and_run()
        finally:
            self._pid = os.getpid()  # whatever came of it: not every measurement tries anew

    def _connect_and_run(self) -> bool:
        backend = backend_of_this_process()
        options = backend.monitor_options()
        if not options.is_enabled:
            return False
        self._client = backend.connect("default")
        if self._client is None:
            logger.warning("performance monitor not connected: TRADEWATCH_DSN is not set")
            return False
        self._origin = Origin(
            str(self._client.options["environment"] or "production"),
            self._client.options["release"],
            options.traces_sample_rate,
        )
        self._wake, self._is_over = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(backend, options.flush_interval_seconds), name="tradewatch-monitor", daemon=True
        )
        self._thread.start()
        return True

    def _begin_anew(self) -> None:
        """In a forked child: its parent's thread is not there, and may have held the lock."""
        self._lock = threading.RLock()
        self._pid, self._thread, self._client = 0, None, None

    def _forget(self) -> None:
        self._requests: list[Request] = []
        self._points: list[Point] = []
        self._crossed: dict[str, Crossed] = {}
        self._told: set[str] = set()
        self._urgent: set[str] = set()
        self._origin = Origin("production", None, 0.0)
        self._process = ProcessMetrics()

    def _run(self, backend: Backend, interval_seconds: float) -> None:
        wake, is_over = self._wake, self._is_over
        due = time.monotonic() + interval_seconds
        while not is_over.is_set():
            wake.wait(max(0.0, due - time.monotonic()))
            wake.clear()
            is_due = time.monotonic() >= due or is_over.is_set()
            try:
                with swallowed("performance_monitor"):
                    self._send_all() if is_due else self._send_urgent()
            except Exception:  # noqa: S110  # tests let failures surface; here nobody is left to see them
                pass
            finally:
                backend.release()
            if is_due:
                due = time.monotonic() + interval_seconds

    def _send_urgent(self) -> None:
        with self._lock:
            crossed = [self._crossed.pop(name) for name in sorted(self._urgent) if name in self._crossed]
            self._urgent = set()
        self._send([], [], crossed)

    def _send_all(self) -> None:
        with self._lock:
            requests, self._requests = self._requests, []
            points, self._points = self._points, []
            crossed, self._crossed = list(self._crossed.values()), {}
            self._told, self._urgent = set(), set()
        if self._thread is not None:
            points += self._process.read()
        self._send(requests, points, crossed)

    def _send(self, requests: list[Request], points: list[Point], crossed: list[Crossed]) -> None:
        client = self._client
        if client is None or client.transport is None:
            return
        for envelope in envelopes(self._origin, requests, points, crossed):
            client.transport.capture_envelope(envelope)


def _status_of(error: BaseException | None) -> str:
    if error is None:
        return OK
    return FAILED if isinstance(error, Exception) and not isinstance(error, asyncio.CancelledError) else CANCELLED


performance_monitor = PerformanceMonitor()
track_performance = performance_monitor.track_performance
atexit.register(performance_monitor.stop)
