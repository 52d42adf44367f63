"""Minutes of deployments for SLA targets: how many ended, and how many of those did not succeed in time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from releases.choices import DeploymentState
from releases.models import Deployment
from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources import Counted, definitions
from sla.sources.base import Described, minute_of
from sla.sources.definitions import Definition

_COMPLETED = (DeploymentState.SUCCEEDED, DeploymentState.FAILED, DeploymentState.ROLLED_BACK)


class DeploymentsInTime(Described):
    """A completed deployment counts in the minute in which it ended; good is one that succeeded within `seconds`.

    One that was rolled back was none. What nobody completed is no one's to judge.
    """

    wanted = {"seconds": definitions.seconds}

    def canonical(self, definition: Definition) -> dict[str, Any]:
        return {"seconds": definitions.plain_number(definition["seconds"])}

    def held_from(self, now: datetime) -> datetime:
        return now - settings.METRIC_RETENTION  # deployments themselves are kept

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        rows = Deployment.objects.filter(
            project__in={each.project_id for each in measures},
            state__in=_COMPLETED,
            finished_at__gte=_moment(start),
            finished_at__lt=_moment(end),
        )
        ended = list(rows.values_list("project_id", "environment", "state", "started_at", "finished_at").iterator())
        return {each.pk: _counted(each, ended) for each in measures}


def is_good(state: str, started_at: datetime, finished_at: datetime, *, limit: timedelta) -> bool:
    return state == DeploymentState.SUCCEEDED and finished_at - started_at <= limit


def _counted(measure: Measure, ended: Sequence[tuple[Any, ...]]) -> Counted:
    limit = timedelta(seconds=measure.definition["seconds"])
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for project_id, environment, state, started_at, finished_at in ended:
        if project_id == measure.project_id and measure.environment in ("", environment):
            own = sums[int(finished_at.timestamp()) // 60 * 60]
            own[0] += 1
            own[1] += not is_good(state, started_at, finished_at, limit=limit)
    return Counted({at: minute_of(n * UNIT, bad * UNIT, n, bad) for at, (n, bad) in sums.items()})


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
