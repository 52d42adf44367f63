from multiprocessing.connection import Connection
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tradewatch.inbox.ahead import serve_preparing
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.processes.collector import spare_the_collector


class Command(BaseCommand):
    help = "Prepare batches for the digest at the other end of a line. The worker starts this when there is a backlog."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--line", type=int, required=True, help="file descriptor of the line to the digest")

    def handle(self, *args: Any, line: int, **options: Any) -> None:
        spare_the_collector()
        serve_preparing(Connection(line), HANDLERS)
