"""The figures on top of the live page: a value with its unit, the counts it was made of, and what it was before."""

from dataclasses import dataclass
from datetime import timedelta

from tradewatch.dashboard import words
from tradewatch.metrics.queries import Totals


@dataclass(frozen=True, slots=True)
class Measures:
    """What one stretch of time held."""

    requests: Totals
    failed: Totals
    events: int
    users: int | None
    p95_seconds: float | None

    @property
    def error_ratio(self) -> float | None:
        """Return failed / all requests, both weighted; None without requests: silence is unknown, not healthy."""
        return self.failed.weighted / self.requests.weighted if self.requests.weighted else None


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is `no data` where nothing was measured, never 0. `counts` says what it was made of."""

    name: str
    value: str
    unit: str
    counts: str
    change: str
    is_worse: bool = False


def make_figures(now: Measures, before: Measures, *, length: timedelta, called: str) -> list[Figure]:
    """Return the figures of a range; `called` names it in comparisons ("hour": "on the hour before")."""
    return [
        _error_rate(now, before, called),
        _rate("Errors", now.events, before.events, length, called, words.plural(now.events, "event"), is_bad=True),
        _requests(now, before, length, called),
        _p95(now, before, called),
        _users(now, before, called),
    ]


def _error_rate(now: Measures, before: Measures, called: str) -> Figure:
    ratio = now.error_ratio
    if ratio is None:
        return Figure("Failed requests", words.NO_DATA, "", "starts with the first transaction", "")
    value = words.percent(ratio)
    change = words.change(ratio, before.error_ratio)
    return Figure(
        "Failed requests", value.rstrip("%"), "%", _failed_counts(now), _on(change, called), is_worse=_rises(change)
    )


def _failed_counts(now: Measures) -> str:
    seen = f"{words.count(now.failed.count)} / {words.count(now.requests.count)}"
    if round(now.requests.weighted) == now.requests.count:
        return f"{seen} requests"
    return f"≈ {words.count(round(now.failed.weighted))} / {words.count(round(now.requests.weighted))}, seen {seen}"


def _rate(
    name: str, count: float, earlier: float, length: timedelta, called: str, counts: str, *, is_bad: bool
) -> Figure:
    per_minute = count / (length.total_seconds() / 60)
    change = words.change(count, earlier)
    return Figure(
        name, words.count(per_minute), "/min", counts, _on(change, called), is_worse=is_bad and _rises(change)
    )


def _requests(now: Measures, before: Measures, length: timedelta, called: str) -> Figure:
    if not now.requests.count:
        return Figure("Requests", words.NO_DATA, "", "no transaction in this time", "")
    counts = f"{words.count(round(now.requests.weighted))} requests"
    if round(now.requests.weighted) != now.requests.count:
        counts = f"≈ {counts}, {words.count(now.requests.count)} seen"
    weighted, earlier = now.requests.weighted, before.requests.weighted
    return _rate("Requests", weighted, earlier, length, called, counts, is_bad=False)


def _p95(now: Measures, before: Measures, called: str) -> Figure:
    if now.p95_seconds is None:
        return Figure("p95 of requests", words.NO_DATA, "", "no transaction in this time", "")
    value, _, unit = words.seconds(now.p95_seconds).partition(" ")
    change = words.change(now.p95_seconds, before.p95_seconds)
    return Figure("p95 of requests", value, unit, "1 of 20 took longer", _on(change, called), is_worse=_rises(change))


def _users(now: Measures, before: Measures, called: str) -> Figure:
    if now.users is None:
        return Figure("Users affected", words.NO_DATA, "", "no event names its user", "")
    change = words.change(now.users, before.users)
    return Figure(
        "Users affected",
        f"≈ {words.count(now.users)}",
        "",
        "by hour, estimated",
        _on(change, called),
        is_worse=_rises(change),
    )


def _on(change: str, called: str) -> str:
    if not change:
        return f"nothing in the {called} before"
    return f"{change} on the {called} before"


def _rises(change: str) -> bool:
    return change.startswith("▲")
