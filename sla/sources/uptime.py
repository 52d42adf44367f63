"""Minutes of checks, in seconds: how long it was known how they stood, and how long of that they were down. Exact."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings

from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources.base import MARGIN, Described, minute_of
from sla.sources.definitions import Definition, Faults
from sla.sources.values import Counted
from tradewatch.performance.checks.choices import KNOWN, CheckState
from tradewatch.performance.checks.queries import stretches_of
from tradewatch.performance.checks.states import Stretch
from tradewatch.performance.models import Check
from tradewatch.projects.models import Project

_MINUTE = 60 * UNIT
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _check(value: object) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else "must be the id of a check"


class Uptime(Described):
    """Of one check, or of all of a project's environment: their seconds add up, of each check its own."""

    optional = {"check": _check}

    def faults(self, definition: Definition, project: Project) -> Faults:
        faults = super().faults(definition, project)
        check_id = definition.get("check")
        if not faults and check_id and not Check.objects.filter(pk=check_id, project=project).exists():
            return {"check": ["must be the id of a check of this project"]}
        return faults

    def held_from(self, now: datetime) -> datetime:
        return now - settings.METRIC_RETENTION + MARGIN

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        checks = _checks_of(measures)
        wanted = sorted({pk for pks in checks.values() for pk in pks})
        stretches = stretches_of(wanted, _moment(start), _moment(end)) if wanted else {}
        seconds = {pk: _by_minute(own, start, end) for pk, own in stretches.items()}
        return {pk: _together([seconds[check] for check in own]) for pk, own in checks.items() if own}


def _checks_of(measures: Sequence[Measure]) -> dict[int, list[int]]:
    rows = Check.objects.filter(project__in={each.project_id for each in measures})
    known: list[tuple[int, int, str]] = list(rows.values_list("pk", "project_id", "environment"))
    return {each.pk: [pk for pk, whose, where in known if _is_asked_for(each, pk, whose, where)] for each in measures}


def _is_asked_for(measure: Measure, pk: int, project_id: int, environment: str) -> bool:
    if project_id != measure.project_id:
        return False
    if check_id := measure.definition.get("check"):
        return bool(pk == check_id)
    return not measure.environment or environment in (measure.environment, "")


def _by_minute(stretches: Sequence[Stretch], start: int, end: int) -> dict[int, tuple[int, int]]:
    """Return {start of the minute: (microseconds known, of those down)}."""
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for each in stretches:
        if each.state in KNOWN:
            for at, length in _minutes_of(each, start, end):
                found[at][0] += length
                found[at][1] += length if each.state == CheckState.DOWN else 0
    return {at: (known, down) for at, (known, down) in found.items()}


def _minutes_of(stretch: Stretch, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (start of the minute in epoch seconds, microseconds of the stretch in it)."""
    low = max((stretch.start - _EPOCH) // _MICROSECOND, start * UNIT)
    high = min((stretch.end - _EPOCH) // _MICROSECOND, end * UNIT)
    while low < high:
        minute = low // _MINUTE
        until = min((minute + 1) * _MINUTE, high)
        yield minute * 60, until - low
        low = until


def _together(checks: Sequence[Mapping[int, tuple[int, int]]]) -> Counted:
    """A second is a `UNIT`, so that microseconds add up as they are; `received` rounds seconds up."""
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for check in checks:
        for at, (known, down) in check.items():
            sums[at][0] += known
            sums[at][1] += down
    return Counted({at: minute_of(*numbers, *map(_whole_seconds, numbers)) for at, numbers in sums.items()})


def _whole_seconds(microseconds: int) -> int:
    return -(-microseconds // UNIT)


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
