"""Tells alerts which issues come together, in alerts' own words: keys and a reason."""

from collections.abc import Iterator
from datetime import datetime

from alerts.companions import Pair, replace_companions
from debugging.choices import PatternKind
from debugging.models import Pattern
from debugging.steps.statistics import p_words
from tradewatch.errors.models import Issue
from tradewatch.errors.news import issue_fingerprint

LEAST_ONSETS, LEAST_TRACES = 5, 10  # a page is at stake: more than a pattern needs
MOST_PAIRS = 1000


def tell_alerts(project_id: int, *, now: datetime) -> None:
    """Let the project's pairs that are sure enough, and not dismissed, be all that alerts group by."""
    rows = Pattern.objects.filter(project=project_id, kind=PatternKind.TOGETHER, dismissed_at=None)
    rows = rows.filter(issue__merged_into=None, other__merged_into=None).select_related("issue", "other", "project")
    sure = [row for row in rows.order_by("p_value", "pk")[:MOST_PAIRS] if is_sure(row)]
    replace_companions(project_id, [pair for row in sure for pair in _both_ways(row)], now=now)


def is_sure(row: Pattern) -> bool:
    counts = row.evidence
    return bool(counts.get("times", 0) >= LEAST_ONSETS or counts.get("traces", 0) >= LEAST_TRACES)


def _both_ways(row: Pattern) -> Iterator[Pair]:
    other = row.other
    if other is not None:
        for issue, with_issue in ((row.issue, other), (other, row.issue)):
            why = f"comes together with {row.project.slug.upper()}-{with_issue.number} {_counts(row, issue)}"
            yield Pair(issue_fingerprint(issue.pk), issue_fingerprint(with_issue.pk), why)


def _counts(row: Pattern, issue: Issue) -> str:
    """Return the counts that the pair was found by; they are those of the rarer of the two."""
    counts, rarer = (
        row.evidence,
        "" if issue.pk == row.issue_id else f" of {row.project.slug.upper()}-{row.issue.number}",
    )
    said = []
    if "traces" in counts:
        said.append(f"in {counts['traces']} of {counts['traces_of']} traces{rarer}")
    if "minutes" in counts:
        said.append(f"in {counts['minutes']} of {counts['minutes_of']} minutes{rarer}")
        said.append(f"{counts['times']} of {counts['times_of']} times")
    return f"({', '.join(said)}, {p_words(row.p_value or 0.0)})."
