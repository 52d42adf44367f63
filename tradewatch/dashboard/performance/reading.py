"""Whose transactions, and when; and what they are compared with. Every query of the overview goes through here."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tradewatch.dashboard.chart_frame import ChartFrame, make_frame
from tradewatch.dashboard.performance.changes import Compared
from tradewatch.dashboard.ranges import Period, Span
from tradewatch.dashboard.scope import Scope
from tradewatch.metrics.release_markers import short_version
from tradewatch.performance.models import TransactionGroup
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.comparing import compare
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey
from tradewatch.projects.releases import package_of

Points = list[tuple[int, Figures]]
MOST_RELEASES = 12  # in the menu of comparisons


class Asked:
    """A page's question: projects, environment, range; of one transaction where `name` is given."""

    def __init__(self, scope: Scope, *, now: datetime, name: str | None = None) -> None:
        self.scope, self.now, self.name = scope, now, name
        self.project_ids: tuple[int, ...] = scope.project_ids
        self.environment: str | None = scope.environment or None
        self.period: Period = scope.range
        self.span: Span = scope.range.span(now)

    @cached_property
    def frame(self) -> ChartFrame:
        return make_frame(self.project_ids, self.scope.environment, self.period, now=self.now)

    @cached_property
    def figures(self) -> Figures:
        return self._overall(self.span)

    @cached_property
    def before(self) -> Figures:
        return self._overall(self.span.before())

    @cached_property
    def points(self) -> Sequence[Figures]:
        """One a step of the charts, empty where nothing came."""
        steps = self.frame.span
        found = queries.points(
            self.project_ids,
            steps.epoch_start,
            steps.epoch_end,
            steps.step_seconds,
            environment=self.environment,
            name=self.name,
        )
        return filled(found, steps)

    @cached_property
    def transactions(self) -> Mapping[TransactionKey, Figures]:
        return queries.by_transaction(
            self.project_ids, self.span.epoch_start, self.span.epoch_end, environment=self.environment
        )

    @cached_property
    def releases(self) -> Mapping[str, Figures]:
        """Return {version: figures} of this range."""
        return self._by_release(self.span)

    @cached_property
    def releases_before(self) -> Mapping[str, Figures]:
        return self._by_release(self.span.before())

    @cached_property
    def known_groups(self) -> bool:
        """Whether a transaction ever came from these projects."""
        return TransactionGroup.objects.filter(project__in=self.project_ids).exists()

    @cached_property
    def known_releases(self) -> list[str]:
        """Return the versions that transactions named, the newest first."""
        return queries.releases_of(self.project_ids)[:MOST_RELEASES]

    def lines(self, names: Sequence[str]) -> Mapping[str, Sequence[Figures]]:
        """Return {name: figures, one a step of the charts}."""
        steps = self.frame.span
        found = queries.points_by_transaction(
            self.project_ids,
            names,
            steps.epoch_start,
            steps.epoch_end,
            steps.step_seconds,
            environment=self.environment,
        )
        return {name: filled(found.get(name, []), steps) for name in names}

    def _by_release(self, span: Span) -> Mapping[str, Figures]:
        return queries.by_release(
            self.project_ids, span.epoch_start, span.epoch_end, environment=self.environment, name=self.name
        )

    def _overall(self, span: Span) -> Figures:
        return queries.overall(
            self.project_ids, span.epoch_start, span.epoch_end, environment=self.environment, name=self.name
        )


def filled(points: Points, steps: Span) -> list[Figures]:
    """Return one a step; empty figures where nothing came."""
    at = dict(points)
    return [at.get(steps.epoch_start + index * steps.step_seconds, Figures()) for index in range(steps.steps)]


# --- what with what --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Against:
    """What a range is compared with: the time before, or `release` with `base`. Empty: not those."""

    release: str = ""
    base: str = ""

    @property
    def is_of_releases(self) -> bool:
        return bool(self.release)

    def parameters(self) -> dict[str, str]:
        return {"release": self.release, "base": self.base} if self.release else {"against": "previous"}


BEFORE = Against()


def read_against(parameters: Mapping[str, str], asked: Asked) -> Against:
    """Return what the address names; without a word of it the newest release against the one before it, where both
    ran in this range or the one before, else the time before."""
    release, base = parameters.get("release", "")[:250], parameters.get("base", "")[:250]
    if release and base and release != base:
        return Against(release, base)
    if parameters.get("against") == "previous" or len(asked.project_ids) > 1:
        return BEFORE
    return newest_pair(asked.known_releases, set(asked.releases), {*asked.releases, *asked.releases_before})


def newest_pair(known: Sequence[str], now: Set[str], lately: Set[str]) -> Against:
    """Return the newest release that runs `now` with the one before it of the same package, where both ran `lately`.

    Several services may report to one project: a release of another package is no earlier state of this one.
    """
    for at, release in enumerate(known):
        if release in now:
            for older in known[at + 1 :]:
                if older in lately and package_of(older) == package_of(release):
                    return Against(release, older)
    return BEFORE


def compared(asked: Asked, against: Against) -> Compared:
    """Return how each transaction changed. A release is met in this range, its base in this range or the one before."""
    span, before = asked.span, asked.span.before()
    if not against.is_of_releases:
        earlier = _by_transaction(asked, before.epoch_start, before.epoch_end)
        return Compared(asked.period.compared, asked.period.within, compare(earlier, asked.transactions))
    earlier = _by_transaction(asked, before.epoch_start, span.epoch_end, against.base)
    later = _by_transaction(asked, span.epoch_start, span.epoch_end, against.release)
    names = short_version(against.base), short_version(against.release)
    return Compared(*names, compare(earlier, later), is_of_releases=True)


def _by_transaction(asked: Asked, start: int, end: int, release: str | None = None) -> Mapping[TransactionKey, Figures]:
    found = queries.by_transaction(asked.project_ids, start, end, environment=asked.environment, release=release)
    if asked.name is None:
        return found
    return {key: figures for key, figures in found.items() if key.name == asked.name}
