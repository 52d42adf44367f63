"""The figures on top of the live page: a value with its unit, the counts it was made of, and what it was before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from tradewatch.dashboard import words
from tradewatch.metrics.queries import Totals

Unit = Literal["request", "session"]


@dataclass(frozen=True, slots=True)
class Measures:
    """What one stretch of time held. `unit`: what `requests` and `failed` count; sessions where nothing sends
    transactions."""

    requests: Totals
    failed: Totals
    events: int
    users: int | None
    p95_seconds: float | None
    unit: Unit = "request"

    @property
    def error_ratio(self) -> float | None:
        """Return failed / all requests, both weighted; None without requests: silence is unknown, not healthy."""
        return self.failed.weighted / self.requests.weighted if self.requests.weighted else None


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is `no data` where nothing was measured, never 0. `counts` says what it was made of; `key` names the page
    that lists them. `is_bad`: above what an alert fires at."""

    key: str
    name: str
    value: str
    unit: str
    counts: str
    change: str
    is_worse: bool = False
    is_bad: bool = False

    @property
    def is_unknown(self) -> bool:
        return self.value == words.NO_DATA


def make_figures(
    now: Measures, before: Measures, *, length: timedelta, compared: str, threshold: float
) -> list[Figure]:
    """Return the figures of a range; `compared` names the time before it ("the hour before").

    `threshold` is the failed share (0.0 to 1.0) above which an alert fires.
    """
    return [
        _error_rate(now, before, compared, threshold),
        _errors(now, before, length, compared),
        _requests(now, before, length, compared),
        _p95(now, before, compared),
        _users(now, before, compared),
    ]


def _error_rate(now: Measures, before: Measures, compared: str, threshold: float) -> Figure:
    name, ratio = f"Failed {now.unit}s", now.error_ratio
    if ratio is None:
        return Figure("error-rate", name, words.NO_DATA, "", "starts with the first transaction or session", "")
    change = words.change(ratio, before.error_ratio if before.unit == now.unit else None)
    is_bad = ratio > threshold
    return Figure(
        "error-rate",
        name,
        words.percent(ratio).rstrip("%"),
        "%",
        _failed_counts(now),
        _on(change, compared) + (f", alert above {threshold * 100:g}%" if is_bad else ""),
        is_worse=is_bad or _rises(change),
        is_bad=is_bad,
    )


def _failed_counts(now: Measures) -> str:
    seen = f"{words.count(now.failed.count)} / {words.count(now.requests.count)}"
    if round(now.requests.weighted) == now.requests.count:
        return f"{seen} {now.unit}s"
    return f"≈ {words.count(round(now.failed.weighted))} / {words.count(round(now.requests.weighted))}, seen {seen}"


def _errors(now: Measures, before: Measures, length: timedelta, compared: str) -> Figure:
    change = words.change(now.events, before.events)
    return Figure(
        "errors",
        "Errors",
        _per_minute(now.events, length),
        "/min",
        words.plural(now.events, "event"),
        _on(change, compared),
        is_worse=_rises(change),
    )


def _requests(now: Measures, before: Measures, length: timedelta, compared: str) -> Figure:
    name = f"{now.unit.capitalize()}s"
    if not now.requests.count:
        return Figure("requests", name, words.NO_DATA, "", "no transaction in this time", "")
    weighted, earlier = now.requests.weighted, before.requests.weighted if before.unit == now.unit else None
    counts = words.plural(round(weighted), now.unit)
    if round(weighted) != now.requests.count:
        counts = f"≈ {counts}, {words.count(now.requests.count)} seen"
    change = _on(words.change(weighted, earlier), compared)
    return Figure("requests", name, _per_minute(weighted, length), "/min", counts, change)


def _p95(now: Measures, before: Measures, compared: str) -> Figure:
    if now.p95_seconds is None:
        return Figure("p95", "p95 of requests", words.NO_DATA, "", "no transaction in this time", "")
    value, _, unit = words.seconds(now.p95_seconds).partition(" ")
    change = words.change(now.p95_seconds, before.p95_seconds)
    return Figure(
        "p95", "p95 of requests", value, unit, "1 of 20 took longer", _on(change, compared), is_worse=_rises(change)
    )


def _users(now: Measures, before: Measures, compared: str) -> Figure:
    if now.users is None:
        return Figure("users", "Users affected", words.NO_DATA, "", "no event names its user", "")
    change = words.change(now.users, before.users)
    return Figure(
        "users",
        "Users affected",
        f"≈ {words.count(now.users)}",
        "",
        "by hour, estimated",
        _on(change, compared),
        is_worse=_rises(change),
    )


def _per_minute(count: float, length: timedelta) -> str:
    return words.count(count / (length.total_seconds() / 60))


def _on(change: str, compared: str) -> str:
    return f"{change} on {compared}" if change else f"nothing in {compared}".replace("in as long", "as long")


def _rises(change: str) -> bool:
    return change.startswith("▲")
