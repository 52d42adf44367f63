"""The one door for news: plain values in, in alerts' own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.choices import AlertCategory, AlertSeverity
from alerts.models import OccurrenceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that may matter. `kind` names it (`issue.new`, `issue.regressed`, `issue.critical`); `fingerprint`
    makes the dedup key of the alert it may open; `count` is how many of it this news stands for."""

    kind: str
    project_id: int
    fingerprint: str
    severity: AlertSeverity
    title: str
    occurred_at: datetime
    category: AlertCategory = AlertCategory.ERROR
    message: str = ""
    link: str = ""
    environment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    count: int = 1


def record_occurrences(occurrences: Sequence[Occurrence]) -> None:
    """Write the news in the caller's transaction; the rules judge it after the commit (kick "alerts", or the sweep)."""
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
            occurred_at=news.occurred_at,
        )
        for news in occurrences
    )
