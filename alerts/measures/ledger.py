"""The rollups as one run of rules reads them: each question asked once, however many rules ask it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from alerts.measures.readings import Spot
from alerts.measures.sliding import window_sums
from tradewatch.metrics import queries
from tradewatch.metrics.histogram import Bins
from tradewatch.metrics.queries import Totals

DAY = 86_400
MOST_SUBJECTS = 200  # of one prefix in one run: the loudest

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Span:
    """Windows of `seconds` that end at each of `ends` (ascending, epoch seconds at whole minutes)."""

    ends: tuple[int, ...]
    seconds: int

    @property
    def start(self) -> int:
        return self.ends[0] - self.seconds

    @property
    def end(self) -> int:
        return self.ends[-1]

    def before(self, seconds: int) -> "Span":
        """Return the windows of `seconds` that end where these begin."""
        return Span(tuple(end - self.seconds for end in self.ends), seconds)


class Ledger:
    """Reads for one run; throw it away afterwards."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, object] = {}

    def sums(self, project_ids: tuple[int, ...], series: str, span: Span) -> Mapping[Spot, Sequence[Totals]]:
        """Return the sum of each window, by project and environment; places without any are absent."""
        return self.once(("sums", project_ids, series, span), lambda: _sums(project_ids, series, span))

    def seen(self, project_ids: tuple[int, ...], series: str, span: Span) -> set[Spot]:
        """Return the places that counted the series within a day before the last window's end, or in the span."""
        return self.once(("seen", project_ids, series, span), lambda: _seen(project_ids, series, span))

    def subjects(self, project_ids: tuple[int, ...], prefix: str, span: Span) -> Mapping[Spot, Sequence[Totals]]:
        """Return the sums of each series that begins with `prefix`, by project, environment and series: the loudest."""
        return self.once(("subjects", project_ids, prefix, span), lambda: _subjects(project_ids, prefix, span))

    def histograms(self, project_ids: tuple[int, ...], series: str, span: Span) -> Mapping[Spot, Mapping[int, Bins]]:
        """Return the minute histograms of the whole span, by project and environment."""
        key = ("histograms", project_ids, series, span.start, span.end)
        return self.once(key, lambda: _histograms(project_ids, series, span))

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return the answer of the first `ask` with this key."""
        if key not in self._answers:
            self._answers[key] = ask()
        return cast("Answer", self._answers[key])


def _sums(project_ids: tuple[int, ...], series: str, span: Span) -> dict[Spot, list[Totals]]:
    if len(span.ends) == 1:
        found = queries.totals_by_place(project_ids, series, span.start, span.end)
        return {Spot(*place): [totals] for place, totals in found.items()}
    points = queries.minutes_by_place(project_ids, series, span.start, span.end)
    return {Spot(*place): window_sums(minutes, span.ends, span.seconds) for place, minutes in points.items()}


def _seen(project_ids: tuple[int, ...], series: str, span: Span) -> set[Spot]:
    start = min(span.start, span.end - DAY)
    return {Spot(*place) for place in queries.totals_by_place(project_ids, series, start, span.end)}


def _subjects(project_ids: tuple[int, ...], prefix: str, span: Span) -> dict[Spot, list[Totals]]:
    loudest = queries.loudest_by_place(project_ids, prefix, span.start, span.end, limit=MOST_SUBJECTS)
    if len(span.ends) == 1:
        return {Spot(*place): [totals] for place, totals in loudest}
    found: dict[Spot, list[Totals]] = {}
    by_series: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    for (project_id, environment, series), _ in loudest:
        by_series[series].add((project_id, environment))
    for series, places in by_series.items():
        points = queries.minutes_by_place(project_ids, series, span.start, span.end)
        for place in places & points.keys():
            found[Spot(*place, series)] = window_sums(points[place], span.ends, span.seconds)
    return found


def _histograms(project_ids: tuple[int, ...], series: str, span: Span) -> dict[Spot, dict[int, Bins]]:
    found = queries.histograms_by_place(project_ids, series, span.start, span.end)
    return {Spot(*place): minutes for place, minutes in found.items()}
