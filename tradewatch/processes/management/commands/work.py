import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tradewatch.processes.link import Link
from tradewatch.processes.worker import Worker


class Command(BaseCommand):
    help = "Digest what was accepted and run the periodic tasks. `serve` starts this by itself."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--link", type=int, help="file descriptor of the line to the web process")

    def handle(self, *args: Any, link: int | None, **options: Any) -> None:
        Worker(Link.from_fd(link) if link is not None else None).run()
        os._exit(0)  # a task thread that hangs in a network call must not keep the process
