"""A bound on distinct transaction names: a client that puts ids into names must not fill the rollups."""

from collections.abc import Iterable

from tradewatch.metrics.models import Counter, Resolution

NAMES_AN_HOUR = 500  # a project's; two digests at once may together allow a few more
OTHER = "<other>"


def allowed_names(project_id: int, hour: int, names: Iterable[str]) -> set[str]:
    """Return which of `names` keep series of their own in the hour that starts at `hour`; the rest count as `<other>`.

    First come, first served: names that already have a series keep it.
    """
    wanted = set(names)
    of_hour = Counter.objects.filter(project_id=project_id, resolution=Resolution.HOUR, start=hour)
    known = {
        series.removeprefix("tx:")
        for series in of_hour.filter(series__in=[f"tx:{name}" for name in wanted]).values_list("series", flat=True)
    }
    unknown = sorted(wanted - known)
    if unknown:
        taken = of_hour.filter(series__startswith="tx:").values("series").distinct().count()
        known.update(unknown[: max(0, NAMES_AN_HOUR - taken)])
    return known
