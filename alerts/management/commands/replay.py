"""Answers one replay, asked as JSON on standard input, in a process of its own: a month of minutes slows no page."""

import json
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from alerts.replay.requests import answer, read_request


class Command(BaseCommand):
    help = "Replays an alert rule over past days; reads the request from standard input (used by the admin)."

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(10)
        self.stdout.write(json.dumps(answer(read_request(json.load(sys.stdin)))))
