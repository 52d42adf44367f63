"""A real server at half of its maximal rate for long: does memory, latency or disk grow beyond what was foreseen?

    python -m benchmarks.soak --minutes 30 [--warm-up 11] [--rate EVENTS_A_SECOND] [--samples FILE]

Without a rate the maximum is measured first, end to end. Prints a table of the run and a verdict for each figure; the exit
code is 1 when one of them rises. Memory is PSS. The minutes are those of a server that has been running: it is first told
of what happened in the two hours before, because the dashboard shows an hour beside the hour before it, then loaded for
two minutes, whose buckets are copied into those hours (`history`): they are as dense as what follows. Then it is loaded
for eleven minutes, in which caches fill and the inbox, which keeps ten minutes, comes to be cleaned for the first time.
Growth of latency is that at an even speed of the machine, as long as a fixed piece of work, timed beside it, shows that
the machine itself became neither slower nor faster over the run: then it explains minutes, and can hide no trend.
"""

import argparse
import http.client
import json
import sqlite3
import subprocess
import sys
import threading
import time
from asyncio import run
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from benchmarks.footprint import used_bytes
from benchmarks.history import HOUR, MINUTE, copy_back
from benchmarks.live import log_in
from benchmarks.load import GENERATOR, ask, dead, digested, send_and_digest
from benchmarks.slopes import Sample, trend
from tests.servers import Server, running_embedded
from tests.walks.senders import envelope

PAGES = {"issue list": "/issues", "dashboard": "/error-dashboard.html"}
INGEST = "ingest"
SAMPLES, PROBE_SECONDS, ENVELOPES_A_PAGE = 240, 0.1, 5
WARM_UP_MINUTES = 11.0  # what was digested stays in the inbox for ten, and is cleared away each minute
MEMORY_BOUND, LATENCY_BOUND_MS, DISK_BOUND, EVEN_BOUND = 0.05, {0.5: 10.0, 0.99: 50.0}, 0.10, 0.10
HISTORY = ("--events", "60000", "--spread", "7500")  # about 480 a minute: each issue and transaction in each minute
HISTORY_MINUTES, SETTLED_SECONDS = 125, 10
LOAD = ("--level", "1", "--transactions", "0.2", "--prebuild-mb", "0", "--concurrency", "16")


@dataclass
class Watch:
    """Samples by name, each (seconds since the start, value): PSS in MB, latency in ms, disk in bytes.

    `machine`: ms of CPU that a fixed piece of work took.
    """

    dsn: str
    warm_seconds: float
    started: float = field(default_factory=time.monotonic)
    memory: dict[str, list[Sample]] = field(default_factory=dict)
    latency: dict[str, list[Sample]] = field(default_factory=dict)
    disk: dict[str, list[Sample]] = field(default_factory=dict)
    digested: list[Sample] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    machine: list[Sample] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def length(self) -> float:
        """Return when the last sample was taken."""
        return self.digested[-1][0] if self.digested else 0.0

    def sample(self, server: Server) -> None:
        for role, megabytes in memory_by_role(server).items():
            self.memory.setdefault(role, []).append((self.seconds, megabytes))
        self.digested.append((self.seconds, float(envelopes_digested(server))))
        self.disk.setdefault("store", []).append((self.seconds, float(used_bytes(server))))
        files = sum(each.stat().st_size for each in server.home.glob("inbox.sqlite3*"))
        self.disk.setdefault("inbox", []).append((self.seconds, float(files)))

    def probe(self, server: Server, cookies: str, until: threading.Event) -> None:
        """Ask in turn, from a thread: a few envelopes for each time that a page is read."""
        parts = urlsplit(self.dsn)
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"}
        connection = http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=60)
        while not until.is_set():
            self.machine.append((self.seconds, fixed_work()))
            for name, path in PAGES.items():
                for _ in range(ENVELOPES_A_PAGE):
                    body = envelope(uuid4().hex)
                    self._time(INGEST, connection, ("POST", f"/api{parts.path}/envelope/", body, headers))
                    until.wait(PROBE_SECONDS)
                self._time(name, connection, ("GET", path, None, {"Cookie": cookies}))

    def _time(self, name: str, connection: http.client.HTTPConnection, request: tuple) -> None:
        started = time.monotonic()
        connection.request(*request)
        answer = connection.getresponse()
        answer.read()
        self.latency.setdefault(name, []).append((self.seconds, 1000 * (time.monotonic() - started)))
        if answer.status != 200:
            self.failed[name] = self.failed.get(name, 0) + 1


def fixed_work() -> float:
    """Return the ms of CPU that work took which is always the same: how fast a core is now, whoever else uses it.

    By the thread's own clock: waiting for a core, which a busier server would cause, is not in it.
    """
    sums: dict[int, int] = {}
    started = time.thread_time()
    for number in range(60_000):
        sums[number % 997] = sums.get(number % 997, 0) + number
    return 1000 * (time.thread_time() - started)


def memory_by_role(server: Server) -> dict[str, float]:
    """Return PSS in MB by what `manage.py` was told to do."""
    root = psutil.Process(server.processes["serve"].pid)
    found: dict[str, float] = {}
    for process in [root, *root.children(recursive=True)]:
        try:
            command = process.cmdline()
            role = next((word for word in ("serve", "work", "relay", "prepare") if word in command), "other")
            found[role] = found.get(role, 0.0) + process.memory_full_info().pss / 1e6
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue  # a short helper that has just ended
    return found


def envelopes_digested(server: Server) -> int:
    return ask(server, "SELECT COALESCE(SUM(digested_count), 0) FROM inbox_cursor")


def measured_maximum() -> float:
    """Return how many envelopes a second the same server takes end to end, in the same mix."""
    with running_embedded() as server:
        send_and_digest(server, "--events", "1000", *LOAD, counted=envelopes_digested)
        return send_and_digest(
            server, "--events", "15000", *LOAD[:4], "--concurrency", "16", counted=envelopes_digested
        ).per_second


def make_history(server: Server, rate: float) -> None:
    """Leave two hours behind that pages read as long as two hours under this load."""
    send_and_digest(server, *HISTORY, *LOAD, counted=envelopes_digested)
    send_and_digest(server, "--rate", str(rate), "--duration", "125", *LOAD, counted=envelopes_digested)
    now = int(time.time())
    with closing(sqlite3.connect(server.home / "tradewatch.sqlite3", timeout=60)) as database:
        rows = copy_back(database, MINUTE, (now - SETTLED_SECONDS) // MINUTE * MINUTE - MINUTE, HISTORY_MINUTES)
        rows += copy_back(database, HOUR, now // HOUR * HOUR, HISTORY_MINUTES // 60)
    print(f"history of {rows:,} buckets", flush=True)


def soak(minutes: float, warm_up: float, rate: float) -> tuple[Watch, dict[str, float]]:
    """Return what was sampled, and what was there in the end."""
    with running_embedded() as server:
        cookies = "; ".join(f"{name}={value}" for name, value in run(log_in(server)).items())
        make_history(server, rate)
        before, watch = envelopes_digested(server), Watch(server.dsn, 60 * warm_up)
        with _load(server, rate, warm_up + minutes) as generator, _probing(watch, server, cookies):
            while generator.poll() is None:
                watch.sample(server)
                time.sleep(max(2.0, 60 * minutes / SAMPLES))
        sent = json.loads(generator.stdout.read()) if generator.stdout else {}
        ended = time.monotonic()
        server.drain(timeout=300)
        probes = len(watch.latency[INGEST])
        return watch, {
            "accepted": sent["accepted"] + probes,
            "refused": sent["sent"] - sent["accepted"],
            "digested": envelopes_digested(server) - before,
            "errors_counted": digested(server),
            "dead": dead(server),
            "digested_after_s": round(time.monotonic() - ended, 1),
        }


@contextmanager
def _load(server: Server, rate: float, minutes: float) -> Iterator["subprocess.Popen[str]"]:
    options = ("--rate", str(rate), "--duration", str(60 * minutes), *LOAD)
    command = [sys.executable, str(GENERATOR), "--dsn", server.dsn, "--gzip", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def _probing(watch: Watch, server: Server, cookies: str) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=watch.probe, args=(server, cookies, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


# --- what came of it --------------------------------------------------------------------------------------------------
def verdicts(watch: Watch) -> list[tuple[str, str, str, str]]:
    """Return (figure, mean, growth since it was warm with 95 % confidence, verdict)."""
    start = watch.warm_seconds
    found: list[tuple[str, str, str, str]] = []
    for role in ("serve", "work"):
        grown = trend([each for each in watch.memory[role] if each[0] >= start])
        words = grown.verdict(bound=MEMORY_BOUND * grown.mean)
        found.append((f"memory of {role}, MB", f"{grown.mean:.0f}", f"{grown.low:+.1f} to {grown.high:+.1f}", words))
    machine = [each for each in watch.machine if each[0] >= start]
    speed = trend(machine, quantile=0.5)
    is_even = max(abs(speed.low), abs(speed.high)) <= EVEN_BOUND * speed.mean
    about = f"{speed.low:+.2f} to {speed.high:+.2f}"
    found.append(("fixed work, ms of CPU", f"{speed.mean:.2f}", about, "even" if is_even else "uneven: left out"))
    for name, samples in watch.latency.items():
        for quantile, bound in LATENCY_BOUND_MS.items():
            after = [each for each in samples if each[0] >= start]
            grown = trend(after, quantile=quantile, machine=machine if is_even else ())
            words = grown.verdict(bound=max(bound, 0.2 * grown.mean))
            about = f"{grown.low:+.1f} to {grown.high:+.1f}"
            found.append((f"{name}, p{100 * quantile:.0f} ms", f"{grown.mean:.1f}", about, words))
    return [*found, *_of_disk(watch, start)]


def _of_disk(watch: Watch, start: float) -> Iterator[tuple[str, str, str, str]]:
    """The store grows by as many bytes an envelope as in the warm-up, and the inbox no more: it holds ten minutes."""
    for name, samples in watch.disk.items():
        at = next(index for index, each in enumerate(samples) if each[0] >= start)
        early, late = samples[at], samples[-1]
        if name == "store":
            first = samples[0][1]
            each = (early[1] - first) / max(1.0, watch.digested[at][1] - watch.digested[0][1])
            foreseen = first + each * (watch.digested[-1][1] - watch.digested[0][1])
        else:
            foreseen = early[1]
        over = late[1] / foreseen - 1
        words = "as foreseen" if over <= DISK_BOUND else "more than foreseen"
        yield f"{name} on disk, MB", f"{late[1] / 1e6:.0f}", f"foreseen {foreseen / 1e6:.0f} ({over:+.1%})", words


def rows(watch: Watch, parts: int = 8) -> Iterator[str]:
    """Yield the run in equal parts as lines of a table."""
    yield "| minutes | serve MB | work MB | with helpers MB | ingest p50 / p99 | issue list | dashboard | store MB | inbox MB |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for part in range(parts):
        low, high = (watch.length * edge / parts for edge in (part, part + 1))
        memory = {role: _mean(samples, low, high) for role, samples in watch.memory.items()}
        latency = [_quantiles(watch.latency[name], low, high) for name in (INGEST, *PAGES)]
        disk = [f"{_mean(samples, low, high) / 1e6:.0f}" for samples in watch.disk.values()]
        shown = [f"{memory[role]:.0f}" for role in ("serve", "work")] + [f"{sum(memory.values()):.0f}"]
        yield f"| {low / 60:.1f} to {high / 60:.1f} | {' | '.join([*shown, *latency, *disk])} |"


def _mean(samples: list[Sample], low: float, high: float) -> float:
    inside = [value for at, value in samples if low <= at < high]
    return sum(inside) / len(inside) if inside else 0.0


def _quantiles(samples: list[Sample], low: float, high: float) -> str:
    inside = sorted(value for at, value in samples if low <= at < high) or [float("nan")]
    return " / ".join(f"{inside[int(share * (len(inside) - 1))]:.1f}" for share in (0.5, 0.99))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=WARM_UP_MINUTES, help="minutes under load before those")
    parser.add_argument("--rate", type=float, default=0.0, help="envelopes a second; 0: half of what is measured first")
    parser.add_argument("--samples", type=Path, help="where to leave what was sampled, as JSON")
    asked = parser.parse_args()
    rate = asked.rate
    if not rate:
        maximum = measured_maximum()
        rate = round(maximum / 2)
        print(f"maximum {maximum:.0f}/s", flush=True)
    begun = f"{asked.warm_up:g} and {asked.minutes:g} minutes at {rate:.0f}/s"
    print(f"{begun}, load {psutil.getloadavg()[0]:.1f}", flush=True)
    watch, ended = soak(asked.minutes, asked.warm_up, rate)
    if asked.samples is not None:
        sampled = {"memory": watch.memory, "latency": watch.latency, "disk": watch.disk}
        asked.samples.write_text(json.dumps({**sampled, "digested": watch.digested, "machine": watch.machine}))
    print("\n".join(rows(watch)), end="\n\n")
    found = verdicts(watch)
    for line in found:
        print(f"| {' | '.join(line)} |")
    print(json.dumps({**ended, "failed_probes": watch.failed, "load": round(psutil.getloadavg()[0], 1)}))
    is_whole = ended["digested"] == ended["accepted"] and not ended["dead"] and not watch.failed
    return 0 if is_whole and not any(words in ("rises", "more than foreseen") for *_, words in found) else 1


if __name__ == "__main__":
    sys.exit(main())
