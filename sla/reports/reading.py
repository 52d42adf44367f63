"""What a report is made of: each target's judged period, its minutes, and how to judge a stretch of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sla.choices import WindowKind
from sla.figures.exclusions import applying
from sla.figures.judging import judge
from sla.figures.reading import Opened, in_force, opened, remembering_markets, versions_by_target
from sla.figures.values import Judged, Period
from sla.minutes.values import Minutes
from sla.models import Target, TargetVersion
from sla.queries import targets_of
from sla.reports.asking import Asked
from tradewatch.calendars.sessions import Market
from tradewatch.core.faults import Invalid
from tradewatch.projects.models import Project


class Part:
    """One target's period with what it was judged from."""

    def __init__(self, found: Opened, market: Market | None) -> None:
        self.version: TargetVersion = found.version
        self.version.target = found.target
        self.judged: Judged = found.judged
        self.minutes: Minutes = found.minutes
        self.market = market
        self._corrections = applying(found.version, found.corrections)

    def judge_part(self, period: Period) -> Judged:
        """Return how a stretch of the period was, by the same version."""
        return judge(self.version, self.minutes, period, self._corrections, self.judged.now)


def parts_of(project: Project, asked: Asked, now: datetime) -> list[Part]:
    """Return the project's targets, judged over what is asked. Raises `Invalid` for a period that has not begun."""
    targets = list(targets_of([project.pk]))
    if asked.market:
        targets = _in_market(targets, asked.market, now)
    return parts_over(targets, asked, now)


def parts_over(targets: Iterable[Target], asked: Asked, now: datetime) -> list[Part]:
    try:
        found = opened(targets, now, asked.named.name if asked.named else asked.days)
    except ValueError as error:
        raise Invalid("bad period", errors={"period": [str(error)]}) from None
    markets = remembering_markets(now)
    return [
        Part(
            each,
            markets(each.version.market, each.period.start, each.period.end)
            if each.version.window == WindowKind.MARKET
            else None,
        )
        for each in found.values()
    ]


def _in_market(targets: Sequence[Target], market: str, now: datetime) -> list[Target]:
    """Return the targets in the market's time; all of them where none is."""
    versions = versions_by_target(targets)
    newest = {target.pk: in_force(versions[target.pk], now) for target in targets if versions[target.pk]}
    found = [
        target
        for target in targets
        if (version := newest.get(target.pk)) and (version.window, version.market) == (WindowKind.MARKET, market)
    ]
    return found or list(targets)
