"""Minutes of sessions: how many began, and how many of those crashed or met an error."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sla.minutes.packing import Minute
from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources.base import Described, minute_of
from sla.sources.definitions import Definition, Faults
from sla.sources.values import Counted
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.performance.sessions import CRASHED, SESSIONS
from tradewatch.projects.models import Project

NO_USERS = "Sessions are counted, not whose they are: leave it out to count sessions."


class CrashFree(Described):
    """Of the sessions that began in a minute those that crashed."""

    def faults(self, definition: Definition, project: Project) -> Faults:
        if definition.get("users"):
            return {"users": [NO_USERS]}
        return super().faults({name: value for name, value in definition.items() if name != "users"}, project)

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        return sessions_of(measures, start, end, bad=CRASHED)


def sessions_of(measures: Sequence[Measure], start: int, end: int, *, bad: str) -> dict[int, Counted]:
    """Return {measure id: minutes in which sessions began}; those that did not end well are in the series `bad`."""
    if not measures:
        return {}
    rows = Counter.objects.filter(
        project_id__in={each.project_id for each in measures},
        series__in=(SESSIONS, bad),
        resolution=Resolution.MINUTE,
        start__gte=start,
        start__lt=end,
    )
    counts: defaultdict[tuple[int, str], defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for project_id, environment, series, at, count in rows.values_list(
        "project_id", "environment", "series", "start", "count"
    ):
        for place in {(project_id, environment), (project_id, "")}:
            counts[place][at][series == bad] += count
    return {
        each.pk: Counted({at: _minute(*numbers) for at, numbers in found.items()})
        for each in measures
        if (found := counts.get((each.project_id, each.environment)))
    }


def _minute(sessions: int, bad: int) -> Minute:
    """An end whose beginning was lost is one of a session all the same."""
    sessions = max(sessions, bad)
    return minute_of(sessions * UNIT, bad * UNIT, sessions, bad)
