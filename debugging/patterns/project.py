"""The analysis of a whole project. Killed at any moment it leaves rows that are true, and a run that ends by itself."""

import logging
from datetime import datetime

from django.utils import timezone

from debugging.models import Pattern, PatternRun
from debugging.patterns.analysing import Extent, Surroundings, patterns_between, patterns_of
from debugging.patterns.keeping import forget_unfound, keep_found
from debugging.patterns.reading.windows import LOOKED_BACK, window_until
from debugging.patterns.telling import tell_alerts
from tradewatch.core.live import push
from tradewatch.errors.models import Issue

logger = logging.getLogger(__name__)
EXTENT = Extent(minutes=3_000_000, traces=200_000)
LEAST_EVENTS = 5  # of an issue in the window: fewer are beneath every floor
ISSUES_A_STEP = 50


def analyse_project(run: PatternRun, *, now: datetime) -> PatternRun:
    """Look for the patterns of every issue of the run's project, up to `now`; the run says how it ended."""
    try:
        _analyse(run, now=now)
    except Exception as error:  # written down: the next analysis comes by itself
        logger.exception("pattern analysis failed project=%s", run.project_id)
        run.fault = f"{type(error).__name__}: {error}"[:500]
    run.ended_at = timezone.now()
    run.save(update_fields=["events", "issues", "found", "fault", "ended_at"])
    push("debug", run.project_id)
    return run


def _analyse(run: PatternRun, *, now: datetime) -> None:
    around = Surroundings(run.project, window_until(now), EXTENT)
    ids = [pk for pk, count in around.loudest.items() if count >= LEAST_EVENTS]
    for start in range(0, len(ids), ISSUES_A_STEP):
        step = Issue.objects.filter(pk__in=ids[start : start + ISSUES_A_STEP]).select_related("project")
        found = {}
        for issue in step:
            events, found[issue.pk] = patterns_of(issue, around)
            run.events += events
        run.issues += len(found)
        run.found += keep_found(run.project_id, found, now=now)
    run.found += keep_found(run.project_id, patterns_between(around), now=now)
    _forget(run, ids, now=now)
    tell_alerts(run.project_id, now=now)


def _forget(run: PatternRun, ids: list[int], *, now: datetime) -> None:
    """What was looked for and not found goes; what is of a quiet issue stays as long as it was looked back."""
    of_project = Pattern.objects.filter(project=run.project_id)
    for start in range(0, len(ids), 500):
        step = ids[start : start + 500]
        forget_unfound(of_project.filter(issue__in=step), since=now)
    forget_unfound(of_project.exclude(issue__merged_into=None), since=now)
    forget_unfound(of_project.filter(found_at__lt=now - LOOKED_BACK), since=now)
