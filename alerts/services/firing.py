"""What rules of news made of the news of one key, as one trigger."""

from collections.abc import Sequence
from datetime import datetime

from alerts.models import AlertRule
from alerts.occurrence import Occurrence
from alerts.rules import Verdict, highest, severity_of
from alerts.services.rulebook import lifetime_of
from alerts.trigger import Trigger

Fired = tuple[AlertRule, Occurrence, Verdict]


def trigger_of(fired: Sequence[Fired]) -> Trigger:
    rule, first, _ = fired[0]
    newest = max((news for _, news, _ in fired), key=lambda news: news.occurred_at)
    return Trigger(
        project_id=first.project_id,
        dedup_key=first.fingerprint,
        severity=highest(severity_of(rule.severity, news.severity) for rule, news, _ in fired),
        category=first.category,
        source=rule.name,
        title=first.title,
        at=newest.occurred_at,
        since=min(news.occurred_at for _, news, _ in fired),
        reasons=tuple(dict.fromkeys(f"{verdict.reason} Rule: {rule.name}." for rule, _, verdict in fired)),
        message=newest.message,
        link=newest.link,
        environment=newest.environment,
        tags=newest.tags,
        count=_count([news for _, news, _ in fired]),
        rule_id=rule.pk,
        expires_after=lifetime_of(rule),
    )


def _count(fired: Sequence[Occurrence]) -> int:
    """News of one key and one moment, such as "new" and "critical", speaks of the same events: they count once."""
    per_moment: dict[datetime, int] = {}
    for news in fired:
        per_moment[news.occurred_at] = max(news.count, per_moment.get(news.occurred_at, 0))
    return sum(per_moment.values())
