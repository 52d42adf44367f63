"""`manage.py erase_person --user-id X | --email Y`: replaces or deletes what is held of a person, and reports."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Fault
from tradewatch.processes.backup.priority import lower_priority
from tradewatch.processes.erasing.running import LeaseLost, claim, run, stop
from tradewatch.processes.erasing.services import ask_for_erasure
from tradewatch.processes.erasing.telling import report_text
from tradewatch.processes.models import Erasure
from tradewatch.projects.models import Project


class Command(BaseCommand):
    help = "Erase a person, by user id or e-mail, and say what was found (docs/privacy.md). Ingest goes on meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user-id", default="", help="as the SDK sends it: user.id")
        parser.add_argument("--email", default="")
        parser.add_argument("--project", help="slug or number; without it everywhere")
        parser.add_argument("--dry-run", action="store_true", help="look, count, and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask to type it again")
        parser.add_argument("--json", action="store_true", help="the report as JSON")
        parser.add_argument("--go-on", type=int, metavar="NUMBER", help="go on with an erasure that was asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            erasure = self._open_one(options["go_on"]) if options["go_on"] else self._asked(options)
        except Fault as fault:
            texts = [text for many in fault.errors.values() for text in many]
            raise CommandError(" ".join([fault.detail, *texts])) from None
        if not claim(erasure, now=timezone.now()):
            raise CommandError(
                f"{erasure} is {erasure.get_state_display().lower()}: another process is at it, or it has ended"
            )
        self._run(erasure, is_quiet=bool(options["go_on"]))
        self._tell(erasure, as_json=options["json"])

    def _asked(self, options: dict[str, Any]) -> Erasure:
        confirmed = None
        if not options["dry_run"] and not options["yes"] and sys.stdin.isatty():
            confirmed = input("This cannot be taken back. Type the user id (else the e-mail) again: ")
        return ask_for_erasure(
            SYSTEM,
            user_id=options["user_id"],
            email=options["email"],
            project=self._project(options["project"]),
            is_dry_run=options["dry_run"],
            confirmed=confirmed,
            now=timezone.now(),
        )

    def _project(self, named: str | None) -> Project | None:
        if named is None:
            return None
        found = Project.objects.filter(slug=named).first()
        if found is None and named.isdecimal():
            found = Project.objects.filter(pk=int(named)).first()
        if found is None:
            raise CommandError(f"there is no project {named}")
        return found

    def _open_one(self, number: int) -> Erasure:
        lower_priority()
        found = Erasure.objects.filter(pk=number).first()
        if found is None:
            raise CommandError(f"there is no erasure {number}")
        return found

    def _run(self, erasure: Erasure, *, is_quiet: bool) -> None:
        try:
            run(erasure, say=(lambda text: None) if is_quiet else self._say)
        except LeaseLost as lost:
            raise CommandError(str(lost)) from None
        except KeyboardInterrupt:
            stop(erasure, state=Erasure.State.STOPPED, now=timezone.now())
            raise CommandError("stopped: what was erased stays so; begin again to go on") from None
        except Exception as error:
            stop(erasure, state=Erasure.State.FAILED, fault=type(error).__name__, now=timezone.now())
            raise

    def _say(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _tell(self, erasure: Erasure, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(erasure.report, indent=2, ensure_ascii=False))
            return
        self.stdout.write(report_text(erasure.report, dict(Project.objects.values_list("id", "name"))))
