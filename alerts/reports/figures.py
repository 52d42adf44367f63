"""From alerts and messages of a stretch of time to its figures. Values in, values out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median

from alerts.replay.nights import Night


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """An alert that began in the stretch. `rule` is what opened it: a rule's name, else its source."""

    rule: str
    starts_at: datetime
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    was_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A message that reached somebody and said that something fires. `person`: a name, else the address."""

    person: str
    at: datetime
    rule: str


@dataclass(frozen=True, slots=True)
class Times:
    """Mean and median of `count` durations; None without any: unknown, not zero."""

    count: int
    mean: timedelta | None
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class RuleNoise:
    """`unanswered`: alerts that nobody acknowledged and that ended all the same: perhaps nobody needs them."""

    rule: str
    alerts: int
    pages: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class PersonLoad:
    person: str
    pages: int
    night_pages: int


@dataclass(frozen=True, slots=True)
class AlertFigures:
    alerts: int
    open: int
    to_acknowledge: Times
    to_resolve: Times
    pages: int
    night_pages: int
    rules: Sequence[RuleNoise]
    people: Sequence[PersonLoad]


def figures_of(alerts: Sequence[PastAlert], pages: Sequence[Page], *, night: Night) -> AlertFigures:
    """Return the figures, rules by their noise and people by their pages, the most first.

    Time to acknowledge (MTTA) is of the alerts that somebody acknowledged, time to resolve (MTTR) of those that ended,
    both from the alert's start.
    """
    return AlertFigures(
        alerts=len(alerts),
        open=sum(alert.resolved_at is None for alert in alerts),
        to_acknowledge=_times(a.acknowledged_at - a.starts_at for a in alerts if a.acknowledged_at is not None),
        to_resolve=_times(a.resolved_at - a.starts_at for a in alerts if a.resolved_at is not None),
        pages=len(pages),
        night_pages=sum(night.holds(page.at) for page in pages),
        rules=_noise(alerts, pages),
        people=_loads(pages, night),
    )


def _times(durations: Iterable[timedelta]) -> Times:
    seconds = [duration.total_seconds() for duration in durations]
    if not seconds:
        return Times(0, None, None)
    return Times(len(seconds), timedelta(seconds=mean(seconds)), timedelta(seconds=median(seconds)))


def _noise(alerts: Sequence[PastAlert], pages: Sequence[Page]) -> list[RuleNoise]:
    by_rule: defaultdict[str, list[PastAlert]] = defaultdict(list)
    for alert in alerts:
        by_rule[alert.rule].append(alert)
    paged = Counter(page.rule for page in pages)
    noise = [RuleNoise(rule, len(some), paged[rule], sum(map(_is_unanswered, some))) for rule, some in by_rule.items()]
    return sorted(noise, key=lambda each: (-each.pages, -each.alerts, each.rule))


def _is_unanswered(alert: PastAlert) -> bool:
    return alert.was_told and alert.acknowledged_at is None and alert.resolved_at is not None


def _loads(pages: Sequence[Page], night: Night) -> list[PersonLoad]:
    by_person: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_person[page.person].append(page)
    loads = [PersonLoad(who, len(some), sum(night.holds(page.at) for page in some)) for who, some in by_person.items()]
    return sorted(loads, key=lambda load: (-load.pages, -load.night_pages, load.person))
