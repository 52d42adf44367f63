"""`manage.py backup FILE`: everything, or the configuration, in one file. TradeWatch goes on meanwhile."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tradewatch.processes.backup.dumping import write_backup
from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.priority import lower_priority
from tradewatch.processes.backup.restoring import verify
from tradewatch.processes.backup.scheduled import back_up
from tradewatch.processes.backup.space import refuse_full_disk
from tradewatch.processes.backup.telling import header_words, size_words, sums_table


class Command(BaseCommand):
    help = "Write a backup of this installation to FILE (docs/recovery.md), or read one to its end."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="where to; it must not exist yet")
        parser.add_argument("--configuration", action="store_true", help="people, projects, rules, targets; no events")
        parser.add_argument("--with-secret-key", action="store_true", help="include the key that reads stored secrets")
        parser.add_argument("--verify", action="store_true", help="read FILE to its end instead, and say what it holds")
        parser.add_argument("--scheduled", action="store_true", help="into TRADEWATCH_BACKUP_FOLDER, and rotate there")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        try:
            if options["scheduled"]:
                lower_priority()
                self.stdout.write(back_up(now=timezone.now(), say=self._say))
            elif file is None:
                raise CommandError("name a FILE")
            elif options["verify"]:
                self._verify(file)
            else:
                self._write(file, configuration=options["configuration"], with_key=options["with_secret_key"])
        except BackupFault as fault:
            raise CommandError(str(fault), returncode=fault.exit_code) from None
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename or file}") from None

    def _write(self, file: Path, *, configuration: bool, with_key: bool) -> None:
        started = time.monotonic()
        refuse_full_disk(file, configuration=configuration)
        made = write_backup(file, now=timezone.now(), configuration=configuration, with_key=with_key, say=self._say)
        took = time.monotonic() - started
        self.stdout.write(f"{file}: {made.rows:,} rows, {size_words(made.size_bytes)}, {took:.1f} s")

    def _verify(self, file: Path) -> None:
        header, sums = verify(file)
        self.stdout.write("\n".join([f"{file}: whole, {header_words(header)}", *sums_table(sums)]))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
