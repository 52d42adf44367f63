"""Moments of upstreams that were planned by a clock that was ahead, and was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from tradewatch.ingest.models import RelayUpstream
from tradewatch.ingest.relay.sender import LEASE


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Let each upstream be tried now: one that still has a limit says so again. A live sender renews its lease."""
    RelayUpstream.objects.filter(next_at__gt=now).update(next_at=now)
    RelayUpstream.objects.exclude(limits={}).update(limits={})
    RelayUpstream.objects.filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
