"""The project's traffic from rollups: requests by release, endpoint and environment, by hour, by minute."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Sum

from debugging.patterns.reading.windows import Window
from debugging.patterns.together import Bits, bits_of
from tradewatch.errors.rollups import EVENTS
from tradewatch.metrics.models import Counter as Bucket
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.queries import stretches
from tradewatch.performance.models import TransactionBucket, TransactionGroup
from tradewatch.performance.traces.queries import ALL

OTHER = "<other>"  # past the bounds of an hour: see `performance.traces.groups`


class Requests:
    """All requests of a project, kept raw or not. Empty where it sends no transactions."""

    def __init__(self, project_id: int, window: Window) -> None:
        groups = TransactionGroup.objects.filter(project=project_id, last_day__gte=window.hours_from // Resolution.DAY)
        self._groups = {pk: each for pk, *each in groups.values_list("pk", "name", "environment", "release")}
        self._whole = [pk for pk, (name, _, _) in self._groups.items() if name == ALL]
        self._window = window

    def tally(self) -> dict[str, Counter[str]]:
        """Return {"release" | "endpoint" | "environment": {value: requests}} over the window."""
        tally: dict[str, Counter[str]] = {"release": Counter(), "endpoint": Counter(), "environment": Counter()}
        for group_id, count in self._counts():
            name, environment, release = self._groups[group_id]
            if name == ALL:
                tally["environment"][environment] += count
                tally["release"][release] += count if release and release != OTHER else 0
            elif name != OTHER:
                tally["endpoint"][name] += count
        return {key: +values for key, values in tally.items() if values.total()}

    def hours(self) -> dict[int, int]:
        """Return {start of the hour: requests} over the window of hours."""
        rows = TransactionBucket.objects.filter(
            group__in=self._whole,
            resolution=Resolution.HOUR,
            start__gte=self._window.hours_from,
            start__lt=self._window.end,
        )
        return dict(rows.order_by().values_list("start").annotate(Sum("count")))

    def minutes(self) -> Bits:
        """Return the minutes with requests. Read along the index alone: these rows are wide."""
        rows = TransactionBucket.objects.filter(
            group__in=self._whole,
            resolution=Resolution.MINUTE,
            start__gte=self._window.start,
            start__lt=self._window.end,
        )
        return bits_of(rows.order_by().values_list("start", flat=True).iterator(), self._window.start)

    def _counts(self) -> Iterable[tuple[int, int]]:
        for stretch in stretches(self._window.start, self._window.end):
            rows = TransactionBucket.objects.filter(stretch, group__in=list(self._groups))
            yield from rows.order_by().values_list("group_id").annotate(Sum("count"))


def errors_by_hour(project_id: int, window: Window) -> dict[int, int]:
    return counts_over_time(project_id, EVENTS, Resolution.HOUR, window.hours_from, window.end)


def counts_over_time(project_id: int, series: str, resolution: int, start: int, end: int) -> dict[int, int]:
    """Return {start of the bucket: how many}, of all environments together."""
    rows = Bucket.objects.filter(
        project_id=project_id, series=series, resolution=resolution, start__gte=start, start__lt=end
    )
    counted: dict[int, int] = {}
    for at, count in rows.values_list("start", "count").iterator():
        counted[at] = counted.get(at, 0) + count
    return counted
