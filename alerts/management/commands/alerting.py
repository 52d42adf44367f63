import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alerts.configuration.reading import import_yaml
from alerts.configuration.writing import export_yaml
from alerts.services.own_rules import restore_own_rules
from tradewatch.core.actors import SYSTEM


class Command(BaseCommand):
    help = (
        "Writes the alerting configuration as YAML, or brings one in: `alerting export`, `alerting import FILE`. "
        "`alerting restore` makes the rules about TradeWatch itself as they came."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("export", help="print the configuration")
        verbs.add_parser("restore", help="bring back the rules about TradeWatch itself, changed and deleted ones")
        bring_in = verbs.add_parser("import", help="check a file (- for standard input) and apply it")
        bring_in.add_argument("file")
        bring_in.add_argument("--check", action="store_true", help="only say what it would do")
        bring_in.add_argument("--remove", action="store_true", help="remove what the file's sections do not name")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "export":
            self.stdout.write(export_yaml(SYSTEM), ending="")
            return
        if options["verb"] == "restore":
            for name in restore_own_rules(SYSTEM):
                self.stdout.write(f"restored: {name}")
            return
        text = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8")
        applies = not options["check"]
        outcome = import_yaml(SYSTEM, text, applies=applies, removes=options["remove"], now=timezone.now())
        if outcome.faults:
            raise CommandError("nothing was changed:\n" + "\n".join("  " + fault for fault in outcome.faults))
        for verb in ("created", "changed", "removed"):
            for label in getattr(outcome, verb):
                self.stdout.write(f"{verb if applies else 'would be ' + verb}: {label}")
        self.stdout.write(f"unchanged: {outcome.unchanged}")
        for note in outcome.notes:
            self.stdout.write(note)
