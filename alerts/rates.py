"""Is the error rate too high, and is it over: counts in, a sentence out. No ORM, no clock, no settings.

Failed / all requests over whole minutes. Where nothing sends transactions, unhealthy / all sessions. Without those
either, errors a minute against their baseline: the mean of the 60 whole minutes before the window.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from alerts.words import duration_words, number_words, percent_words

BASELINE_MINUTES = 60
BASELINE_FACTOR = 3.0


class Level(Enum):
    ABOVE = "above"
    BELOW = "below"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """What a verdict compares."""

    REQUESTS = "requests"
    SESSIONS = "sessions"
    EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted in the window, and in the baseline before it. `ratio` is weighted by the clients' sample rates,
    from 0.0 to 1.0; None without requests. `sends_requests`: transactions arrived in the window or its baseline; with
    `are_sessions`, sessions did and no transaction, and `requests`, `failed` and `ratio` are theirs."""

    window: timedelta
    requests: int
    failed: int
    ratio: float | None
    events: int
    baseline_events: int
    sends_requests: bool
    are_sessions: bool = False

    @property
    def basis(self) -> Basis:
        if not self.sends_requests:
            return Basis.EVENTS
        return Basis.SESSIONS if self.are_sessions else Basis.REQUESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RateVerdict:
    """`value` is a ratio, or events a minute, by `basis`; None when unknown."""

    level: Level
    basis: Basis
    reason: str
    title: str = ""
    value: float | None = None


def judge_rate(measured: Measured, *, threshold: float, minimum_count: int) -> RateVerdict:
    """Return the verdict on one window. Too little to judge is UNKNOWN: silence is neither health nor failure."""
    if measured.sends_requests:
        return _judge_ratio(measured, threshold=threshold, minimum_count=minimum_count)
    return _judge_events(measured, minimum_count=minimum_count)


def has_ended(
    verdict: RateVerdict, *, opened_on: Basis, last_above_at: datetime, window_end: datetime, window: timedelta
) -> bool:
    """Return whether a firing alert is over: known to be below now, on the basis it opened on, and not above at any
    minute of the `window` before."""
    is_known_below = verdict.level is Level.BELOW and verdict.basis is opened_on
    return is_known_below and window_end - last_above_at >= window


def ending_words(basis: Basis, *, peak: float, lasted: timedelta) -> str:
    if basis is not Basis.EVENTS:
        return f"Ended: error rate, {duration_words(lasted)}, peak {percent_words(peak)}"
    return f"Ended: errors a minute, {duration_words(lasted)}, peak {number_words(peak)}"


def _judge_ratio(measured: Measured, *, threshold: float, minimum_count: int) -> RateVerdict:
    span, basis = duration_words(measured.window), measured.basis
    if measured.ratio is None or measured.requests == 0:
        return _unknown(basis, f"No data: no {basis} in {span}.")
    if measured.requests < minimum_count:
        return _unknown(basis, f"Too few {basis} to judge: {measured.requests} in {span}, needs {minimum_count}.")
    rate, limit = percent_words(measured.ratio), percent_words(threshold)
    counts = f"{measured.failed:,} failed / {measured.requests:,} {basis} in {span}"
    if measured.ratio > threshold:
        return RateVerdict(
            level=Level.ABOVE,
            basis=basis,
            reason=f"Error rate {rate}, above {limit}: {counts}.",
            title=f"Error rate {rate}",
            value=measured.ratio,
        )
    reason = f"Error rate {rate}, not above {limit}: {counts}."
    return RateVerdict(level=Level.BELOW, basis=basis, reason=reason, value=measured.ratio)


def _judge_events(measured: Measured, *, minimum_count: int) -> RateVerdict:
    span = duration_words(measured.window)
    per_minute = measured.events / (measured.window.total_seconds() / 60)
    baseline = measured.baseline_events / BASELINE_MINUTES
    if measured.events == 0 and measured.baseline_events == 0:
        return _unknown(Basis.EVENTS, f"No data: no requests and no events in {span} and the hour before.")
    counts = f"{measured.events:,} events in {span}, {number_words(baseline)} a minute before; no requests are sent"
    if measured.events >= minimum_count and per_minute > BASELINE_FACTOR * baseline:
        return RateVerdict(
            level=Level.ABOVE,
            basis=Basis.EVENTS,
            reason=f"{number_words(per_minute)} errors a minute, above {BASELINE_FACTOR:g}x the usual: {counts}.",
            title=f"{number_words(per_minute)} errors a minute" + _times_usual(per_minute, baseline),
            value=per_minute,
        )
    reason = f"{number_words(per_minute)} errors a minute, nothing unusual: {counts}."
    return RateVerdict(level=Level.BELOW, basis=Basis.EVENTS, reason=reason, value=per_minute)


def _times_usual(per_minute: float, baseline: float) -> str:
    return f", {number_words(per_minute / baseline)}x the usual" if baseline else ", none in the hour before"


def _unknown(basis: Basis, reason: str) -> RateVerdict:
    return RateVerdict(level=Level.UNKNOWN, basis=basis, reason=reason)
