import os
from multiprocessing.connection import Connection
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tradewatch.ingest.relay.running import relay_until_closed

NICENESS = 10


class Command(BaseCommand):
    help = "Send to upstreams what waits for them, until the other end of a line is gone. The worker starts this."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--line", type=int, required=True, help="file descriptor of the line to the worker")

    def handle(self, *args: Any, line: int, **options: Any) -> None:
        os.nice(NICENESS)
        relay_until_closed(Connection(line))
