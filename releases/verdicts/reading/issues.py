"""Events of both stretches by issue, from the issues' minute buckets."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from releases.verdicts.evidence import Stretch
from releases.verdicts.issues import is_louder, p_louder
from releases.verdicts.levels import LEVELS
from releases.verdicts.reading.history import grid_of
from releases.verdicts.reading.place import MINUTE, Place, epochs
from releases.verdicts.samples import IssueSample
from releases.verdicts.statistics.noise import dispersion
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.rollups import OF_ISSUE, issue_series_name
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.queries import series_points, top_series, totals

MOST_ISSUES = 500  # with most events after: the rest have few, and few say nothing


def issues_of(place: Place, shares_after: Sequence[float]) -> tuple[IssueSample, ...]:
    """Return the issues that had events after, merged ones as part of what they were merged into."""
    after = _counted(place, place.after, place.is_deployed)
    before = _known_before(place, after)
    issues = Issue.objects.filter(merged_into=None).in_bulk(list(after))
    samples = [_sample(issue, place, before[pk], after[pk]) for pk, issue in issues.items()]
    return tuple(_seen_in_history(place, each, shares_after) for each in samples)


def _sample(issue: Issue, place: Place, before: int, after: int) -> IssueSample:
    return IssueSample(
        issue_id=issue.pk,
        title=issue.exception_type or issue.title,
        culprit=issue.culprit,
        before=before,
        after=after,
        is_new=issue.first_seen_at >= place.began_at,
    )


def _counted(place: Place, stretch: Stretch, belongs: Callable[[str], bool]) -> Counter[int]:
    top = top_series([place.project_id], OF_ISSUE, *epochs(stretch), environment=place.environment, limit=MOST_ISSUES)
    counts = Counter({int(series.removeprefix(OF_ISSUE)): sums.count for series, sums in top})
    return counts + _in_shared_minute(place, stretch, belongs)


def _known_before(place: Place, after: Mapping[int, int]) -> Counter[int]:
    names = {issue_series_name(pk): pk for pk in after}
    found = totals([place.project_id], names, *epochs(place.before), place.environment)
    counts = Counter({names[series]: sums.count for series, sums in found.items()})
    return counts + _in_shared_minute(place, place.before, place.is_another)


def _in_shared_minute(place: Place, stretch: Stretch, belongs: Callable[[str], bool]) -> Counter[int]:
    """Count the stored events of the minute that the stretch shares with the other, those that belong by release."""
    if stretch.shared is None:
        return Counter()
    rows = Event.objects.filter(
        project=place.project_id,
        environment=place.environment,
        is_simulated=False,
        timestamp__gte=stretch.shared,
        timestamp__lt=stretch.shared + timedelta(seconds=MINUTE),
    )
    found = Counter(
        issue_id for issue_id, release in rows.values_list("issue", "release__version") if release and belongs(release)
    )
    return _as_part_of(found)


def _as_part_of(counts: Mapping[int, int]) -> Counter[int]:
    """Return the same with each issue's events counted for those it was merged into, too, as their buckets are."""
    summed = Counter(counts)
    below: Mapping[int, int] = counts
    while below:
        above: Counter[int] = Counter()
        for pk, target in _merged(below):
            above[target] += below[pk]
        summed += above
        below = above
    return summed


def _merged(issue_ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    rows = Issue.objects.filter(pk__in=list(issue_ids)).values_list("pk", "merged_into")
    return ((pk, target) for pk, target in rows if target is not None)


def _seen_in_history(place: Place, sample: IssueSample, shares_after: Sequence[float]) -> IssueSample:
    """Return a known issue that seems louder with how it used to come: in bursts, or event by event."""
    seems_louder = p_louder(sample, shares_after) <= LEVELS.level and is_louder(sample, shares_after, LEVELS)
    if sample.is_new or not seems_louder:
        return sample
    grid = grid_of(place)
    points = series_points(
        [place.project_id],
        issue_series_name(sample.issue_id),
        grid.start,
        grid.end,
        Resolution.MINUTE,
        place.environment,
    )
    counts = grid.sums((at, count) for at, count, _ in points)
    return replace(sample, burstiness=dispersion(grid.runs([(count, 1) for count in counts]), grid.lag))
