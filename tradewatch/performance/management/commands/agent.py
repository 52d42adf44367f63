"""Report this machine to a TradeWatch elsewhere. `manage.py` runs it without Django: this is for `manage.py help`."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tradewatch.performance.hosts import agent


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        agent.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(agent.main(argparse.Namespace(**options)))
