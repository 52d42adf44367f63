"""`manage.py restore FILE`: an empty installation becomes that of a backup."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.restoring import restore
from tradewatch.processes.backup.telling import header_words, sums_table
from tradewatch.processes.home import take_home


class Command(BaseCommand):
    help = "Restore a backup into an empty TRADEWATCH_HOME or an empty database (docs/recovery.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--without-secrets", action="store_true", help="go on though stored secrets cannot be read with this key"
        )

    def handle(self, *args: Any, file: Path, without_secrets: bool, **options: Any) -> None:
        started = time.monotonic()
        lock = take_home(settings.HOME)
        try:
            done = restore(file, without_secrets=without_secrets, say=self._say)
        except BackupFault as fault:
            raise CommandError(f"nothing was restored: {fault}", returncode=fault.exit_code) from None
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename or file}") from None
        finally:
            lock.close()
        self.stdout.write("\n".join([header_words(done.header), *sums_table(done.sums)]))
        took = time.monotonic() - started
        self.stdout.write(f"restored in {took:.1f} s; read back, every count and checksum is the backup's")
        if done.migrated:
            self.stdout.write("it came from an earlier version and was migrated to this one")
        if not done.secrets_readable:
            self.stdout.write("stored secrets cannot be read: enter them again (channels, second factors, targets)")
        if done.people_counted_anew:
            self.stdout.write("people are counted anew from here on: this is not the backup's key (docs/access.md)")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
