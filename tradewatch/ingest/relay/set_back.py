"""Moments of upstreams that were planned by a clock that was ahead, and was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from tradewatch.ingest.models import RelayUpstream
from tradewatch.ingest.relay.sender import LEASE

_DONE = ("since", "last_sent_at", "refused_at", "dropped_at")


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Let each upstream be tried now: one that still has a limit says so again. A live sender renews its lease.

    What it did in the future it does now: else a loss stays news, and its absence none, for as long as that is away.
    """
    for name in _DONE:
        RelayUpstream.objects.filter(**{f"{name}__gt": now}).update(**{name: now})
    RelayUpstream.objects.filter(next_at__gt=now).update(next_at=now)
    RelayUpstream.objects.exclude(limits={}).update(limits={})
    RelayUpstream.objects.filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
