"""The rows of the list: a line as everywhere, whose the issue is, and how it compares with the time before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewatch.dashboard import words
from tradewatch.dashboard.issue_lines import IssueLine, make_lines
from tradewatch.dashboard.issue_list.ranking import Standing
from tradewatch.errors.models import Issue


@dataclass(frozen=True, slots=True)
class Row:
    """`assignee` empty: nobody. `change` compares with the range before; empty where that is not asked for."""

    line: IssueLine
    assignee: str
    priority: str
    change: str

    @property
    def initials(self) -> str:
        names = self.assignee.replace("#", "").replace("-", " ").replace(".", " ").split()
        return (
            "".join(name[0] for name in names[:2]).upper() if len(names) > 1 else self.assignee.strip("#")[:2].upper()
        )


def make_rows(issues: Sequence[Issue], standings: Mapping[int, Standing], *, now: datetime, trends: bool) -> list[Row]:
    """Return the rows of `issues`. `standings` tells their events in the range; one without had none."""
    events = {issue.pk: standings[issue.pk].events if issue.pk in standings else 0 for issue in issues}
    lines = make_lines(issues, now=now, events=events)
    return [
        Row(line, assignee_name(issue), issue.priority, _change(standings.get(issue.pk)) if trends else "")
        for issue, line in zip(issues, lines, strict=True)
    ]


def assignee_name(issue: Issue) -> str:
    """Return whose the issue is: a person's name, `#` and a team's slug, or nothing."""
    if issue.assignee:
        return issue.assignee.get_full_name() or issue.assignee.get_username()
    return f"#{issue.assigned_team.slug}" if issue.assigned_team else ""


def _change(standing: Standing | None) -> str:
    if standing is None:
        return "quiet"
    return words.change(standing.events, standing.before) or "new here"
