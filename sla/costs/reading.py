"""A target's period split by release and by issue, from its judged minutes and what others counted in them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sla.costs.grid import Grid, grids_of
from sla.costs.issues import MOST_MINUTES, events_by_issue, knows_issues
from sla.costs.releases import bad_by_release, knows_releases
from sla.costs.splitting import Slot, Split, split
from sla.models import Measure
from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import Resolution


def by_release(measure: Measure, slots: Sequence[Slot], *, now: datetime) -> Split[str] | None:
    """Return what each release cost; None where what is counted belongs to no release.

    A bad request is its release's own. Of a tag's requests the buckets do not tell the release: all of the minute's bad
    requests, tagged or not, give the proportion, and that is called shared unless one release had them all.
    """
    if not knows_releases(measure.indicator):
        return None
    is_tagged = "tag" in measure.definition
    grids = grids_of(slots, minutes_from=_minutes_from(now))
    found = _found(measure, grids, bad_by_release)
    return split(_slots_of(grids), found, is_certain=not is_tagged, fills=is_tagged)


def by_issue(measure: Measure, slots: Sequence[Slot], *, now: datetime) -> Split[int] | None:
    """Return what each issue cost; None where errors do not explain what is counted.

    An issue explains at most as many bad requests of a minute as it had events then. That is never certain: of a minute
    with several issues all is called shared.
    """
    if not knows_issues(measure.indicator):
        return None
    grids = grids_of(slots, minutes_from=_minutes_from(now), most_minutes=MOST_MINUTES)
    return split(_slots_of(grids), _found(measure, grids, events_by_issue), is_certain=False)


def _minutes_from(now: datetime) -> int:
    return int((now - bucket_ages()[Resolution.MINUTE]).timestamp())


def _found(measure: Measure, grids: Sequence[Grid], read: Callable[[Measure, Grid], dict[int, Any]]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for grid in grids:
        found |= read(measure, grid)
    return found


def _slots_of(grids: Sequence[Grid]) -> list[Slot]:
    """Return the grids' slots. Those without anything bad are in none, and cost nothing."""
    return [slot for grid in grids for slot in grid.slots]
