"""What alerts are told of an upstream: away for long, refusing, or a spool that lets go; and when that is over."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import end_news
from alerts.words import duration_words, moment_words
from tradewatch.ingest.models import RelayUpstream
from tradewatch.ingest.relay.choices import SHARED, UpstreamState
from tradewatch.ingest.relay.queue import oldest_received_at
from tradewatch.ingest.relay.spool import spooled_bytes, trim
from tradewatch.projects.models import Project
from tradewatch.projects.queries import first_project

PATIENCE = timedelta(minutes=5)
RECENT = timedelta(minutes=5)  # for so long a single loss is told as one that goes on
AGAIN = timedelta(minutes=15)
CAUGHT_UP_SECONDS = 60.0
LINK = "/system#relay"


def watch(now: datetime) -> None:
    """Look at every upstream once. Twice does no harm."""
    while spooled_bytes() > settings.RELAY_SPOOL_BYTES:
        with transaction.atomic():
            if not trim(limit_bytes=settings.RELAY_SPOOL_BYTES, now=now):
                break
    for upstream in RelayUpstream.objects.values_list("pk", flat=True):
        with transaction.atomic():
            _look(RelayUpstream.objects.select_for_update().get(pk=upstream), now)


def trouble(row: RelayUpstream, now: datetime) -> tuple[AlertSeverity, str, str] | None:
    """Return severity, title and what to say; None when there is nothing to tell."""
    waiting = f"{row.entries:,} envelopes wait ({row.size / 1e6:,.1f} MB)."
    if row.dropped_at is not None and now - row.dropped_at < RECENT:
        lost = sum(row.dropped.values())
        said = f"The spool is full: {lost:,} envelopes were let go so far, the least valuable first. {waiting}"
        return AlertSeverity.ERROR, "Upstream Sentry: the relay's spool is full", said
    if row.state in (UpstreamState.DOWN, UpstreamState.REFUSED) and row.since and now - row.since >= PATIENCE:
        lasts = duration_words(now - row.since)
        said = f"Away since {moment_words(row.since)} ({lasts}): {row.detail}. {waiting}"
        return AlertSeverity.WARNING, "Upstream Sentry is away", said
    if row.refused_at is not None and now - row.refused_at < RECENT:
        said = f"It refuses what it is sent, {sum(row.refused.values()):,} envelopes so far: {row.detail}."
        return AlertSeverity.WARNING, "Upstream Sentry refuses events", said
    return None


def is_caught_up(row: RelayUpstream, now: datetime) -> bool:
    if row.state in (UpstreamState.DOWN, UpstreamState.REFUSED):
        return False
    oldest = oldest_received_at(row.pk) if row.entries else None
    return oldest is None or now.timestamp() - oldest < CAUGHT_UP_SECONDS


def _look(row: RelayUpstream, now: datetime) -> None:
    found = trouble(row, now)
    project_id = _told_in(row)
    if project_id is None:
        return
    if found is not None:
        if row.reported_at is None or not timedelta() <= now - row.reported_at < AGAIN:
            row.reported_at = now
            row.save(update_fields=["reported_at"])
            record_occurrences([_news(row, project_id, *found, now=now)])
    elif row.reported_at is not None and is_caught_up(row, now):
        row.reported_at = None
        row.save(update_fields=["reported_at"])
        why = "The upstream takes events again, and what waited has been sent."
        end_news(project_id, _fingerprint(row), why=why, by="TradeWatch", now=now)


def _told_in(row: RelayUpstream) -> int | None:
    """Return the project whose people are told: an upstream's own, of that of SENTRY_DSN the first."""
    project = first_project() if row.pk == SHARED else Project.objects.filter(pk=row.pk).first()
    return project.pk if project else None


def _fingerprint(row: RelayUpstream) -> str:
    return f"upstream:{row.pk}"


def _news(
    row: RelayUpstream, project_id: int, severity: AlertSeverity, title: str, message: str, *, now: datetime
) -> Occurrence:
    return Occurrence(
        kind="upstream.trouble",
        project_id=project_id,
        fingerprint=_fingerprint(row),
        severity=severity,
        category=AlertCategory.SYSTEM,
        title=title,
        message=message,
        link=LINK,
        tags={"upstream": str(row)},
        occurred_at=now,
    )
