"""`manage.py drain`: wait until everything that was accepted is digested."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from tradewatch.inbox.queries import DigestState, digest_state

POLL_SECONDS = 0.1


class Command(BaseCommand):
    help = "Wait until everything that was accepted is digested, and print the counts as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds to wait (default: 60)")

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        """Only wait: the digest belongs to the worker. The exit code is 1 when something is still pending."""
        state = wait_until_drained(timeout_seconds=timeout)
        self.stdout.write(orjson.dumps(state).decode())
        if state.pending:
            sys.exit(1)


def wait_until_drained(*, timeout_seconds: float) -> DigestState:
    """Return the state once nothing is pending, or the last one seen when the time is up."""
    deadline = time.monotonic() + timeout_seconds
    while (state := digest_state()).pending and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return state
