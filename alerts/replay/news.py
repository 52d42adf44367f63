"""Rules of news over the kept occurrences."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.choices import RuleKind
from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.occurrence import Occurrence
from alerts.replay.firings import Firing
from alerts.rules import judge, severity_of
from alerts.services.judging import as_occurrence

Ends = Mapping[tuple[int, str], list[datetime]]  # (project id, key): when alerts of the key ended, in time order


def replay_news(rule: AlertRule, project_ids: tuple[int, ...], *, since: datetime, until: datetime) -> Iterator[Firing]:
    """Yield what a rule of news would have opened. An alert ends when one of the same key ended in truth: when
    people, or its producer, ended it."""
    records = OccurrenceRecord.objects.filter(
        project_id__in=project_ids, simulated="", occurred_at__gte=since, occurred_at__lt=until
    ).order_by("occurred_at", "id")
    yield from fold(rule, map(as_occurrence, records.iterator()), _ends(project_ids, since, until))


def fold(rule: AlertRule, news: Iterable[Occurrence], ends: Ends) -> Iterator[Firing]:
    """Yield one firing for all news of a key between two ends of it. `news` in time order."""
    firing: dict[tuple[int, str], Firing] = {}
    for each in news:
        verdict = judge(RuleKind(rule.kind), each)
        if verdict is None or not verdict.fires:
            continue
        key = (each.project_id, each.fingerprint)
        known = firing.get(key)
        if known is not None and _ended(known, ends.get(key, []), before=each.occurred_at):
            yield replace(known, ended_at=_end_after(known, ends.get(key, [])))
            known = None
        firing[key] = _opened(rule, each, verdict.reason) if known is None else replace(known, count=known.count + 1)
    for key, left in firing.items():
        yield replace(left, ended_at=_end_after(left, ends.get(key, [])))


def _opened(rule: AlertRule, news: Occurrence, reason: str) -> Firing:
    return Firing(
        key=news.fingerprint,
        title=news.title,
        reason=reason,
        severity=severity_of(rule.severity, news.severity),
        category=news.category,
        source=rule.name,
        project_id=news.project_id,
        environment=news.environment,
        starts_at=news.occurred_at,
        tags=news.tags,
        link=news.link,
    )


def _ended(firing: Firing, ends: list[datetime], *, before: datetime) -> bool:
    end = _end_after(firing, ends)
    return end is not None and end < before


def _end_after(firing: Firing, ends: list[datetime]) -> datetime | None:
    return next((end for end in ends if end > firing.starts_at), None)


def _ends(project_ids: tuple[int, ...], since: datetime, until: datetime) -> Ends:
    rows = Alert.objects.filter(project_id__in=project_ids, resolved_at__gte=since, resolved_at__lt=until)
    found: dict[tuple[int, str], list[datetime]] = {}
    for project_id, key, ended_at in rows.order_by("resolved_at").values_list("project_id", "dedup_key", "resolved_at"):
        if ended_at is not None:
            found.setdefault((project_id, key), []).append(ended_at)
    return found
