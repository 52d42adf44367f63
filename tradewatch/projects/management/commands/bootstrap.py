from typing import Any

from django.core.management.base import BaseCommand

from tradewatch.projects.bootstrap import bootstrap


class Command(BaseCommand):
    help = "Create the first project and staff account where there are none, and print how to reach them."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in bootstrap():
            self.stdout.write(line)
