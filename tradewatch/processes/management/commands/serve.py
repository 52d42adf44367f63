import signal
import sys
from typing import Any, NoReturn

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tradewatch.processes.home import is_unfinished, take_home
from tradewatch.processes.http import BoundedHttp
from tradewatch.processes.supervisor import Supervisor
from tradewatch.processes.web import attach
from tradewatch.projects.bootstrap import bootstrap


class Command(BaseCommand):
    help = "Run TradeWatch: pages, ingest, digesting and periodic tasks, all from this one command."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        lock = take_home(settings.HOME)
        if is_unfinished(settings.HOME):
            raise CommandError(f"a restore into {settings.HOME} did not finish: run it again, or empty the folder")
        migrate_if_needed()
        for line in bootstrap():
            self.stdout.write(line)
        self.stdout.write(f"TradeWatch {settings.VERSION} on http://{host}:{port}, data in {settings.HOME}")
        self.stdout.flush()
        run(host, port)
        lock.close()


def migrate_if_needed() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def run(host: str, port: int) -> None:
    supervisor = Supervisor()
    attach(supervisor.link)
    config = uvicorn.Config(
        "tradewatch.asgi:application", host=host, port=port, loop="uvloop", http=BoundedHttp, lifespan="on",
        access_log=False, log_config=None, proxy_headers=False, server_header=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    # uvicorn raises the signal again once it has shut down: without a handler of ours that would end the process
    # before the worker is stopped.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    supervisor.start()
    try:
        uvicorn.Server(config).run()
    finally:
        supervisor.stop()


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(0)
