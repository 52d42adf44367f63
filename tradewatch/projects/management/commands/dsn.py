from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tradewatch.projects.dsn import dsn_of
from tradewatch.projects.queries import FIRST_PROJECT, named_project


class Command(BaseCommand):
    help = "Print the DSN of a project, alone on its line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", nargs="?", default=FIRST_PROJECT, help=f"slug or id; default: {FIRST_PROJECT}")

    def handle(self, *args: Any, project: str, **options: Any) -> None:
        found = named_project(project)
        if found is None:
            raise CommandError(f"there is no project {project!r}; `manage.py bootstrap` creates the first")
        dsn = dsn_of(found)
        if dsn is None:
            raise CommandError(f"every key of {project!r} is revoked: create one in the admin")
        self.stdout.write(dsn)
