"""Reading rollups. Intervals are [start, end) in epoch seconds, cut to whole minutes; `environment` None means all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from tradewatch.metrics import histogram, sketch
from tradewatch.metrics.models import Counter, Histogram, Resolution, UserSketch


@dataclass(frozen=True, slots=True)
class Totals:
    """`count` is what was received, `weighted` what that stands for at the clients' sample rates."""

    count: int = 0
    weighted: float = 0.0


def total(project_ids: Sequence[int], series: str, start: int, end: int, environment: str | None = None) -> Totals:
    """Return the sum over the interval: whole hours from hour buckets, its ends from minutes.

    Minutes live 30 days: before that, an interval that does not begin and end on an hour misses its ends.
    """
    return totals(project_ids, [series], start, end, environment).get(series, Totals())


def totals(
    project_ids: Sequence[int], series: Iterable[str], start: int, end: int, environment: str | None = None
) -> dict[str, Totals]:
    """Return {series: sum} of those that occurred at all."""
    buckets = _counters(project_ids, environment).filter(_within(start, end), series__in=list(series))
    return {
        name: Totals(count, weighted)
        for name, count, weighted in buckets.values_list("series").annotate(Sum("count"), Sum("weighted"))
    }


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
    buckets = _counters(project_ids, environment).filter(_within(start, end), series__startswith=prefix)
    summed = buckets.values("series").annotate(events=Sum("count"), weight=Sum("weighted"))
    return [
        (row["series"], Totals(row["events"], row["weight"])) for row in summed.order_by("-events", "series")[:limit]
    ]


def series_points(
    project_ids: Sequence[int],
    series: str,
    start: int,
    end: int,
    resolution: int,
    environment: str | None = None,
) -> list[tuple[int, int, float]]:
    """Return (bucket start, count, weighted) in time order; a bucket in which nothing was counted is absent.

    `resolution` is any multiple of 60 seconds: multiples of an hour are summed from hours, all others from minutes.
    """
    stored = Resolution.HOUR if resolution % Resolution.HOUR == 0 else Resolution.MINUTE
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
    buckets = Histogram.objects.filter(_within(start, end), project_id__in=project_ids, series=series)
    if environment is not None:
        buckets = buckets.filter(environment=environment)
    parts = (histogram.unpack(bytes(bins)) for bins in buckets.values_list("bins", flat=True).iterator())
    return histogram.percentiles(histogram.merge(parts), quantiles)


def users(project_ids: Sequence[int], start: int, end: int, environment: str | None = None) -> int:
    """Return about how many distinct users were met in the hours that touch the interval: shown with ≈."""
    hours = UserSketch.objects.filter(
        project_id__in=project_ids, start__gte=start // Resolution.HOUR * Resolution.HOUR, start__lt=end
    )
    if environment is not None:
        hours = hours.filter(environment=environment)
    return sketch.estimate(
        sketch.merge(sketch.unpack(bytes(data)) for data in hours.values_list("registers", flat=True).iterator())
    )


def _counters(project_ids: Sequence[int], environment: str | None) -> QuerySet[Counter]:
    buckets = Counter.objects.filter(project_id__in=project_ids)
    return buckets if environment is None else buckets.filter(environment=environment)


def _within(start: int, end: int) -> Q:
    """Cover [start, end) without overlap: whole hours by hour buckets, what sticks out at either end by minutes."""
    minute, hour = int(Resolution.MINUTE), int(Resolution.HOUR)
    start, end = start // minute * minute, end // minute * minute
    first_hour, last_hour = -(-start // hour) * hour, end // hour * hour
    if first_hour >= last_hour:
        return Q(resolution=minute, start__gte=start, start__lt=end)
    return (
        Q(resolution=hour, start__gte=first_hour, start__lt=last_hour)
        | Q(resolution=minute, start__gte=start, start__lt=first_hour)
        | Q(resolution=minute, start__gte=last_hour, start__lt=end)
    )


# --- by place: what rules ask of many projects at once -----------------------------------------------------------
Place = tuple[int, str]  # project id, environment


def totals_by_place(project_ids: Sequence[int], series: str, start: int, end: int) -> dict[Place, Totals]:
    """Return the sum over the interval for each project and environment that counted the series in it."""
    buckets = _counters(project_ids, None).filter(_within(start, end), series=series)
    summed = buckets.values_list("project_id", "environment").annotate(Sum("count"), Sum("weighted"))
    return {(project, environment): Totals(count, weighted) for project, environment, count, weighted in summed}


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
    buckets = _counters(project_ids, None).filter(_within(start, end), series__startswith=prefix)
    summed = buckets.values("project_id", "environment", "series").annotate(much=Sum("count"), weight=Sum("weighted"))
    return [
        ((row["project_id"], row["environment"], row["series"]), Totals(row["much"], row["weight"]))
        for row in summed.order_by("-much", "series")[:limit]
    ]


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
