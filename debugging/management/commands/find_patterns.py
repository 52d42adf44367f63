import contextlib
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from debugging.models import PatternRun
from debugging.patterns.project import analyse_project
from debugging.patterns.running import claim
from tradewatch.projects.models import Project


class Command(BaseCommand):
    """What the beat starts for projects that are due: a short process of low priority."""

    help = "Look for patterns in the issues of a project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("runs", nargs="*", type=int, metavar="RUN", help="analyses that were claimed already")
        parser.add_argument("--project", metavar="SLUG", help="analyse this project now")

    def handle(self, *args: Any, runs: list[int], project: str | None, **options: Any) -> None:
        with contextlib.suppress(OSError):
            os.nice(10)
        rows = PatternRun.objects.filter(pk__in=runs, ended_at=None).select_related("project").order_by("pk")
        todo = list(rows) if runs else [self._claim(project)]
        for run in todo:
            done = analyse_project(run, now=timezone.now())
            said = done.fault or f"{done.found} patterns in {done.issues} issues, {done.events} events"
            self.stdout.write(f"{done.project.slug}: {said}")

    def _claim(self, slug: str | None) -> PatternRun:
        found = Project.objects.filter(slug=slug).first() if slug else None
        if found is None:
            raise CommandError("name a project: --project SLUG")
        run = claim(found, now=timezone.now())
        if run is None:
            raise CommandError("an analysis of this project is under way")
        return run
