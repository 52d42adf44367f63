"""Everything a report is made of, read in few queries however many targets there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sla.choices import WindowKind
from sla.figures.judging import judge
from sla.figures.periods import period_named, period_of_days
from sla.figures.values import Judged, Period
from sla.minutes.loading import load
from sla.minutes.values import Minutes
from sla.models import Target, TargetVersion
from sla.queries import corrections_of, targets_of
from sla.reports.asking import Asked
from tradewatch.calendars import queries
from tradewatch.calendars.sessions import Market
from tradewatch.core.faults import Invalid
from tradewatch.projects.models import Project

ReadMarket = Callable[[str, datetime, datetime], Market | None]


@dataclass(frozen=True, slots=True)
class Part:
    """One target's period with what it was judged from. `judge_part` judges any stretch of it the same way."""

    version: TargetVersion
    judged: Judged
    minutes: Minutes
    market: Market | None
    judge_part: Callable[[Period], Judged]


def parts_of(project: Project, asked: Asked, now: datetime) -> list[Part]:
    """Return the project's targets, judged over what is asked. Raises `Invalid` for a period that has not begun."""
    markets = _remembering(queries.market)
    chosen = [(version, _period(version, asked, now, markets)) for version in versions_at(project, asked, now, markets)]
    return judged_parts(project, chosen, now, markets)


def judged_parts(
    project: Project,
    chosen: Sequence[tuple[TargetVersion, Period]],
    now: datetime,
    markets: ReadMarket = queries.market,
) -> list[Part]:
    if not chosen:
        return []
    start, end = min(period.start for _, period in chosen), max(period.end for _, period in chosen)
    minutes = load([version.measure for version, _ in chosen], start, end)
    corrections = list(corrections_of([project.pk], start, end))
    parts = []
    for version, period in chosen:
        counted = minutes[version.measure_id]
        judge_part = partial(judge, version, counted, corrections=corrections, now=now)
        market = markets(version.market, period.start, period.end) if version.window == WindowKind.MARKET else None
        parts.append(Part(version, judge_part(period), counted, market, judge_part))
    return parts


def versions_at(project: Project, asked: Asked, now: datetime, markets: ReadMarket) -> list[TargetVersion]:
    """Return of each target the version in force at the end of its period; of a running one the newest."""
    targets = list(targets_of([project.pk]))
    history = all_versions(targets)
    found = []
    for target in targets:
        versions = history.get(target.pk, [])
        if versions:
            end = min(_period(versions[-1], asked, now, markets).end, now)
            found.append(in_force(versions, end))
    return found


def all_versions(targets: Sequence[Target]) -> dict[int, list[TargetVersion]]:
    """Return {target id: its versions, the oldest first}."""
    by_id = {target.pk: target for target in targets}
    rows = TargetVersion.objects.filter(target__in=by_id).select_related("measure").order_by("number")
    found: dict[int, list[TargetVersion]] = {}
    for version in rows:
        version.target = by_id[version.target_id]
        found.setdefault(version.target_id, []).append(version)
    return found


def in_force(versions: Sequence[TargetVersion], at: datetime) -> TargetVersion:
    """Return the version that judges what ends `at`; before the first one began, the first (see `sla.queries`)."""
    return next((version for version in reversed(versions) if version.valid_from <= at), versions[0])


def _period(version: TargetVersion, asked: Asked, now: datetime, markets: ReadMarket) -> Period:
    if asked.named is None:
        return period_of_days(version, asked.days or 0, now, markets=markets)
    try:
        return period_named(version, asked.named.name, now, markets=markets)
    except ValueError as error:
        raise Invalid("bad period", errors={"period": [str(error)]}) from None


def _remembering(read: ReadMarket) -> ReadMarket:
    """Return a reader that asks the database once for each market and stretch."""
    known: dict[tuple[str, datetime, datetime], Market | None] = {}

    def remembered(code: str, start: datetime, end: datetime) -> Market | None:
        key = code, start, end
        if key not in known:
            known[key] = read(code, start, end)
        return known[key]

    return remembered
