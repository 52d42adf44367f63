"""An upstream's rate limits (https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/). Pure.

`{category: until, in epoch seconds}`; the empty category is all of them.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

USUAL_SECONDS = 60.0  # what a 429 means that does not say
LONGEST_SECONDS = 24 * 3600.0
_ALSO = {"log_item": "log_byte"}

Limits = Mapping[str, float]


def read_limits(header: str, *, now: float) -> dict[str, float]:
    """Return what an X-Sentry-Rate-Limits header says: `60:error;transaction:project:quota, 2700::organization`."""
    found: dict[str, float] = {}
    for quota in header.split(","):
        seconds, _, rest = quota.strip().partition(":")
        lasts = _seconds(seconds)
        if lasts is None:
            continue
        for category in rest.partition(":")[0].split(";"):
            name = category.strip()
            found[name] = max(found.get(name, 0.0), now + lasts)
    return found


def read_retry_after(header: str, *, now: float) -> float | None:
    """Return the moment that a Retry-After header names, in seconds or as a date; None for what is neither."""
    lasts = _seconds(header)
    if lasts is not None:
        return now + lasts
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return now + min(max(moment.timestamp() - now, 0.0), LONGEST_SECONDS)


def merged(known: Limits, news: Limits, *, now: float) -> dict[str, float]:
    """Return both, each category's later end, without what is over."""
    both = {name: max(known.get(name, 0.0), news.get(name, 0.0)) for name in {*known, *news}}
    return {name: until for name, until in sorted(both.items()) if until > now}


def limited_until(category: str, limits: Limits, *, now: float) -> float | None:
    """Return until when nothing of the category is sent; None when it may go."""
    names = ("", category, _ALSO.get(category, category))
    until = max((limits.get(name, 0.0) for name in names), default=0.0)
    return until if until > now else None


def limited(categories: Iterable[str], limits: Limits, *, now: float) -> frozenset[str]:
    return frozenset(each for each in categories if limited_until(each, limits, now=now) is not None)


def moment(until: float) -> datetime:
    return datetime.fromtimestamp(until, UTC)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.strip())
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_SECONDS) if seconds == seconds else None  # not NaN
