"""Judges stored targets, in few queries however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla.choices import WindowKind
from sla.figures.burns import burning
from sla.figures.exclusions import counting_spans
from sla.figures.judging import judge
from sla.figures.pairs import LONGEST_SECONDS
from sla.figures.periods import (
    ReadMarket,
    current_period,
    period_from,
    period_named,
    period_of_days,
)
from sla.figures.stretches import seconds_in, whole_minute
from sla.figures.values import Burning, Judged, Period
from sla.minutes.loading import load
from sla.minutes.values import Minutes
from sla.models import Correction, Measure, Target, TargetVersion
from sla.queries import corrections_of
from tradewatch.calendars import queries
from tradewatch.calendars.sessions import Market

DAY = timedelta(days=1)
BURN_REACH = timedelta(seconds=LONGEST_SECONDS) + DAY  # a day more: slices are taken whole
SESSION_REACH = timedelta(days=45)  # three days of session time, with the longest closing in the data and one more
Which = str | int | Period | None  # the name of a period, so many days up to now, those very edges, or each one's own


@dataclass(frozen=True, slots=True)
class Opened:
    """A target's period with all that its figures are made of."""

    target: Target
    version: TargetVersion
    period: Period
    minutes: Minutes
    corrections: Sequence[Correction]
    judged: Judged


@dataclass(frozen=True, slots=True)
class Burnt:
    """How a target burns. `counts_now`: the last minute is time that counts, e.g. its market was open."""

    version: TargetVersion
    burning: list[Burning]
    counts_now: bool


def judged(targets: Iterable[Target], now: datetime, period: Which = None) -> dict[int, Judged]:
    """Return {target id: its period as of `now`}; a target without a version is left out. Raises `PeriodFault`."""
    return {pk: each.judged for pk, each in opened(targets, now, period).items()}


def opened(targets: Iterable[Target], now: datetime, period: Which = None) -> dict[int, Opened]:
    """Return {target id: its judged period and what it was made of}. Raises `PeriodFault`."""
    rows = list(targets)
    versions, markets = versions_by_target(rows), remembering_markets(now)
    chosen = {row.pk: _chosen(versions[row.pk], now, period, markets) for row in rows if versions[row.pk]}
    if not chosen:
        return {}
    start = min(each.start for _, each in chosen.values())
    end = max(each.end for _, each in chosen.values())
    corrections = _corrections(rows, start, end)
    minutes = load({version.measure for version, _ in chosen.values()}, start, min(end, now))
    return {
        row.pk: _open(row, *chosen[row.pk], minutes, corrections[row.project_id], now)
        for row in rows
        if row.pk in chosen
    }


def burns(targets: Iterable[Target], now: datetime) -> dict[int, list[Burning]]:
    """Return {target id: how its pairs of burn windows stand}; a target without a version is left out."""
    return {pk: each.burning for pk, each in burnt(targets, now).items()}


def burnt(targets: Iterable[Target], now: datetime) -> dict[int, Burnt]:
    """Return the same with the version that was asked, and whether the last minute counted at all."""
    rows = list(targets)
    all_versions, markets = versions_by_target(rows), remembering_markets(now)
    versions = {pk: in_force(known, now) for pk, known in all_versions.items() if known}
    if not versions:
        return {}
    corrections = _corrections(rows, now - SESSION_REACH, now)
    minutes = _burn_minutes(versions.values(), now)
    return {
        row.pk: _burnt(version, minutes[version.measure_id], corrections[row.project_id], now, markets)
        for row in rows
        if (version := versions.get(row.pk)) is not None
    }


def versions_by_target(targets: Sequence[Target]) -> dict[int, list[TargetVersion]]:
    """Return {target id: its versions, the newest first}, in one query."""
    found: dict[int, list[TargetVersion]] = {target.pk: [] for target in targets}
    rows = TargetVersion.objects.filter(target__in=list(found)).select_related("measure")
    for version in rows.order_by("target", "-number"):
        found[version.target_id].append(version)
    return found


def in_force(versions: Sequence[TargetVersion], at: datetime) -> TargetVersion:
    """Return the newest that was valid at the moment; before the first one began, the first (`sla.queries`)."""
    return next((version for version in versions if version.valid_from <= at), versions[-1])


def remembering_markets(now: datetime) -> ReadMarket:
    """Return a reader that asks for each market once, as far around `now` as most need, and again only for more."""
    known: dict[str, tuple[datetime, datetime, Market | None]] = {}

    def read(code: str, start: datetime, end: datetime) -> Market | None:
        low, high, market = known.get(code, (now - SESSION_REACH, now + SESSION_REACH, None))
        if code not in known or start < low or end > high:
            low, high = min(start, low), max(end, high)
            known[code] = (low, high, market := queries.market(code, low, high))
        return market

    return read


def _chosen(
    versions: Sequence[TargetVersion], now: datetime, which: Which, markets: ReadMarket
) -> tuple[TargetVersion, Period]:
    """Return the version that judges and the period as it counts it: the one in force at the period's end.

    A period that ends with the running minute still runs: an edit of this minute counts in it.
    """
    for version in versions:
        period = _period(version, now, which, markets)
        if version.valid_from <= (now if period.end >= whole_minute(now) else period.end):
            return version, period
    return versions[-1], _period(versions[-1], now, which, markets)


def _period(version: TargetVersion, now: datetime, which: Which, markets: ReadMarket) -> Period:
    match which:
        case None:
            return current_period(version, now, markets=markets)
        case str():
            return period_named(version, which, now, markets=markets)
        case int():
            return period_of_days(version, which, now, markets=markets)
        case _:
            return period_from(version, which.start, which.end, which.label, markets=markets)


def _open(
    target: Target,
    version: TargetVersion,
    period: Period,
    minutes: Mapping[int, Minutes],
    corrections: Sequence[Correction],
    now: datetime,
) -> Opened:
    known = minutes[version.measure_id]
    return Opened(target, version, period, known, corrections, judge(version, known, period, corrections, now))


def _corrections(targets: Sequence[Target], start: datetime, end: datetime) -> Mapping[int, Sequence[Correction]]:
    found: defaultdict[int, list[Correction]] = defaultdict(list)
    for row in corrections_of(sorted({target.project_id for target in targets}), start, end):
        found[row.project_id].append(row)
    return found


def _burn_minutes(versions: Iterable[TargetVersion], now: datetime) -> Mapping[int, Minutes]:
    """Return the minutes that burn windows can reach; on market time they reach further back."""
    far: set[Measure] = set()
    near: set[Measure] = set()
    for version in versions:
        (far if version.window == WindowKind.MARKET else near).add(version.measure)
    return {**load(near - far, now - BURN_REACH, now), **load(far, now - SESSION_REACH, now)}


def _burnt(
    version: TargetVersion,
    minutes: Minutes,
    corrections: Sequence[Correction],
    now: datetime,
    markets: ReadMarket,
) -> Burnt:
    end = whole_minute(now)
    start = end - (SESSION_REACH if version.window == WindowKind.MARKET else BURN_REACH)
    stretch = period_from(version, start, end, "burn", markets=markets)
    spans = counting_spans(version, stretch, corrections)
    period = current_period(version, now, markets=markets)
    found = burning(version, minutes, spans, now, period_seconds=seconds_in(period.spans))
    return Burnt(version, found, counts_now=bool(spans) and spans[-1].end == end)
