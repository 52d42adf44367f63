"""The numbers the desk watches, sent as metrics of the stock SDK: how fast orders are, and how many are filled.

By venue: latency (distribution), placed, filled and rejected (counters), and the share filled of the newest orders.
"""

import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from sentry_sdk import metrics

from examples.trading_app.domain import RiskLimitExceeded, VenueUnavailable

NEWEST = 50  # orders that the fill rate is a share of

_outcomes: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=NEWEST))


@contextmanager
def order_at(venue: str) -> Iterator[None]:
    """Report the order that is placed inside: filled when nothing is raised, else rejected with the reason."""
    metrics.count("orders.placed", 1, attributes={"venue": venue})
    started = time.perf_counter()
    reason = ""
    try:
        yield
    except Exception as error:
        reason = _reason(error)
        metrics.count("orders.rejected", 1, attributes={"venue": venue, "reason": reason})
        raise
    else:
        metrics.count("orders.filled", 1, attributes={"venue": venue})
    finally:
        elapsed = (time.perf_counter() - started) * 1000
        outcome = {"venue": venue, "outcome": "rejected" if reason else "filled"}
        metrics.distribution("orders.latency", elapsed, unit="millisecond", attributes=outcome)
        metrics.gauge("orders.fill_rate", _fill_rate(venue, not reason), unit="ratio", attributes={"venue": venue})


def _reason(error: Exception) -> str:
    if isinstance(error, RiskLimitExceeded):
        return "risk"
    return "venue" if isinstance(error, VenueUnavailable) else "fault"


def _fill_rate(venue: str, is_filled: bool) -> float:
    newest = _outcomes[venue]
    newest.append(is_filled)
    return sum(newest) / len(newest)
