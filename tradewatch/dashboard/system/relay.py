"""How the upstreams do, for /system: a line each, and how full the spool is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from tradewatch.dashboard import words
from tradewatch.ingest.relay.choices import UpstreamState
from tradewatch.ingest.relay.spool import spooled_bytes
from tradewatch.ingest.relay.standing import OFF, Stand, own_stands, shared_stand

_MARKS = {
    OFF: "none",
    UpstreamState.IDLE: "none",
    UpstreamState.UP: "ok",
    UpstreamState.WAITING: "warning",
    UpstreamState.DOWN: "critical",
    UpstreamState.REFUSED: "critical",
}
_SAYS = {
    OFF: "off",
    UpstreamState.IDLE: "nothing sent yet",
    UpstreamState.UP: "up",
    UpstreamState.WAITING: "waits for its rate limit",
    UpstreamState.DOWN: "down",
    UpstreamState.REFUSED: "not sent to",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An upstream in words. `lost`: what was refused or let go, by category."""

    name: str
    place: str
    mark: str
    says: str
    since: datetime | None
    detail: str
    next_at: datetime | None
    limits: str
    waits: str
    oldest: str
    sent: str
    refused: str
    dropped: str


def relay_section(project_ids: Sequence[int], now: datetime) -> dict[str, object]:
    """Return what the section shows: the shared upstream and those of these projects; no lines: nothing is relayed."""
    stands = [shared_stand(now), *own_stands(project_ids, now)]
    used, limit = spooled_bytes(), settings.RELAY_SPOOL_BYTES
    return {
        "lines": [_line(stand) for stand in stands if stand.is_configured or stand.spooled or stand.sent],
        "used": words.size(used),
        "limit": words.size(limit),
        "ratio": min(used / limit, 1.0),
    }


def relay_mark(stand: Stand) -> str:
    return _MARKS[stand.state]


def relay_words(stand: Stand) -> str:
    """Return the state and what waits, in a sentence."""
    if not stand.spooled:
        return _SAYS[stand.state]
    oldest = timedelta(seconds=stand.oldest_seconds or 0.0)
    return f"{_SAYS[stand.state]}, {words.plural(stand.spooled, 'envelope')} waiting, the oldest {words.span(oldest)}"


def _line(stand: Stand) -> Line:
    oldest = "" if stand.oldest_seconds is None else words.span(timedelta(seconds=stand.oldest_seconds))
    return Line(
        name=stand.name,
        place=stand.place,
        mark=_MARKS[stand.state],
        says=_SAYS[stand.state],
        since=stand.since,
        detail=stand.detail,
        next_at=stand.next_at,
        limits=_limits(stand.limits),
        waits=f"{words.count(stand.spooled)}, {words.size(stand.spooled_bytes)}" if stand.spooled else "nothing",
        oldest=oldest,
        sent=words.count(sum(stand.sent.values())),
        refused=_counts(stand.refused),
        dropped=_counts(stand.dropped),
    )


def _counts(counts: Mapping[str, int]) -> str:
    """Return the sum and what it is made of."""
    if not counts:
        return "0"
    parts = ", ".join(f"{category}: {words.count(count)}" for category, count in sorted(counts.items()))
    return f"{words.count(sum(counts.values()))} ({parts})"


def _limits(limits: Mapping[str, float]) -> str:
    return ", ".join(
        f"{name or 'all'} until {datetime.fromtimestamp(until, UTC):%H:%M:%S} UTC" for name, until in limits.items()
    )
