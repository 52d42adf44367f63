"""What a figure of the live page was made of, table by table: by step of time, by what it is about, by issue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tradewatch.core.faults import Unknown
from tradewatch.core.windows import Window
from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.ranges import CustomRange, Period, Span
from tradewatch.errors.models import Event
from tradewatch.errors.queries import RATES, loudest_issues
from tradewatch.metrics.queries import Totals, percentiles, top_series, totals, users

TOP = 20
SLOWEST = 10  # transactions with percentiles: each reads its histograms
EVENTS = 25


@dataclass(frozen=True, slots=True)
class Row:
    """`href` leads further; `period` instead narrows the page to the row's own time."""

    cells: tuple[str, ...]
    href: str = ""
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    note: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    empty: str = "nothing in this time"


@dataclass(frozen=True, slots=True)
class Counts:
    """`sentence` is the figure with its counts: `2.1% = 312 / 14,800 requests`."""

    title: str
    sentence: str
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose numbers, and when: `span` in minutes for sums, `steps` as charts are drawn. `environment` empty: all."""

    project_ids: tuple[int, ...]
    environment: str
    span: Span
    steps: Span

    @property
    def window(self) -> Window:
        return Window(self.span.start, self.span.end)

    def totals(self, *series: str) -> Mapping[str, Totals]:
        found = totals(self.project_ids, series, self.span.epoch_start, self.span.epoch_end, self.environment or None)
        return {name: found.get(name, Totals()) for name in series}

    def top(self, prefix: str, limit: int = TOP) -> list[tuple[str, Totals]]:
        """Return (name without `prefix`, sum), the greatest first."""
        start, end, environment = self.span.epoch_start, self.span.epoch_end, self.environment or None
        found = top_series(self.project_ids, prefix, start, end, environment=environment, limit=limit)
        return [(series.removeprefix(prefix), sums) for series, sums in found]

    def points(self, *series: str) -> Mapping[str, list[Totals]]:
        return rollups.points(self.project_ids, series, self.steps, environment=self.environment)

    def quantiles(self, series: str, *quantiles: float) -> list[float] | None:
        start, end = self.span.epoch_start, self.span.epoch_end
        return percentiles(self.project_ids, series, start, end, quantiles, self.environment or None)


def counts_of(key: str, project_ids: tuple[int, ...], environment: str, period: Period, *, now: datetime) -> Counts:
    """Return the counts behind the figure `key`. Raises `Unknown` for one that is none."""
    if key not in FIGURES:
        raise Unknown(f"no figure {key}")
    return FIGURES[key](Asked(project_ids, environment, period.span(now), period.chart_span(now)))


# --- figures ---------------------------------------------------------------------------------------------------------
def _error_rate(asked: Asked) -> Counts:
    unit, every, bad = _rate_series(asked)
    found = asked.totals(every, bad)
    ratio = found[bad].weighted / found[every].weighted if found[every].weighted else None
    counts = f"{words.count(found[bad].count)} / {words.plural(found[every].count, unit)}"
    tables = [_ratio_steps(asked, unit, every, bad), _issues(asked), _events(asked)]
    if unit == "request":
        tables.insert(1, _failing_transactions(asked))
    return Counts(f"Failed {unit}s", f"{words.percent(ratio)} = {counts}{_sampled(found[every])}", tables)


def _requests(asked: Asked) -> Counts:
    unit, every, bad = _rate_series(asked)
    found = asked.totals(every)[every]
    tables = [_ratio_steps(asked, unit, every, bad)]
    if unit == "request":
        rows = [Row((name, words.count(sums.count))) for name, sums in asked.top("tx:")]
        tables.append(Table("By transaction", f"the {TOP} busiest", ("Transaction", "Requests"), rows))
    return Counts(f"{unit.capitalize()}s", f"{words.plural(found.count, unit)}{_sampled(found)}", tables)


def _errors(asked: Asked) -> Counts:
    found = asked.totals("events")["events"]
    points = asked.points("events")["events"]
    steps = [_step(asked, index, words.count(point.count)) for index, point in enumerate(points) if point.count]
    tables = [
        Table("Over time", _every(asked), ("From", "Events"), steps[::-1]),
        _issues(asked),
        *(
            Table(f"By {name}", "", (name.capitalize(), "Events"), _rows(asked.top(f"events.{name}.")))
            for name in ("severity", "category", "release")
        ),
        _events(asked),
    ]
    return Counts("Errors", words.plural(found.count, "event"), tables)


def _p95(asked: Asked) -> Counts:
    rows = []
    for name, sums in asked.top("tx:", SLOWEST):
        measured = asked.quantiles(f"tx:{name}", 0.5, 0.95, 0.99)
        texts = [words.seconds(each) for each in measured] if measured else [words.NO_DATA] * 3
        rows.append(Row((name, words.count(sums.count), *texts)))
    columns = ("Transaction", "Requests", "p50", "p95", "p99")
    table = Table("By transaction", f"the {SLOWEST} busiest; percentiles are at most 1% off", columns, rows)
    overall = asked.quantiles("transactions", 0.95)
    sentence = f"p95 {words.seconds(overall[0] if overall else None)} of all requests together"
    return Counts("p95 of requests", sentence, [table])


def _users(asked: Asked) -> Counts:
    met = users(asked.project_ids, asked.span.epoch_start, asked.span.epoch_end, asked.environment or None)
    sentence = f"≈ {words.plural(met, 'user')} met an error in the hours that touch this time, an estimate"
    return Counts("Users affected", sentence, [_issues(asked)])


FIGURES: Mapping[str, Callable[[Asked], Counts]] = {
    "error-rate": _error_rate,
    "errors": _errors,
    "requests": _requests,
    "p95": _p95,
    "users": _users,
}


# --- tables ----------------------------------------------------------------------------------------------------------
def _rate_series(asked: Asked) -> tuple[str, str, str]:
    """Return (what one is called, the series of all, the series of the failed): sessions without transactions."""
    (_, requests, failed), (_, sessions, errored) = RATES
    found = asked.totals(requests, sessions)
    if found[sessions].count and not found[requests].count:
        return "session", sessions, errored
    return "request", requests, failed


def _ratio_steps(asked: Asked, unit: str, every: str, bad: str) -> Table:
    points = asked.points(every, bad)
    rows = [
        _step(
            asked,
            index,
            words.count(failed.count),
            words.count(all_.count),
            words.percent(failed.weighted / all_.weighted if all_.weighted else None),
        )
        for index, (all_, failed) in enumerate(zip(points[every], points[bad], strict=True))
        if all_.count
    ]
    return Table("Over time", _every(asked), ("From", "Failed", f"All {unit}s", "Share"), rows[::-1])


def _failing_transactions(asked: Asked) -> Table:
    worst = asked.top("tx.failed:")
    every = asked.totals(*(f"tx:{name}" for name, _ in worst)) if worst else {}
    rows = []
    for name, failed in worst:
        all_ = every[f"tx:{name}"]
        share = words.percent(failed.weighted / all_.weighted if all_.weighted else None)
        rows.append(Row((name, words.count(failed.count), words.count(all_.count), share)))
    return Table("By transaction", "most failures first", ("Transaction", "Failed", "All requests", "Share"), rows)


def _issues(asked: Asked) -> Table:
    found = loudest_issues(asked.project_ids, asked.window, asked.environment or None, limit=TOP)
    rows = [
        Row(
            (each.issue.title, words.count(each.events), words.count(each.issue.user_count)),
            href=each.issue.get_absolute_url(),
        )
        for each in found
    ]
    return Table("By issue", "users are those of all time", ("Issue", "Events", "Users"), rows, "no error in this time")


def _events(asked: Asked) -> Table:
    events = Event.objects.filter(
        project_id__in=asked.project_ids,
        is_simulated=False,
        timestamp__gte=asked.span.start,
        timestamp__lt=asked.span.end,
    ).select_related("issue")
    if asked.environment:
        events = events.filter(environment=asked.environment)
    rows = [
        Row((each.issue.title, f"{each.timestamp:%d %b %H:%M:%S}", each.environment), href=each.get_absolute_url())
        for each in events.order_by("-timestamp")[:EVENTS]
    ]
    return Table(
        "Events",
        f"the newest {EVENTS} that are kept",
        ("Issue", "At, UTC", "Environment"),
        rows,
        "none is kept of this time",
    )


def _step(asked: Asked, index: int, *cells: str) -> Row:
    """Return the row of a step of time; it narrows the page to itself while it is longer than a minute."""
    length = asked.steps.step_seconds
    start = datetime.fromtimestamp(asked.steps.epoch_start + index * length, UTC)
    end = datetime.fromtimestamp(asked.steps.epoch_start + (index + 1) * length, UTC)
    is_alone = asked.steps.steps == 1
    return Row((f"{start:%d %b %H:%M}", *cells), period=None if is_alone else CustomRange(start, end))


def _every(asked: Asked) -> str:
    length = asked.steps.step_seconds
    if length == 60:
        return "each minute that had any, UTC"
    return f"each {length // 60} min, UTC" if length < 3600 else f"each {length // 3600} h, UTC"


def _rows(found: Sequence[tuple[str, Totals]]) -> list[Row]:
    return [Row((name, words.count(sums.count))) for name, sums in found]


def _sampled(sums: Totals) -> str:
    """Return what the counts stand for where clients send a sample only."""
    if round(sums.weighted) == sums.count:
        return ""
    return f", which stand for ≈ {words.count(round(sums.weighted))} at the clients' sample rates"
