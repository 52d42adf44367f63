"""Reading rollups. Intervals are [start, end) in epoch seconds, cut to whole minutes; `environment` None means all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from tradewatch.metrics import histogram, sketch
from tradewatch.metrics.models import Counter, Histogram, Resolution, SeriesSketch, UserSketch


@dataclass(frozen=True, slots=True)
class Totals:
    """`count` is what was received, `weighted` what that stands for at the clients' sample rates."""

    count: int = 0
    weighted: float = 0.0


def total(project_ids: Sequence[int], series: str, start: int, end: int, environment: str | None = None) -> Totals:
    """Return the sum over the interval: whole days and hours from their buckets, its ends from minutes.

    Minutes live 30 days: before that, an interval that does not begin and end on an hour misses its ends.
    """
    return totals(project_ids, [series], start, end, environment).get(series, Totals())


def totals(
    project_ids: Sequence[int], series: Iterable[str], start: int, end: int, environment: str | None = None
) -> dict[str, Totals]:
    """Return {series: sum} of those that occurred at all."""
    return _summed(_counters(project_ids, environment).filter(series__in=list(series)), start, end, "series")


def top_series(
    project_ids: Sequence[int],
    prefix: str,
    start: int,
    end: int,
    *,
    environment: str | None = None,
    limit: int = 10,
) -> list[tuple[str, Totals]]:
    """Return the series that begin with `prefix` and their sums, the greatest count first, then by name."""
    summed = _summed(_by_time(project_ids, environment).filter(series__startswith=prefix), start, end, "series")
    return sorted(summed.items(), key=lambda each: (-each[1].count, each[0]))[:limit]


def series_points(
    project_ids: Sequence[int],
    series: str,
    start: int,
    end: int,
    resolution: int,
    environment: str | None = None,
) -> list[tuple[int, int, float]]:
    """Return (bucket start, count, weighted) in time order; a bucket in which nothing was counted is absent.

    `resolution` is any multiple of 60 seconds, summed from the widest buckets that fit into it.
    """
    stored = max(each for each in Resolution if resolution % each == 0)
    buckets = _counters(project_ids, environment).filter(
        series=series, resolution=stored, start__gte=start // resolution * resolution, start__lt=end
    )
    points: dict[int, tuple[int, float]] = {}
    for at, count, weighted in buckets.values_list("start").annotate(Sum("count"), Sum("weighted")):
        slot = at // resolution * resolution
        known = points.get(slot, (0, 0.0))
        points[slot] = (known[0] + count, known[1] + weighted)
    return [(slot, *points[slot]) for slot in sorted(points)]


def percentiles(
    project_ids: Sequence[int],
    series: str,
    start: int,
    end: int,
    quantiles: Sequence[float],
    environment: str | None = None,
) -> list[float] | None:
    """Return the seconds at each quantile (0.0 to 1.0), at most 1% off; None when nothing was measured."""
    buckets = Histogram.objects.filter(project_id__in=project_ids, series=series)
    if environment is not None:
        buckets = buckets.filter(environment=environment)
    parts = (
        histogram.unpack(bytes(bins))
        for stretch in stretches(start, end)
        for bins in buckets.filter(stretch).values_list("bins", flat=True).iterator()
    )
    return histogram.percentiles(histogram.merge(parts), quantiles)


def users(project_ids: Sequence[int], start: int, end: int, environment: str | None = None) -> int:
    """Return about how many distinct users were met in the hours that touch the interval: shown with ≈."""
    rows = UserSketch.objects.filter(project_id__in=project_ids)
    if environment is not None:
        rows = rows.filter(environment=environment)
    start, end = start // Resolution.HOUR * Resolution.HOUR, -(-end // Resolution.HOUR) * Resolution.HOUR
    parts = (
        sketch.unpack(bytes(data))
        for stretch in stretches(start, end)
        for data in rows.filter(stretch).values_list("registers", flat=True).iterator()
    )
    return sketch.estimate(sketch.merge(parts))


def distinct(
    project_ids: Sequence[int], series: Iterable[str], start: int, end: int, environment: str | None = None
) -> dict[str, int]:
    """Return {series: about how many distinct values} in the hours that touch the interval, of those met at all."""
    rows = SeriesSketch.objects.filter(project_id__in=project_ids, series__in=list(series))
    if environment is not None:
        rows = rows.filter(environment=environment)
    start, end = start // Resolution.HOUR * Resolution.HOUR, -(-end // Resolution.HOUR) * Resolution.HOUR
    parts: dict[str, list[bytes]] = {}
    for stretch in stretches(start, end):
        for name, data in rows.filter(stretch).values_list("series", "registers").iterator():
            parts.setdefault(name, []).append(sketch.unpack(bytes(data)))
    return {name: sketch.estimate(sketch.merge(each)) for name, each in parts.items()}


def _counters(project_ids: Sequence[int], environment: str | None) -> QuerySet[Counter]:
    buckets = Counter.objects.filter(project_id__in=project_ids)
    return buckets if environment is None else buckets.filter(environment=environment)


def _by_time(project_ids: Sequence[int], environment: str | None) -> QuerySet[Counter]:
    """The same for many series at once: along the index of times, not along all that a project ever counted.

    The sum hides the project from SQLite, which without statistics prefers any index that begins with it.
    """
    buckets = Counter.objects.alias(of_project=F("project_id") + 0).filter(of_project__in=project_ids)
    return buckets if environment is None else buckets.filter(environment=environment)


def _summed(buckets: QuerySet[Counter], start: int, end: int, *keys: str) -> dict[Any, Totals]:
    """Return {values of `keys`: sum} over [start, end); of a single key its value alone."""
    sums: dict[Any, Totals] = {}
    for stretch in stretches(start, end):
        rows = buckets.filter(stretch).values_list(*keys).annotate(Sum("count"), Sum("weighted"))
        for *values, count, weighted in rows:
            key = values[0] if len(values) == 1 else tuple(values)
            known = sums.get(key, Totals())
            sums[key] = Totals(known.count + count, known.weighted + weighted)
    return sums


def stretches(start: int, end: int) -> list[Q]:
    """Cover [start, end) without overlap: whole days, at their sides whole hours, at the ends minutes.

    One condition for each, asked one by one: joined by OR they would not run along the index of times, and every
    bucket that a series ever had would be read.
    """
    start, end = start // Resolution.MINUTE * Resolution.MINUTE, end // Resolution.MINUTE * Resolution.MINUTE
    spans = [(start, end)]
    covered = []
    for resolution in sorted(Resolution, reverse=True):
        left = []
        for low, high in spans:
            first, last = -(-low // resolution) * resolution, high // resolution * resolution
            if first < last:
                covered.append(Q(resolution=resolution, start__gte=first, start__lt=last))
                left += [(low, first), (last, high)]
            else:
                left.append((low, high))
        spans = [(low, high) for low, high in left if low < high]
    return covered


# --- by place: what rules ask of many projects at once -----------------------------------------------------------
Place = tuple[int, str]  # project id, environment


def totals_by_place(project_ids: Sequence[int], series: str, start: int, end: int) -> dict[Place, Totals]:
    """Return the sum over the interval for each project and environment that counted the series in it."""
    return _summed(_counters(project_ids, None).filter(series=series), start, end, "project_id", "environment")


def minutes_by_place(project_ids: Sequence[int], series: str, start: int, end: int) -> dict[Place, dict[int, Totals]]:
    """Return {place: {start of the minute: what was counted}}; a minute in which nothing was counted is absent."""
    buckets = _counters(project_ids, None).filter(
        series=series, resolution=Resolution.MINUTE, start__gte=start, start__lt=end
    )
    found: dict[Place, dict[int, Totals]] = {}
    rows = buckets.values_list("project_id", "environment", "start", "count", "weighted")
    for project, environment, at, count, weighted in rows.iterator():
        found.setdefault((project, environment), {})[at] = Totals(count, weighted)
    return found


def loudest_by_place(
    project_ids: Sequence[int], prefix: str, start: int, end: int, *, limit: int
) -> list[tuple[tuple[int, str, str], Totals]]:
    """Return ((project id, environment, series), sum) of series that begin with `prefix`, the greatest first."""
    buckets = _by_time(project_ids, None).filter(series__startswith=prefix)
    summed = _summed(buckets, start, end, "project_id", "environment", "series")
    return sorted(summed.items(), key=lambda each: (-each[1].count, each[0][2], each[0]))[:limit]


def histograms_by_place(
    project_ids: Sequence[int], series: str, start: int, end: int
) -> dict[Place, dict[int, histogram.Bins]]:
    """Return {place: {start of the minute: histogram}} of durations."""
    buckets = Histogram.objects.filter(
        project_id__in=project_ids, series=series, resolution=Resolution.MINUTE, start__gte=start, start__lt=end
    )
    found: dict[Place, dict[int, histogram.Bins]] = {}
    for project, environment, at, bins in buckets.values_list("project_id", "environment", "start", "bins").iterator():
        found.setdefault((project, environment), {})[at] = histogram.unpack(bytes(bins))
    return found
