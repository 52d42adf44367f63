"""The one door for news: plain values in, in alerts' own words."""

from collections.abc import Sequence

from django.db import transaction

from alerts.models import OccurrenceRecord
from alerts.occurrence import SIMULATED_EVENT as SIMULATED_EVENT
from alerts.occurrence import Occurrence as Occurrence
from tradewatch.core.kick import kick


def record_occurrences(occurrences: Sequence[Occurrence]) -> None:
    """Write the news in the caller's transaction; the rules judge it after the commit."""
    if not occurrences:
        return
    OccurrenceRecord.objects.bulk_create(
        OccurrenceRecord(
            project_id=news.project_id,
            kind=news.kind,
            fingerprint=news.fingerprint[:200],
            severity=news.severity,
            category=news.category,
            title=news.title[:250],
            message=news.message,
            link=news.link,
            environment=news.environment,
            tags=dict(news.tags),
            count=news.count,
            simulated=news.simulated,
            occurred_at=news.occurred_at,
        )
        for news in occurrences
    )
    transaction.on_commit(lambda: kick("alerts"))
