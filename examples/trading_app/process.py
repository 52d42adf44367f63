"""Runs the service as a child process on a free port of 127.0.0.1."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60  # most of it on a machine that others keep busy
STOP_SECONDS = 20


@contextmanager
def running_service(
    *, dsn: str, release: str, environment: str = "production", port: int = 0, api_key: str = ""
) -> Iterator[str]:
    """Yield the URL of the service once it answers; end it by its process id, with its events sent.

    On a free port where none is given. With `api_key` it asks for that.
    Raise `RuntimeError` with what it printed when it does not start.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {
        "TRADEWATCH_DSN": dsn,
        "SENTRY_RELEASE": release,
        "SENTRY_ENVIRONMENT": environment,
        "SENTRY_TRACES_SAMPLE_RATE": "1.0",
        "TRADING_API_KEY": api_key,
    }
    command = [sys.executable, "-m", "uvicorn", "examples.trading_app.main:app"]
    service = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "critical"],
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    try:
        _wait_until_it_answers(url, service)
        yield url
    finally:
        _stop(service)


def _wait_until_it_answers(url: str, service: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and service.poll() is None:
        try:
            httpx.get(f"{url}/health", timeout=2).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"the trading service did not start (exit code {service.poll()})")


def _stop(service: subprocess.Popen[bytes]) -> None:
    if service.poll() is None:
        service.send_signal(signal.SIGTERM)
    try:
        service.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        service.kill()
        service.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
