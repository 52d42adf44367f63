"""How upstreams stand, as values for the status API, pages and Prometheus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from tradewatch.core.dsn import BadDsnError, read_dsn
from tradewatch.core.encryption import is_stored
from tradewatch.ingest.models import RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import SHARED, UpstreamState
from tradewatch.ingest.relay.limits import merged
from tradewatch.ingest.relay.queue import all_limited_until, oldest_received_at
from tradewatch.projects.models import Project

OFF = "off"


@dataclass(frozen=True, slots=True)
class Stand:
    """`state`: of `UpstreamState`, or `off`. `place`: host and port. `oldest_seconds` None: nothing waits. Counts are
    of envelopes, by the upstream's category; `limits` end at epoch seconds."""

    name: str
    is_configured: bool
    state: str = OFF
    place: str = ""
    since: datetime | None = None
    detail: str = ""
    next_at: datetime | None = None
    spooled: int = 0
    spooled_bytes: int = 0
    oldest_seconds: float | None = None
    sent: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    last_sent_at: datetime | None = None


def shared_stand(now: datetime) -> Stand:
    """Return how the upstream of SENTRY_DSN stands."""
    row = RelayUpstream.objects.filter(pk=SHARED).first()
    return _stand("SENTRY_DSN", settings.SENTRY_DSN, row, now)


def own_stands(project_ids: Sequence[int], now: datetime) -> list[Stand]:
    """Return how the projects' own upstreams stand, and those that were theirs while something waits there."""
    rows = {row.pk: row for row in RelayUpstream.objects.filter(pk__in=project_ids).exclude(pk=SHARED)}
    named = dict(RelaySettings.objects.filter(project__in=project_ids).values_list("project_id", "dsn"))
    slugs = Project.objects.filter(pk__in=project_ids).order_by("slug").values_list("pk", "slug")
    return [
        _stand(slug, named.get(project_id, ""), rows.get(project_id), now)
        for project_id, slug in slugs
        if is_stored(named.get(project_id, "")) or (project_id in rows and rows[project_id].entries)
    ]


def status() -> dict[str, object]:
    """Return what the status endpoint says of the upstream of SENTRY_DSN."""
    now = timezone.now()
    stand = shared_stand(now)
    return {
        "configured": stand.is_configured,
        "state": stand.state,
        "spooled": stand.spooled,
        "spooled_bytes": stand.spooled_bytes,
        "limit_bytes": settings.RELAY_SPOOL_BYTES,
        "oldest_seconds": stand.oldest_seconds,
        "since": stand.since,
        "next_try_at": stand.next_at,
        "last_sent_at": stand.last_sent_at,
        "detail": stand.detail,
        "sent": dict(stand.sent),
        "refused": dict(stand.refused),
        "dropped": dict(stand.dropped),
        "limited_until": {name or "all": until for name, until in stand.limits.items()},
    }


def readiness() -> str:
    """Nothing of ours waits for an upstream: it is told, and never a reason not to be ready."""
    try:
        return str(shared_stand(timezone.now()).state)
    except DatabaseError:  # which has a line of its own
        return "not known while the database is away"


def _stand(name: str, dsn: str, row: RelayUpstream | None, now: datetime) -> Stand:
    is_named = is_stored(dsn)
    if row is None:
        return Stand(name, is_named, UpstreamState.IDLE if is_named else OFF, _place(dsn))
    oldest = oldest_received_at(row.pk) if row.entries else None
    return Stand(
        name=name,
        is_configured=is_named,
        state=row.state if is_named else OFF,
        place=_place(dsn),
        since=row.since,
        detail=row.detail,
        next_at=_next_try(row, now),
        spooled=row.entries,
        spooled_bytes=row.size,
        oldest_seconds=None if oldest is None else round(max(0.0, now.timestamp() - oldest), 3),
        sent=row.sent,
        refused=row.refused,
        dropped=row.dropped,
        limits=merged(row.limits, {}, now=now.timestamp()),
        last_sent_at=row.last_sent_at,
    )


def _next_try(row: RelayUpstream, now: datetime) -> datetime | None:
    """Return when something that waits is tried. While all is limited that is later than the next look at the spool."""
    limited = all_limited_until(row.pk, row.limits, now=now) if row.state == UpstreamState.WAITING else None
    return limited or (row.next_at if row.next_at and row.next_at > now else None)


def _place(dsn: str) -> str:
    try:
        return read_dsn(dsn).place if dsn else ""
    except BadDsnError:
        return ""
