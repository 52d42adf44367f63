"""News in, alerts out: unjudged occurrences are claimed in batches, and a batch is judged wholly or not at all."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity, RuleKind
from alerts.models import Alert, OccurrenceRecord
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.rules import NEWS_KINDS, judge
from alerts.services.ending import end_alert, ended_words
from alerts.services.firing import Fired, trigger_of
from alerts.services.opening import lock_open_alert, open_many
from alerts.services.rulebook import Rulebook
from alerts.simulating.judging import simulated_trigger
from alerts.trigger import Trigger

BATCH_SIZE = 1_000  # a fifth of a second: a storm takes few rounds, and nobody waits long for SQLite's one writer


def observe(occurrence: Occurrence) -> None:
    """Take in one piece of news, in the caller's transaction if there is one; rules judge it after the commit."""
    record_occurrences([occurrence])


def observe_end(project_id: int, fingerprint: str, *, why: str, by: str, now: datetime) -> Alert | None:
    """End the open alert of what a producer reported and now knows to be over, in the caller's transaction.

    `by` is who ended it. None, and nothing changes, when no alert is open. Rights are the caller's matter.
    """
    alert = lock_open_alert(project_id, fingerprint)
    if alert is not None:
        end_alert(alert, ending=ended_words(alert, now=now), why=why, by=by, now=now)
    return alert


def end_news(project_id: int, fingerprint: str, *, why: str, by: str, now: datetime) -> Alert | None:
    """Like `observe_end`; first take back what no rule has judged yet: else an alert would open after its end."""
    unjudged = OccurrenceRecord.objects.filter(project=project_id, fingerprint=fingerprint, judged_at=None)
    unjudged.update(judged_at=now)
    return observe_end(project_id, fingerprint, why=why, by=by, now=now)


def judge_occurrences(now: datetime) -> int:
    """Judge all news that no other judge holds. Returns how many occurrences were judged."""
    judged = 0
    while OccurrenceRecord.objects.filter(judged_at=None).exists():  # an idle sweep takes no write lock
        with transaction.atomic():
            size = _judge_batch(now)
        judged += size
        if size == 0:  # others hold the rest
            break
    return judged


def _judge_batch(now: datetime) -> int:
    unjudged = OccurrenceRecord.objects.filter(judged_at=None).order_by("id")
    records = list(unjudged.select_for_update(skip_locked=True)[:BATCH_SIZE])
    book = Rulebook(NEWS_KINDS)
    # In the order of keys: two judges that meet on the same alerts then wait for each other instead of deadlocking.
    groups = groupby(sorted(records, key=_key_and_age), key=_key)
    triggers = [_judge_group([as_occurrence(record) for record in group], book, now=now) for _, group in groups]
    open_many([trigger for trigger in triggers if trigger is not None], now=now)
    OccurrenceRecord.objects.filter(pk__in=[record.pk for record in records]).update(judged_at=now)
    book.write(now=now)
    return len(records)


def _judge_group(group: Sequence[Occurrence], book: Rulebook, *, now: datetime) -> Trigger | None:
    """Judge news of one key: whatever fires, one alert comes of it. None: nothing fired."""
    if group[0].simulated:
        return simulated_trigger(group, now=now)
    fired: list[Fired] = []
    for rule in book.active_for(group[0].project_id):
        for news in group:
            verdict = judge(RuleKind(rule.kind), news)
            if verdict is not None:
                book.said(rule, verdict)
                if verdict.fires:
                    fired.append((rule, news, verdict))
    return trigger_of(fired) if fired else None


def as_occurrence(record: OccurrenceRecord) -> Occurrence:
    return Occurrence(
        kind=record.kind,
        project_id=record.project_id,
        fingerprint=record.fingerprint,
        severity=AlertSeverity(record.severity),
        title=record.title,
        occurred_at=record.occurred_at,
        category=AlertCategory(record.category),
        message=record.message,
        link=record.link,
        environment=record.environment,
        tags=record.tags,
        count=record.count,
        simulated=record.simulated,
    )


def _key(record: OccurrenceRecord) -> tuple[int, str]:
    return record.project_id, record.fingerprint


def _key_and_age(record: OccurrenceRecord) -> tuple[int, str, int]:
    return record.project_id, record.fingerprint, record.pk
