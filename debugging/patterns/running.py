"""Whose project is analysed when: a row for each analysis, which is also the claim on it. The work runs apart."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from debugging.models import PatternRun
from debugging.patterns.reading.windows import LOOKED_BACK, window_until
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Project

logger = logging.getLogger(__name__)
AFTER_NEWS = timedelta(minutes=10)  # since the last one, when an issue is new
CLAIM = timedelta(minutes=15)
TIMEOUT_SECONDS = 600
AT_ONCE = 20  # projects that one process goes through
RUNS_KEPT = timedelta(days=30)


def run_due(now: datetime) -> list[int]:
    """Analyse the projects that are due, in a process of its own; return the ids of the analyses."""
    end_dead(now)
    claimed = [run.pk for project in due_projects(now) if (run := claim(project, now=now))]
    if claimed:
        _run_apart(claimed)
    return claimed


def due_projects(now: datetime) -> list[Project]:
    """Return projects with events since their last analysis: an hour after it, sooner when an issue is new."""
    every = settings.PATTERNS_EVERY
    if not every:
        return []
    found: list[tuple[datetime, Project]] = []
    for project in Project.objects.order_by("pk"):
        last = PatternRun.objects.filter(project=project).first()
        issues = Issue.objects.filter(project=project, merged_into=None, last_seen_at__gte=now - LOOKED_BACK)
        if last is None:
            if issues.exists():
                found.append((datetime.min.replace(tzinfo=now.tzinfo), project))
        elif last.ended_at is not None and _is_due(last, issues, every, now):
            found.append((last.started_at, project))
    found.sort(key=lambda each: (each[0], each[1].pk))
    return [project for _, project in found[:AT_ONCE]]


def claim(project: Project, *, now: datetime) -> PatternRun | None:
    """Return a new analysis of the project; None: one is under way, perhaps by another beat."""
    try:
        with transaction.atomic():
            return PatternRun.objects.create(project=project, started_at=now, since=window_until(now).since)
    except IntegrityError:
        return None


def end_dead(now: datetime) -> int:
    """End the analyses whose process must have died. What they had written stands; the next one does the rest."""
    dead = PatternRun.objects.filter(ended_at=None, started_at__lt=now - CLAIM)
    return dead.update(ended_at=now, fault="Ended without an answer: its process died or was stopped.")


def delete_old_runs(now: datetime) -> int:
    return PatternRun.objects.filter(ended_at__lt=now - RUNS_KEPT).delete()[0]


def _is_due(last: PatternRun, issues: QuerySet[Issue], every: timedelta, now: datetime) -> bool:
    if last.started_at > now - AFTER_NEWS:
        return False
    if last.started_at <= now - every:
        return issues.filter(last_seen_at__gte=last.started_at).exists()
    return issues.filter(first_seen_at__gte=last.started_at).exists()


def _run_apart(runs: Sequence[int]) -> None:
    """Analysis takes memory and time that neither the worker's other tasks nor its process should give."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "find_patterns", *map(str, runs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        logger.warning("patterns not found runs=%s: no end after %s s", runs, TIMEOUT_SECONDS)
        return
    if done.returncode:
        logger.warning("patterns not found runs=%s: %s", runs, done.stderr.strip().splitlines()[-1:])
