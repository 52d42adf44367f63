"""Rows of issues: those that are new, and those that got louder."""

from collections.abc import Sequence

from releases.verdicts.evidence import Finding, IssueFinding
from tradewatch.dashboard.releases.deployment.comparing.rows import IssueLink, Row

ISSUES_NAMED = 5


def issue_rows(issues: Sequence[IssueFinding]) -> list[Row]:
    """Return one row of all new issues, and one of those that are louder: only where there are any."""
    new = [each for each in issues if each.is_new]
    louder = [each for each in issues if not each.is_new and each.finding == Finding.WORSE]
    rows = [Row("New issues", "0", "", f"{len(new):,}", "", _worst(new), _more(new), issues=_links(new))] if new else []
    if louder:
        before, after = (sum(getattr(each, side) for each in louder) for side in ("before", "after"))
        counts = f"{before:,}", "events", f"{after:,}", "events"
        rows.append(Row("Louder issues", *counts, Finding.WORSE, _more(louder), issues=_links(louder)))
    return rows


def _worst(new: Sequence[IssueFinding]) -> Finding:
    """New issues make it worse where they came often enough; else there are too few events to say so."""
    return Finding.WORSE if any(each.finding == Finding.WORSE for each in new) else Finding.FEW


def _links(issues: Sequence[IssueFinding]) -> tuple[IssueLink, ...]:
    loudest = sorted(issues, key=lambda each: -each.after)[:ISSUES_NAMED]
    return tuple(IssueLink(each.issue_id, each.title, f"{each.after:,}") for each in loudest)


def _more(issues: Sequence[IssueFinding]) -> str:
    return f"and {len(issues) - ISSUES_NAMED} more" if len(issues) > ISSUES_NAMED else ""
