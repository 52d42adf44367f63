from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Fault
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Project
from tradewatch.projects.queries import named_project
from tradewatch.projects.services import issue_token


class Command(BaseCommand):
    help = "Issue an API token and print it, alone on its line. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", required=True, choices=Scope.values, help="may be repeated")
        parser.add_argument("--project", action="append", default=[], help="slug or id; may be repeated; none: all")
        parser.add_argument("--days", type=int, help="expires after so many days; without: never")

    def handle(self, *args: Any, name: str, scope: list[str], project: list[str], **options: Any) -> None:
        days = options["days"]
        try:
            _, secret = issue_token(
                SYSTEM,
                name=name,
                scopes=scope,
                projects=[_project(slug) for slug in project],
                expires_at=None if days is None else timezone.now() + timedelta(days=days),
            )
        except Fault as fault:
            texts = "; ".join(f"{field}: {', '.join(texts)}" for field, texts in fault.errors.items())
            raise CommandError(f"{fault.detail}: {texts}") from None
        self.stdout.write(secret)


def _project(name: str) -> Project:
    found = named_project(name)
    if found is None:
        raise CommandError(f"there is no project {name!r}")
    return found
