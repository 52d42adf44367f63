"""Orders that no column holds: how many events an issue had in the page's range, and whether it grows.

Both come from the rollups. What is ranked are the issues with most events in the range, at most `MOST_RANKED` of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewatch.dashboard.ranges import Span
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.rollups import OF_ISSUE
from tradewatch.metrics import queries as metrics

MOST_RANKED = 2000
STEADY = 5  # events added on both sides, so that 3 after 0 does not beat 900 after 100


@dataclass(frozen=True, slots=True)
class Standing:
    """Events of an issue in the range, and in the time of the same length before it."""

    events: int
    before: int = 0

    @property
    def trend(self) -> float:
        """Return (events + 5) / (events before + 5): 1.0 is as loud as before."""
        return (self.events + STEADY) / (self.before + STEADY)


@dataclass(frozen=True, slots=True)
class Scores:
    """`by_issue` {issue id: its score}, the greater the further up."""

    by_issue: Mapping[int, float]
    standings: Mapping[int, Standing]

    @property
    def ranked(self) -> list[tuple[float, int]]:
        """Return (score, issue id), the greatest score first; of equal ones the newest issue."""
        return sorted(((score, issue_id) for issue_id, score in self.by_issue.items()), reverse=True)


def rank(project_ids: Sequence[int], span: Span, *, environment: str, sort: str) -> Scores:
    """Return the scores of the issues that had events in `span`."""
    now = _loudest(project_ids, span, environment)
    before = read_events(project_ids, list(now), span.before(), environment) if sort == IssueSort.TREND else {}
    standings = {issue_id: Standing(events, before.get(issue_id, 0)) for issue_id, events in now.items()}
    by_trend = sort == IssueSort.TREND
    return Scores({key: each.trend if by_trend else float(each.events) for key, each in standings.items()}, standings)


def _loudest(project_ids: Sequence[int], span: Span, environment: str) -> dict[int, int]:
    top = metrics.top_series(
        project_ids, OF_ISSUE, span.epoch_start, span.epoch_end, environment=environment or None, limit=MOST_RANKED
    )
    return {int(series.removeprefix(OF_ISSUE)): totals.count for series, totals in top}


def read_events(project_ids: Sequence[int], issue_ids: Sequence[int], span: Span, environment: str) -> dict[int, int]:
    """Return {issue id: events in `span`} of those that had any."""
    series = [f"{OF_ISSUE}{issue_id}" for issue_id in issue_ids]
    found = metrics.totals(project_ids, series, span.epoch_start, span.epoch_end, environment or None)
    return {int(name.removeprefix(OF_ISSUE)): totals.count for name, totals in found.items()}
