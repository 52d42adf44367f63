"""The figures on top of the overview and of a transaction: a value, its counts, what it was before. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from tradewatch.dashboard import words
from tradewatch.dashboard.charts import Chart
from tradewatch.dashboard.figures import Figure
from tradewatch.performance.traces.figures import Figures

FEW_SAMPLED = 0.995  # of what happened: from here on nothing is said of sampling


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its chart; `href` leads to its counts."""

    stat: Figure
    chart: Chart
    href: str


def make_stats(
    now: Figures, before: Figures, *, length: timedelta, compared: str, threshold: float, apdex_words: str
) -> list[Figure]:
    """Return throughput, failures, p95 and Apdex. `compared` names the time before ("the hour before"); `threshold` is
    the failed share that an alert fires above; `apdex_words` says what satisfies ("T 0.5 s")."""
    return [
        _throughput(now, before, length, compared),
        _failed(now, before, compared, threshold),
        _latency(now, before, compared),
        _apdex(now, before, compared, apdex_words),
    ]


def sampled(figures: Figures) -> str:
    """Return `sampled 20%, counts weighted`; empty where clients send everything."""
    coverage = figures.coverage
    if coverage is None or coverage >= FEW_SAMPLED:
        return ""
    return f"sampled {coverage * 100:.3g}%, counts weighted"


def requests_words(figures: Figures) -> str:
    """Return `14,800 requests`, `≈ 74,000 requests, 14,800 seen`."""
    if round(figures.weighted) == figures.count:
        return words.plural(figures.count, "request")
    return f"≈ {words.plural(round(figures.weighted), 'request')}, {words.count(figures.count)} seen"


def failed_words(figures: Figures) -> str:
    """Return `312 / 14,800`, `≈ 1,560 / 74,000, seen 312 / 14,800`."""
    seen = f"{words.count(figures.failed)} / {words.count(figures.count)}"
    if round(figures.weighted) == figures.count:
        return seen
    return f"≈ {words.count(round(figures.weighted_failed))} / {words.count(round(figures.weighted))}, seen {seen}"


def apdex_value(value: float | None) -> str:
    return words.NO_DATA if value is None else f"{value:.3f}"


def _throughput(now: Figures, before: Figures, length: timedelta, compared: str) -> Figure:
    if not now.count:
        return Figure("throughput", "Throughput", words.NO_DATA, "", "no transaction in this time", "")
    value = words.count(now.per_minute(length.total_seconds()))
    change = _on(words.change(now.weighted, before.weighted or None), compared)
    return Figure("throughput", "Throughput", value, "/min", requests_words(now), change)


def _failed(now: Figures, before: Figures, compared: str, threshold: float) -> Figure:
    ratio = now.failure_ratio
    if ratio is None:
        return Figure("failures", "Failed requests", words.NO_DATA, "", "no transaction in this time", "")
    change = words.change(ratio, before.failure_ratio)
    earlier = f"was {words.percent(before.failure_ratio)} in {compared}" if before.count else _on("", compared)
    is_bad = ratio > threshold
    return Figure(
        "failures",
        "Failed requests",
        words.percent(ratio).rstrip("%"),
        "%",
        failed_words(now),
        f"{change} on {compared}" if change else earlier,
        is_bad=is_bad,
        is_worse=change.startswith("▲"),
    )


def _latency(now: Figures, before: Figures, compared: str) -> Figure:
    found = now.percentiles([0.5, 0.95])
    if found is None:
        return Figure("latency", "p95, and p50 below", words.NO_DATA, "", "nothing measured in this time", "")
    value, _, unit = words.seconds(found[1]).partition(" ")
    change = words.change(found[1], before.percentile(0.95))
    counts = f"p50 {words.seconds(found[0])} · {words.count(now.measured)} measured"
    is_worse = change.startswith("▲")
    return Figure("latency", "p95, and p50 below", value, unit, counts, _on(change, compared), is_worse=is_worse)


def _apdex(now: Figures, before: Figures, compared: str, apdex_words: str) -> Figure:
    if now.apdex is None:
        return Figure("apdex", "Apdex", words.NO_DATA, "", "nothing measured in this time", "")
    counts = (
        f"{words.count(now.satisfied)} satisfied, {words.count(now.tolerating)} tolerating "
        f"of {words.count(now.measured)} · {apdex_words}"
    )
    was = f"was {apdex_value(before.apdex)} in {compared}" if before.apdex is not None else _on("", compared)
    return Figure("apdex", "Apdex", apdex_value(now.apdex), "", counts, was.replace("in as long", "as long"))


def _on(change: str, compared: str) -> str:
    return f"{change} on {compared}" if change else f"nothing in {compared}".replace("in as long", "as long")
