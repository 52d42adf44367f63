"""Closes periods: once one is over, and its last minutes are counted, what its targets came to is written down.

From then on reports show these figures, and what arrives later apart. So that a figure that was told stays the figure.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from sla.choices import WindowKind
from sla.figures.periods import ReadMarket, current_period, periods_between
from sla.figures.reading import remembering_markets, versions_by_target
from sla.models import ClosedPeriod, Target, TargetVersion
from sla.queries import targets_of
from sla.reports.asking import asked_named
from sla.reports.civil import GRACE
from sla.reports.document import full_entry
from sla.reports.entries import counts_until
from sla.reports.incidents import alerts_between
from sla.reports.late import raw_sums
from sla.reports.reading import Part, parts_over
from tradewatch.projects.models import Project

COUNTED_WITHIN = timedelta(hours=6)  # later it is closed without waiting for a measure that nobody counts
CATCH_UP = timedelta(days=100)


def close_ended(now: datetime) -> int:
    """Close the calendar and market periods that are over; return how many were. May run twice, and late."""
    markets = remembering_markets(now)
    return sum(_close_of(project, now, markets) for project in Project.objects.order_by("pk"))


def close(parts: Sequence[Part], now: datetime) -> list[ClosedPeriod]:
    """Write down the parts that may be closed and are not; return the new rows."""
    ready = [part for part in parts if may_close(part, now)]
    if not ready:
        return []
    start = min(part.judged.period.start for part in ready)
    end = max(part.judged.period.end for part in ready)
    alerts = alerts_between(ready[0].version.target.project_id, start, end, now)
    return [row for part in ready if (row := _write(part, full_entry(part, alerts), now)) is not None]


def may_close(part: Part, now: datetime) -> bool:
    """Return whether the period is over, with its grace, and its last minute has been counted."""
    ended = counts_until(part.judged.period)
    if ended + GRACE > now:
        return False
    counted = part.version.measure.collected_until
    return (counted is not None and counted >= ended) or ended + COUNTED_WITHIN <= now


def _close_of(project: Project, now: datetime, markets: ReadMarket) -> int:
    targets = list(targets_of([project.pk]))
    versions = versions_by_target(targets)
    due = {target.pk: _due(target, versions[target.pk], now, markets) for target in targets if versions[target.pk]}
    closed = 0
    for name in sorted(set().union(*due.values())):
        those = [target for target in targets if name in due.get(target.pk, ())]
        closed += len(close(parts_over(those, asked_named(name), now), now))
    return closed


def _due(target: Target, versions: Sequence[TargetVersion], now: datetime, markets: ReadMarket) -> set[str]:
    """Return the names of the periods that are over and not closed yet."""
    newest = versions[0]
    if newest.window == WindowKind.ROLLING:
        return set()
    running = current_period(newest, now - GRACE, markets=markets)
    since = max(target.created_at, now - CATCH_UP)
    if since >= running.start:
        return set()
    over = periods_between(newest, since, running.start, markets=markets)
    known = set(
        ClosedPeriod.objects.filter(target=target, period_end__gt=since).values_list("period_start", "period_end")
    )
    return {period.label for period in over if (period.start, period.end) not in known}


def _write(part: Part, entry: dict[str, object], now: datetime) -> ClosedPeriod | None:
    """Return the new row; None: another process was first."""
    period, sums = part.judged.period, raw_sums(part)
    row = ClosedPeriod(
        target=part.version.target,
        label=period.label,
        period_start=period.start,
        period_end=period.end,
        closed_at=now,
        valid=sums.valid,
        bad=sums.bad,
        received=sums.received,
        received_bad=sums.received_bad,
        entry=entry,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return None
    return row
