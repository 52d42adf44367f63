"""Minutes of alerts: how many began, and how many of those nobody acknowledged in time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from alerts.models import Alert
from alerts.retention import RESOLVED_ALERTS_KEPT
from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources import definitions
from sla.sources.base import MARGIN, Described, minute_of
from sla.sources.definitions import Definition
from sla.sources.values import Counted


class AlertResponse(Described):
    """An alert counts in the minute in which it began, once it was acknowledged or the time for that has passed.

    One that ended before either was nobody's to answer.
    """

    only_grows = False  # what is taken back waits again
    wanted = {"seconds": definitions.seconds}

    def canonical(self, definition: Definition) -> dict[str, Any]:
        return {"seconds": definitions.plain_number(definition["seconds"])}

    def held_from(self, now: datetime) -> datetime:
        return now - min(RESOLVED_ALERTS_KEPT, settings.METRIC_RETENTION) + MARGIN

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        projects = {each.project_id for each in measures}
        rows = Alert.objects.filter(
            project__in=projects, simulated="", starts_at__gte=_moment(start), starts_at__lt=_moment(end)
        )
        alerts = list(
            rows.values_list("project_id", "environment", "starts_at", "acknowledged_at", "resolved_at").iterator()
        )
        found = {}
        for measure in measures:
            limit = timedelta(seconds=measure.definition["seconds"])
            sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
            for project_id, environment, starts_at, acknowledged_at, resolved_at in alerts:
                if project_id == measure.project_id and measure.environment in ("", environment):
                    is_late = answered_late(starts_at, acknowledged_at, resolved_at, limit=limit, now=now)
                    if is_late is not None:
                        at = int(starts_at.timestamp()) // 60 * 60
                        sums[at][0] += 1
                        sums[at][1] += is_late
            found[measure.pk] = Counted({at: minute_of(n * UNIT, bad * UNIT, n, bad) for at, (n, bad) in sums.items()})
        return found


def answered_late(
    starts_at: datetime,
    acknowledged_at: datetime | None,
    resolved_at: datetime | None,
    *,
    limit: timedelta,
    now: datetime,
) -> bool | None:
    """Return whether it was acknowledged too late or not at all; None: that is not known yet, or nobody had to."""
    if acknowledged_at is not None:
        return acknowledged_at - starts_at > limit
    if resolved_at is not None and resolved_at - starts_at <= limit:
        return None
    return True if now - starts_at > limit else None


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
