"""Reads: patterns and analyses."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from debugging.models import Pattern, PatternRun
from tradewatch.errors.models import TagCount


def patterns_in(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Pattern]:
    """Return patterns of the projects; with an environment, those of issues that came in it."""
    rows = Pattern.objects.filter(project__in=project_ids)
    rows = rows.select_related("project", "issue", "issue__project", "other", "other__project")
    if not environment:
        return rows
    there = TagCount.objects.filter(key="environment", value=environment, issue__project__in=project_ids)
    return rows.filter(issue__in=there.values("issue"))


def patterns_about(issue_id: int) -> QuerySet[Pattern]:
    """Return an issue's patterns, those that it shares with another one in either place; nothing merged."""
    rows = Pattern.objects.filter(Q(issue=issue_id) | Q(other=issue_id))
    rows = rows.filter(issue__merged_into=None).filter(Q(other=None) | Q(other__merged_into=None))
    return rows.select_related("project", "issue", "issue__project", "other", "other__project")


def last_run(project_id: int) -> PatternRun | None:
    """Return the newest analysis that ended well."""
    return PatternRun.objects.filter(project=project_id, fault="").exclude(ended_at=None).first()
