"""Which issue had how many events when the budget was spent, from the buckets that digesting keeps for each issue."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import F, QuerySet, Sum

from sla.choices import Indicator
from sla.costs.grid import Grid
from sla.minutes.values import UNIT
from sla.models import Measure
from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.models import Issue, TagCount
from tradewatch.errors.rollups import OF_ISSUE
from tradewatch.metrics.models import Counter

SPENT_BY_ERRORS = frozenset({Indicator.AVAILABILITY, Indicator.ERROR_RATE, Indicator.CRASH_FREE})
FAILING = (ErrorSeverity.ERROR, ErrorSeverity.CRITICAL)
MOST_MINUTES = 1500  # bad ones; of more the hours are read
CHUNK = 400


def knows_issues(indicator: str) -> bool:
    """Slow requests and failed checks raise no errors: their cost is nobody's issue."""
    return indicator in SPENT_BY_ERRORS


def events_by_issue(measure: Measure, grid: Grid) -> dict[int, dict[int, int]]:
    """Return {start of a slot: {issue id: events in millionths}} of issues that may have failed what is measured."""
    return grid.gather(_of_these(list(_counted(measure, grid)), measure))


def _counted(measure: Measure, grid: Grid) -> Iterator[tuple[int, int, int]]:
    """Yield (issue id, start of the bucket, events) of the bad slots' buckets.

    The sum hides the project from SQLite, so that it reads along the index of times (see `metrics.queries`).
    """
    starts = [at for slot in grid.slots for at in range(slot.start, slot.end, grid.resolution)]
    for number in range(0, len(starts), CHUNK):
        rows = Counter.objects.alias(of_project=F("project_id") + 0).filter(
            resolution=grid.resolution,
            start__in=starts[number : number + CHUNK],
            of_project=measure.project_id,
            series__startswith=OF_ISSUE,
        )
        if measure.environment:
            rows = rows.filter(environment=measure.environment)
        for series, at, events in rows.values_list("series", "start").annotate(Sum("count")).iterator():
            yield int(series.removeprefix(OF_ISSUE)), at, events


def _of_these(counted: Sequence[tuple[int, int, int]], measure: Measure) -> Iterator[tuple[int, int, int]]:
    known = candidates({issue_id for issue_id, _, _ in counted}, measure)
    return ((issue_id, at, events * UNIT) for issue_id, at, events in counted if issue_id in known)


def candidates(issue_ids: set[int], measure: Measure) -> set[int]:
    """Return those that count: errors that speak for themselves (a merged one counts into its target), and for a
    measure of one transaction or tag those whose events ever carried it."""
    issues = Issue.objects.filter(pk__in=issue_ids, merged_into=None, severity__in=FAILING)
    for key, value in _carried(measure.definition):
        issues = issues.filter(pk__in=_tagged(key, value))
    return set(issues.values_list("pk", flat=True))


def _tagged(key: str, value: str) -> QuerySet[TagCount, int]:
    return TagCount.objects.filter(key=key, value=value).values_list("issue_id", flat=True)


def _carried(definition: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if name := definition.get("transaction"):
        yield "transaction", str(name)
    tag = definition.get("tag")
    if isinstance(tag, Mapping):
        yield str(tag["key"]), str(tag["value"])
