"""What people do with patterns: ask for an analysis now, dismiss one, take that back."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from debugging.choices import PatternKind
from debugging.models import Pattern
from debugging.patterns.analysing import Extent, Surroundings, patterns_between, patterns_of
from debugging.patterns.keeping import forget_unfound, keep_found
from debugging.patterns.queries import patterns_about
from debugging.patterns.reading.windows import window_until
from debugging.patterns.telling import tell_alerts
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.live import push
from tradewatch.core.lookup import the_one
from tradewatch.errors.models import Issue
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

EXTENT = Extent(minutes=100_000, traces=20_000)  # somebody waits for the answer


def analyse_issue(actor: Actor, issue: Issue, *, now: datetime) -> list[Pattern]:
    """Look for patterns of one issue up to its last event; return them, the strongest first.

    Raises `NotAllowed`, and `Conflict` for a merged issue: the one that shows it is asked.
    """
    require_responder(actor, issue.project_id)
    if issue.merged_into_id is not None:
        raise Conflict("the issue is merged: ask for the one that it is part of")
    around = Surroundings(issue.project, window_until(min(now, issue.last_seen_at)), EXTENT)
    _, alone = patterns_of(issue, around)
    found = patterns_between(around, only=issue)
    found.setdefault(issue.pk, []).extend(alone)
    keep_found(issue.project_id, found, now=now)
    stale = Pattern.objects.filter(Q(issue=issue) | Q(other=issue))
    if not around.has_read_all:  # what an analysis of the whole project saw in older minutes still stands
        stale = stale.exclude(kind=PatternKind.TOGETHER)
    forget_unfound(stale, since=now)
    audit.record(actor, "issue.analyse", issue, project_id=issue.project_id)
    tell_alerts(issue.project_id, now=now)
    push("debug", issue.project_id)
    return list(patterns_about(issue.pk).filter(dismissed_at=None))


@transaction.atomic
def dismiss_pattern(actor: Actor, pattern: Pattern, *, now: datetime) -> Pattern:
    """Say that a pattern is no news: it is shown no more and groups nothing. Again: nothing changes."""
    require_responder(actor, pattern.project_id)
    row = the_one(Pattern.objects.select_for_update(), pattern.pk, "pattern")
    if row.dismissed_at is None:
        row.dismissed_at, row.dismissed_by = now, actor.label[:200]
        _changed(actor, row, "pattern.dismiss", now=now)
    return row


@transaction.atomic
def restore_pattern(actor: Actor, pattern: Pattern, *, now: datetime) -> Pattern:
    """Take a dismissal back."""
    require_responder(actor, pattern.project_id)
    row = the_one(Pattern.objects.select_for_update(), pattern.pk, "pattern")
    if row.dismissed_at is not None:
        row.dismissed_at, row.dismissed_by = None, ""
        _changed(actor, row, "pattern.restore", now=now)
    return row


def require_responder(actor: Actor, project_id: int) -> None:
    access.require(actor, project_id, Role.RESPONDER, scope=Scope.DEBUG_WRITE)


def _changed(actor: Actor, row: Pattern, action: str, *, now: datetime) -> None:
    row.save(update_fields=["dismissed_at", "dismissed_by"])
    was = action != "pattern.dismiss"
    audit.record(actor, action, row, project_id=row.project_id, changes={"dismissed": [was, not was]})
    if row.kind == PatternKind.TOGETHER:
        tell_alerts(row.project_id, now=now)
    transaction.on_commit(partial(push, "debug", row.project_id))
