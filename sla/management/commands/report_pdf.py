"""Draws one report, given as JSON on standard input, in a process of its own."""

import json
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from sla.reports.pdf import pdf_of


class Command(BaseCommand):
    help = "Writes the PDF of an SLA report to standard output; reads the document from standard input."

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(10)
        asked = json.load(sys.stdin)
        sys.stdout.buffer.write(pdf_of(asked["document"], edition=asked["edition"]))
