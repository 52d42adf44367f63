"""What the queue and its digest measure of themselves."""

from datetime import datetime

from tradewatch.inbox.queries import backlog, digest_state
from tradewatch.inbox.tallying import LAG, ROWS
from tradewatch.metrics import queries
from tradewatch.metrics.own.measures import COUNT, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import age_seconds, plain
from tradewatch.metrics.services import INSTALLATION

MINUTES = 5
_QUANTILES = (0.5, 0.95)
_DIGEST_CURE = (
    "Look whether the worker runs and what its log says, and whether the machine is busy; on PostgreSQL add workers "
    "(docs/growing.md). Nothing is lost meanwhile: what was accepted waits in the inbox."
)

MEASURES = (
    Measure("inbox_pending", "Envelopes waiting", COUNT, "Envelopes accepted and not yet digested."),
    Measure(
        "inbox_oldest_age_seconds",
        "Oldest in the inbox",
        SECOND,
        "Age of the oldest envelope that was accepted and is not yet digested; 0 without any.",
        limits=Limits(30, 300),
        cure=_DIGEST_CURE,
    ),
    Measure(
        "digest_stalled_seconds",
        "Digest stands still",
        SECOND,
        "Seconds in which nothing was digested although something waited; 0 while nothing waits.",
        limits=Limits(60, 300),
        cure=_DIGEST_CURE,
    ),
    Measure("digest_age_seconds", "Digested last", SECOND, "Seconds since a worker last digested."),
    Measure(
        "digest_per_minute",
        "Digested a minute",
        COUNT,
        f"Envelopes digested a minute, over the last {MINUTES} whole minutes.",
    ),
    Measure(
        "digest_lag_seconds",
        "From accepted to stored",
        SECOND,
        f"Seconds from accepting an envelope until it is stored, of those of the last {MINUTES} whole minutes.",
        label="quantile",
        limits=Limits(30, 300),
        cure=_DIGEST_CURE,
    ),
    Measure(
        "dead_letters",
        "Dead letters",
        COUNT,
        "Envelopes that could not be read and wait.",
        limits=Limits(0, 1000),
        cure="Read the reason in the admin under Dead letters; retry them when it was our fault, else discard them.",
    ),
)


def read_inbox(now: datetime) -> Values:
    state, oldest = digest_state(), age_seconds(backlog().oldest_received_at, now)
    idle = age_seconds(state.last_digested_at, now)
    end = int(now.timestamp()) // 60 * 60
    start = end - MINUTES * 60
    digested = queries.total([INSTALLATION], ROWS, start, end).count
    lags = queries.percentiles([INSTALLATION], LAG, start, end, _QUANTILES)
    return {
        **plain(
            inbox_pending=state.pending,
            inbox_oldest_age_seconds=oldest or 0.0,
            digest_stalled_seconds=stalled_seconds(oldest, idle),
            digest_age_seconds=idle,
            digest_per_minute=digested / MINUTES,
            dead_letters=state.dead,
        ),
        "digest_lag_seconds": {str(q): lag for q, lag in zip(_QUANTILES, lags, strict=True)} if lags else {},
    }


def stalled_seconds(oldest: float | None, idle: float | None) -> float:
    """Return for how long something waits and nothing is digested. `idle` None: nothing ever was."""
    if oldest is None:
        return 0.0
    return oldest if idle is None else min(oldest, idle)
