"""`manage.py move --to WHERE`: this installation onto another database, verified by counts and checksums."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tradewatch.inbox.queries import digest_state
from tradewatch.processes.backup.dumping import write_backup
from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.space import refuse_full_disk
from tradewatch.processes.home import take_home

POSTGRES = ("postgres://", "postgresql://")


class Command(BaseCommand):
    help = "Move this installation to an empty PostgreSQL database, or to SQLite in an empty folder (docs/recovery.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", required=True, metavar="URL|FOLDER", help="postgres://user:password@host/database")

    def handle(self, *args: Any, to: str, **options: Any) -> None:
        lock = take_home(settings.HOME)  # `serve` must have ended: what it took later would stay behind
        try:
            with TemporaryDirectory(dir=settings.HOME, prefix=".move-") as draft:
                self._move(to, Path(draft))
        except BackupFault as fault:
            raise CommandError(str(fault), returncode=fault.exit_code) from None
        finally:
            lock.close()

    def _move(self, to: str, draft: Path) -> None:
        file = draft / "move.backup"
        refuse_full_disk(file)
        before = digest_state()
        made = write_backup(file, now=timezone.now(), with_key=True, say=self._say)
        self._say(f"read {made.rows:,} rows; writing them")
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "restore", str(file)]
        done = subprocess.run(command, env=environment(to, draft), check=False)  # noqa: S603  # our own command
        if done.returncode:
            raise CommandError("nothing was moved", returncode=done.returncode)
        if (after := digest_state()) != before:
            taken = after.digested + after.pending - before.digested - before.pending
            raise CommandError(
                f"this installation took {max(taken, 0)} envelopes while it was moved: they are not in the new one. "
                "Stop every process, empty the new database and move again"
            )
        self._say(f"moved. {next_step(to)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def environment(to: str, draft: Path) -> dict[str, str]:
    """Return the variables under which `restore` fills the new place. A folder brings its own secret key."""
    if to.startswith(POSTGRES):
        home = draft / "home"  # ours is locked; of a home a restore into PostgreSQL needs nothing
        home.mkdir(mode=0o700)
        named = {"TRADEWATCH_HOME": str(home), "DATABASE_URL": to, "TRADEWATCH_SECRET_KEY": settings.SECRET_KEY}
    else:
        named = {"TRADEWATCH_HOME": str(Path(to).expanduser().resolve()), "DATABASE_URL": ""}
    return dict(os.environ) | named


def next_step(to: str) -> str:
    if to.startswith(POSTGRES):
        return "Set DATABASE_URL to the new database (and REDIS_URL), keep TRADEWATCH_SECRET_KEY, and start TradeWatch"
    return f"Set TRADEWATCH_HOME={to} without DATABASE_URL, and start TradeWatch"
