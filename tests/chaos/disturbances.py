"""What is done to a running TradeWatch: each a context that begins it, and ends it when it closes.

A process that was killed is started again as systemd would do it (`Restart=always`); nothing else is helped along.
"""

import contextlib
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

import psutil
import redis

from tests.backends import suspended, wait_until
from tests.chaos.stage import Stage
from tests.servers import wait_healthy
from tests.walks.test_kill import kill_embedded, kill_tree

HOUR_SECONDS = 3600.0
BACK_SECONDS = 3000.0  # less: what is older than an hour may go for room when the disk is full
_OUTSIDE = ("smtp", "upstream")


@dataclass(frozen=True)
class Disturbance:
    """`seconds` is how long it lasts in a walk; `lack` says why a stage cannot have it, empty if it can."""

    name: str
    at: Callable[[Stage], AbstractContextManager[None]]
    seconds: float = 2.0
    lack: Callable[[Stage], str] = lambda stage: ""


# --- processes --------------------------------------------------------------------------------------------------------
@contextmanager
def killed_web(stage: Stage) -> Iterator[None]:
    """SIGKILL. Embedded it takes its worker along; grown it is the first of two."""
    if stage.is_embedded:
        kill_embedded(stage.server, is_web=True)
        yield
    else:
        with _killed("web0", stage):
            yield
    wait_healthy(stage.server)


@contextmanager
def killed_worker(stage: Stage) -> Iterator[None]:
    if not stage.is_embedded:
        with _killed("worker0", stage):
            yield
        return
    kill_embedded(stage.server, is_web=False)  # its web process starts it again
    yield


@contextmanager
def killed_relay(stage: Stage) -> Iterator[None]:
    """The child that sends to the upstream; its worker starts it again."""
    wait_until(lambda: _relay(stage), what="the relay's process", seconds=60)
    _relay(stage).kill()
    yield


def killed_beat(stage: Stage) -> AbstractContextManager[None]:
    return _killed("beat", stage)


@contextmanager
def _killed(name: str, stage: Stage) -> Iterator[None]:
    process = stage.server.processes[name]
    kill_tree(process.pid)
    process.wait(10)
    yield
    stage.server.start(name, process.args)  # type: ignore[arg-type]


@contextmanager
def stopped(name: str, stage: Stage) -> Iterator[None]:
    """SIGSTOP of a process and its children, as on a machine that hangs; SIGCONT afterwards."""
    if stage.is_embedded:
        pid = stage.server.worker_pid() if name == "worker" else stage.server.processes["serve"].pid
    else:
        pid = stage.server.processes[name].pid
    everyone = [psutil.Process(pid), *(psutil.Process(pid).children(recursive=True) if name != "web" else [])]
    with suspended(everyone):
        yield


def _relay(stage: Stage) -> psutil.Process:
    children = psutil.Process(stage.server.worker_pid()).children()
    return next(child for child in children if "relay" in child.cmdline())


# --- what is around it ------------------------------------------------------------------------------------------------
@contextmanager
def refused(names: tuple[str, ...], stage: Stage) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(stage.proxies[name].refusing())
        yield


@contextmanager
def silent(names: tuple[str, ...], stage: Stage) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(stage.proxies[name].silent())
        yield


@contextmanager
def cut(names: tuple[str, ...], every: int, stage: Stage) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(stage.proxies[name].cutting(every))
        yield


@contextmanager
def slow(names: tuple[str, ...], seconds: float, stage: Stage) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(stage.proxies[name].slow(seconds))
        yield


@contextmanager
def emptied_redis(stage: Stage) -> Iterator[None]:
    """All connections break, and Redis comes back without what it held, as after a restart."""
    with stage.proxies["redis"].refusing():
        redis.Redis.from_url(stage.redis_url).flushall()
        yield


# --- clock and disk ---------------------------------------------------------------------------------------------------
@contextmanager
def skewed_clock(seconds: float, stage: Stage) -> Iterator[None]:
    """The clock of all processes jumps by so much, and back. Meanwhile nothing outside answers, and a worker dies: what
    they leave for later carries the wrong time."""
    _set_clock(stage, seconds)
    try:
        if seconds > 0:  # it is by that sign that a clock that was set back is noticed
            wait_until(stage.store.clock_is_ahead, what="a tick of the wrong clock", seconds=60)
        with refused(_OUTSIDE, stage):
            yield
            with killed_worker(stage):
                pass
    finally:
        _set_clock(stage, 0.0)


def _set_clock(stage: Stage, seconds: float) -> None:
    """Return once the web processes tell the new time; the others look as often."""
    stage.clock.write_text(str(seconds))
    for url in stage.server.urls:
        wait_until(lambda url=url: abs(_seconds_off(url) - seconds) < 60, what="the new time", seconds=60)


def _seconds_off(url: str) -> float:
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


@contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """The file system of the data shrinks to what is on it, and grows again. Senders are refused before it does."""
    stage.store.empty_logs()  # what they hold may be overwritten without asking the disk
    _resize(stage, shrink=True)
    before = sum(stage.traffic.refused.values())
    try:
        wait_until(lambda: sum(stage.traffic.refused.values()) > before + 3, what="refusals", seconds=60)
        yield
    finally:
        _resize(stage, shrink=False)


def _resize(stage: Stage, *, shrink: bool) -> None:
    assert stage.disk is not None
    about = os.statvfs(stage.disk)
    used = (about.f_blocks - about.f_bfree) * about.f_frsize
    size = str(used) if shrink else "1g"
    subprocess.run(["mount", "-o", f"remount,size={size}", stage.disk], check=True)


def _no_disk(stage: Stage) -> str:
    return "" if stage.disk else "a file system of its own needs root and the right to mount"


def _clock(seconds: float) -> Disturbance:
    name = "the clock jumps an hour ahead, and back" if seconds > 0 else "the clock jumps 50 minutes back, and ahead"
    return Disturbance(name, partial(skewed_clock, seconds), 3.0)


_REFUSED = Disturbance("SMTP and upstream refuse", partial(refused, _OUTSIDE), 3.0)
_CUT = Disturbance("SMTP and upstream break off in the middle", partial(cut, _OUTSIDE, 5), 3.0)
EMBEDDED = (
    Disturbance("kill -9 of the web process", killed_web),
    Disturbance("kill -9 of the worker", killed_worker),
    Disturbance("kill -9 of the relay's process", killed_relay),
    Disturbance("the web process is stopped", partial(stopped, "web")),
    Disturbance("the worker is stopped", partial(stopped, "worker"), 3.0),
    _REFUSED,
    Disturbance("SMTP and upstream say nothing", partial(silent, _OUTSIDE), 3.0),
    _CUT,
    Disturbance("SMTP and upstream are slow", partial(slow, _OUTSIDE, 0.2)),
    _clock(HOUR_SECONDS),
    _clock(-BACK_SECONDS),
    Disturbance("the disk is full", full_disk, 4.0, _no_disk),
)
GROWN = (
    Disturbance("kill -9 of a web process", killed_web),
    Disturbance("kill -9 of a worker", killed_worker),
    Disturbance("kill -9 of beat", killed_beat),
    Disturbance("a web process is stopped", partial(stopped, "web1")),
    Disturbance("a worker is stopped", partial(stopped, "worker1"), 3.0),
    Disturbance("PostgreSQL refuses", partial(refused, ("postgres",)), 3.0),
    Disturbance("PostgreSQL says nothing", partial(silent, ("postgres",)), 3.0),
    Disturbance("PostgreSQL breaks off in the middle", partial(cut, ("postgres",), 40), 3.0),
    Disturbance("Redis is lost, and comes back empty", emptied_redis, 3.0),
    Disturbance("Redis says nothing", partial(silent, ("redis",)), 3.0),
    Disturbance("Redis breaks off in the middle", partial(cut, ("redis",), 20), 3.0),
    Disturbance("PostgreSQL and Redis are slow", partial(slow, ("postgres", "redis"), 0.01)),
    _REFUSED,
    _CUT,
    _clock(HOUR_SECONDS),
    _clock(-BACK_SECONDS),
)
