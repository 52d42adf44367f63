"""`manage.py agent`: reports this machine to a TradeWatch elsewhere.

Runs with the standard library and psutil alone. It collects on its own clock, whatever the server does; what could not
be sent waits in memory, bounded, and goes out when the server is back, each sample with its age.
"""

import argparse
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tradewatch.performance.hosts.collector import Collector, Sample, platform_words

VERSION = "0.1.0"
WAITING_AT_MOST = 720  # samples: twelve hours at one a minute, some 4 MB
OLDEST_SECONDS = 86_000.0  # the server takes a day
SENT_AT_ONCE = 60
TIMEOUT_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 300.0
SHORTEST_INTERVAL_SECONDS = 5.0
logger = logging.getLogger("tradewatch.agent")


@dataclass(frozen=True, slots=True)
class Options:
    url: str
    token: str
    name: str
    interval_seconds: float = 60.0
    project: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_refused`: the server will never take this batch. `pause_seconds`: what it asked to wait."""

    is_taken: bool
    is_refused: bool = False
    words: str = ""
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples that go out together, under one key: a second try of what did arrive is known by it."""

    samples: tuple[Sample, ...]
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


Post = Callable[[Options, Batch, float], Outcome]


class Outbox:
    """What waits to be sent, the oldest first. Full: the oldest gives way."""

    def __init__(
        self, options: Options, post: "Post | None" = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._options, self._post, self._clock = options, post or post_batch, clock
        self._waiting: deque[Sample] = deque(maxlen=WAITING_AT_MOST)
        self._batch: Batch | None = None
        self._lock = threading.Lock()
        self._pause_seconds = 1.0
        self._not_before = 0.0

    def put(self, sample: Sample) -> None:
        with self._lock:
            self._waiting.append(sample)

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting) + (len(self._batch.samples) if self._batch else 0)

    def send(self) -> bool:
        """Send batch after batch; False when one could not be sent, and the rest waits. Not before a pause is over."""
        while self._clock() >= self._not_before:
            batch = self._next_batch()
            if batch is None:
                return True
            outcome = self._post(self._options, batch, self._clock())
            if outcome.is_taken or outcome.is_refused:
                self._batch, self._pause_seconds, self._not_before = None, 1.0, 0.0
                if outcome.is_refused:
                    logger.error("the server refused %s samples: %s", len(batch.samples), outcome.words)
                continue
            self._wait(outcome)
            return False
        return False

    def _next_batch(self) -> Batch | None:
        with self._lock:
            if self._batch is None:
                fresh = [each for each in self._waiting if self._clock() - each.at <= OLDEST_SECONDS]
                self._waiting = deque(fresh[SENT_AT_ONCE:], maxlen=WAITING_AT_MOST)
                self._batch = Batch(tuple(fresh[:SENT_AT_ONCE])) if fresh else None
            return self._batch

    def _wait(self, outcome: Outcome) -> None:
        pause = max(self._pause_seconds, outcome.pause_seconds)
        self._not_before = self._clock() + pause
        self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        logger.warning("not sent, %s samples wait, next try in %.0f s: %s", len(self), pause, outcome.words)


def post_batch(options: Options, batch: Batch, now: float) -> Outcome:
    """POST the samples, each with its age by the monotonic clock: the wall clock of this machine may be wrong."""
    body = json.dumps(body_of(options, batch.samples, now)).encode()
    headers = {
        "Authorization": f"Bearer {options.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": batch.key,
        "User-Agent": f"tradewatch-agent/{VERSION}",
    }
    request = urllib.request.Request(f"{options.url}/performance/hosts", data=body, headers=headers)  # noqa: S310
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(1 << 20)
        return Outcome(True)
    except urllib.error.HTTPError as error:
        return _outcome_of(error)
    except (OSError, ValueError) as error:
        return Outcome(False, words=type(getattr(error, "reason", None) or error).__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the POST into a GET, and take the token along to wherever it leads."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _outcome_of(error: urllib.error.HTTPError) -> Outcome:
    words = f"status {error.code}"
    asked = error.headers.get("Retry-After", "")
    pause = float(asked) if asked.isascii() and asked.isdigit() else 0.0
    # 400, 413, 422: this batch is at fault, and will be tomorrow. Anything else, a revoked token too, may be mended.
    return Outcome(False, error.code in (400, 413, 422), words, min(pause, LONGEST_PAUSE_SECONDS))


def body_of(options: Options, samples: Sequence[Sample], now: float) -> dict[str, Any]:
    """Return the body of POST /performance/hosts."""
    named = {"project": options.project} if options.project else {}
    return {
        **named,
        "host": options.name,
        "environment": options.environment,
        "platform": platform_words(),
        "agent": VERSION,
        "interval_seconds": max(1, round(options.interval_seconds)),
        "samples": [
            {
                "age_seconds": round(max(0.0, now - sample.at), 3),
                "late": list(sample.late)[:100],
                "points": [
                    {"name": point.name, "value": point.value, "attributes": dict(point.labels)}
                    for point in sample.points[:500]
                ],
            }
            for sample in samples
        ],
    }


def run(options: Options, *, stop: threading.Event, collector: Collector | None = None) -> None:
    """Report until `stop` is set; then try once more to send what waits."""
    outbox, collector = Outbox(options), collector or Collector()
    woken = threading.Event()
    sender = threading.Thread(target=_send_forever, args=(outbox, woken, stop), name="sender", daemon=True)
    sender.start()
    logger.info("reporting %s to %s every %.0f s", options.name, options.url, options.interval_seconds)
    due = time.monotonic()
    while not stop.is_set():
        outbox.put(collector.collect())
        woken.set()
        due = max(due + options.interval_seconds, time.monotonic())
        stop.wait(due - time.monotonic())
    woken.set()
    sender.join(TIMEOUT_SECONDS + 1)


def _send_forever(outbox: Outbox, woken: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        woken.wait(1.0)
        woken.clear()
        outbox.send()
    outbox.send()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default=os.environ.get("TRADEWATCH_URL", ""), help="or TRADEWATCH_URL")
    parser.add_argument(
        "--token",
        default=os.environ.get("TRADEWATCH_TOKEN", ""),
        help="with performance:write; better in TRADEWATCH_TOKEN, where other users do not read it",
    )
    parser.add_argument("--name", default="", help="of this host; default: its host name")
    parser.add_argument("--interval", type=float, default=60.0, help="seconds between samples, at least 5")
    parser.add_argument("--project", default="", help="a slug; default: the token's only project")
    parser.add_argument("--environment", default="", help="default: the server's")
    parser.add_argument("--once", action="store_true", help="send one sample and end: 0 when it was taken, else 1")


def options_of(given: argparse.Namespace) -> Options:
    """Return the options. Raises ValueError with what is missing."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", given.name or socket.gethostname()).lstrip(".-_")[:100]
    if urlsplit(given.url).scheme not in ("http", "https"):
        raise ValueError("--url: expected an address like https://tradewatch.example")
    if not given.token:
        raise ValueError("--token (or TRADEWATCH_TOKEN): expected a token with the scope performance:write")
    if given.interval < SHORTEST_INTERVAL_SECONDS:
        raise ValueError(f"--interval: expected at least {SHORTEST_INTERVAL_SECONDS:g} seconds")
    return Options(
        given.url.rstrip("/"), given.token, name or "localhost", given.interval, given.project, given.environment
    )


def main(given: argparse.Namespace) -> int:
    """Run with parsed arguments; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        options = options_of(given)
    except ValueError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    if given.once:
        outbox = Outbox(options)
        outbox.put(Collector().collect())
        return 0 if outbox.send() else 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(options, stop=stop)
    return 0


def start(arguments: Sequence[str]) -> int:
    """Run from a command line without Django: see `manage.py`."""
    parser = argparse.ArgumentParser(prog="manage.py agent", description=__doc__)
    add_arguments(parser)
    return main(parser.parse_args(arguments))
