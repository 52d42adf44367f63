"""What a figure of the performance pages was made of: by step of time, by transaction, by release."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.urls import reverse

from tradewatch.core.faults import Unknown
from tradewatch.dashboard import words
from tradewatch.dashboard.counts import Counts, Row, Table
from tradewatch.dashboard.performance.reading import Asked
from tradewatch.dashboard.performance.stats import apdex_value, failed_words, requests_words
from tradewatch.dashboard.ranges import CustomRange
from tradewatch.performance.traces.figures import Figures

TOP = 50
Cells = Callable[[Figures, float], tuple[str, ...]]  # of figures and the seconds that they cover


@dataclass(frozen=True, slots=True)
class _Figure:
    """`by`: what the greatest are by, in tables of transactions and releases."""

    title: str
    columns: tuple[str, ...]
    cells: Cells
    sentence: Callable[[Figures], str]
    by: Callable[[Figures], float]


def counts_of(key: str, asked: Asked) -> Counts:
    """Return the counts behind the figure `key`. Raises `Unknown` for one that is none."""
    if key not in FIGURES:
        raise Unknown(f"no figure {key}")
    figure = FIGURES[key]
    title = f"{figure.title}, {asked.name}" if asked.name else figure.title
    tables = [_over_time(figure, asked), _by_release(figure, asked)]
    if not asked.name:
        tables.insert(1, _by_transaction(figure, asked))
    return Counts(title, figure.sentence(asked.figures), tables)


def _over_time(figure: _Figure, asked: Asked) -> Table:
    steps = asked.frame.span
    rows = []
    for index, point in enumerate(asked.points):
        if not point.count:
            continue
        start = steps.epoch_start + index * steps.step_seconds
        first, last = (datetime.fromtimestamp(at, UTC) for at in (start, start + steps.step_seconds))
        cells = figure.cells(point, steps.step_seconds)
        rows.append(Row((f"{first:%d %b %H:%M}", *cells), period=CustomRange(first, last) if steps.steps > 1 else None))
    return Table("Over time", _every(steps.step_seconds), ("From", *figure.columns), rows[::-1])


def _by_transaction(figure: _Figure, asked: Asked) -> Table:
    sums: dict[str, list[Figures]] = {}
    for key, figures in asked.transactions.items():
        sums.setdefault(key.name, []).append(figures)
    found = [(name, each) for name, several in sums.items() for each in several]
    found.sort(key=lambda pair: (-figure.by(pair[1]), pair[0]))
    seconds = asked.span.length.total_seconds()
    page = reverse("performance-transaction")
    rows = [
        Row(
            (name, *figure.cells(each, seconds)),
            href=f"{page}?{urlencode({**asked.scope.values(), 'name': name})}",
        )
        for name, each in found[:TOP]
    ]
    note = f"the first {TOP} of {len(found)}" if len(found) > TOP else ""
    return Table("By transaction", note, ("Transaction", *figure.columns), rows)


def _by_release(figure: _Figure, asked: Asked) -> Table:
    seconds = asked.span.length.total_seconds()
    found = sorted(asked.releases.items(), key=lambda pair: (-figure.by(pair[1]), pair[0]))
    rows = [Row((release or "no release", *figure.cells(each, seconds))) for release, each in found[:TOP]]
    return Table("By release", "", ("Release", *figure.columns), rows)


def _every(seconds: int) -> str:
    if seconds == 60:
        return "each minute that had any, UTC"
    return f"each {seconds // 60} min, UTC" if seconds < 3600 else f"each {seconds // 3600} h, UTC"


# --- figures ---------------------------------------------------------------------------------------------------------
def _throughput_cells(figures: Figures, seconds: float) -> tuple[str, ...]:
    return (
        words.count(figures.count),
        words.count(round(figures.weighted)),
        words.count(round(figures.per_minute(seconds), 1)),
    )


def _failure_cells(figures: Figures, seconds: float) -> tuple[str, ...]:
    return (words.count(figures.failed), words.count(figures.count), words.percent(figures.failure_ratio))


def _latency_cells(figures: Figures, seconds: float) -> tuple[str, ...]:
    found = figures.percentiles([0.5, 0.75, 0.95, 0.99])
    times = [words.seconds(each) for each in found] if found else [words.NO_DATA] * 4
    return (words.count(figures.measured), *times)


def _apdex_cells(figures: Figures, seconds: float) -> tuple[str, ...]:
    rest = figures.measured - figures.satisfied - figures.tolerating
    return (
        words.count(figures.satisfied),
        words.count(figures.tolerating),
        words.count(rest),
        apdex_value(figures.apdex),
    )


def _latency_sentence(figures: Figures) -> str:
    found = figures.percentiles([0.5, 0.75, 0.95, 0.99])
    if not found:
        return words.NO_DATA
    names = ("p50", "p75", "p95", "p99")
    said = ", ".join(f"{name} {words.seconds(each)}" for name, each in zip(names, found, strict=True))
    return f"{said}, of {words.count(figures.measured)} measured, at most 1% off"


def _apdex_sentence(figures: Figures) -> str:
    if figures.apdex is None:
        return words.NO_DATA
    said = (
        f"({words.count(figures.satisfied)} + {words.count(figures.tolerating)} / 2) / {words.count(figures.measured)}"
    )
    weighted = "" if round(figures.weighted) == figures.count else ", each weighted by its client's sample rate"
    return f"{apdex_value(figures.apdex)} = {said}{weighted}"


def _p95(figures: Figures) -> float:
    return figures.percentile(0.95) or 0.0


FIGURES: Mapping[str, _Figure] = {
    "throughput": _Figure(
        "Throughput",
        ("Received", "Stand for", "A minute"),
        _throughput_cells,
        requests_words,
        lambda figures: figures.weighted,
    ),
    "failures": _Figure(
        "Failed requests",
        ("Failed", "All", "Share"),
        _failure_cells,
        lambda figures: f"{words.percent(figures.failure_ratio)} = {failed_words(figures)}",
        lambda figures: figures.weighted_failed,
    ),
    "latency": _Figure(
        "How long requests took", ("Measured", "p50", "p75", "p95", "p99"), _latency_cells, _latency_sentence, _p95
    ),
    "apdex": _Figure(
        "Apdex",
        ("Satisfied", "Tolerating", "Frustrated", "Apdex"),
        _apdex_cells,
        _apdex_sentence,
        lambda figures: -(1.0 if figures.apdex is None else figures.apdex),
    ),
}
KEYS: Sequence[str] = tuple(FIGURES)
