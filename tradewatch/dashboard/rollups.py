"""Reads the points of many series at once: one query for the charts of a page, one for the sparks of a list."""

from collections.abc import Mapping, Sequence

from django.db.models import Sum

from tradewatch.dashboard.ranges import Span
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.metrics.queries import Totals

EMPTY = Totals()


def points(
    project_ids: Sequence[int], series: Sequence[str], span: Span, *, environment: str
) -> Mapping[str, list[Totals]]:
    """Return the sums of each step of `span` for each of `series`. `environment` empty: all.

    Read from the widest buckets that the steps are made of.
    """
    found = {name: [EMPTY] * span.steps for name in series}
    first = span.epoch_start
    rows = Counter.objects.filter(
        project_id__in=project_ids,
        series__in=series,
        resolution=max(each for each in Resolution if span.step_seconds % each == 0),
        start__gte=first,
        start__lt=span.epoch_end,
    )
    if environment:
        rows = rows.filter(environment=environment)
    for name, start, count, weighted in rows.values_list("series", "start").annotate(Sum("count"), Sum("weighted")):
        index = (start - first) // span.step_seconds
        so_far = found[name][index]
        found[name][index] = Totals(so_far.count + count, so_far.weighted + weighted)
    return found
