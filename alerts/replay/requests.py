"""A replay as it is asked for and answered: plain JSON, so that it can run in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from alerts.choices import RuleKind
from alerts.engine.tree import read_tree
from alerts.labels import LabelFacts, labels_of
from alerts.measures.sources import measured_kinds
from alerts.models import Alert, AlertRule
from alerts.replay.firings import Firing
from alerts.replay.measured import replay_error_rate, replay_measured
from alerts.replay.messages import PastMessage, RoutedAlert, simulate
from alerts.replay.news import replay_news
from alerts.replay.nights import Night
from alerts.rules import NEWS_KINDS
from tradewatch.projects.models import Project

LONGEST_DAYS = 30  # occurrences and minutes are kept that long
LISTED = 200
RULE_FIELDS = (
    *("kind", "name", "severity", "environment", "series", "of_series", "aggregate", "quantile", "comparison"),
    *("threshold", "window_seconds", "for_seconds", "minimum_count", "statistic", "attributes", "group_by", "unit"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`rule_id`: the stored rule that this is a change of, None for a new one."""

    rule: AlertRule
    rule_id: int | None
    project_ids: tuple[int, ...]
    until: datetime
    days: int
    night: Night

    @property
    def since(self) -> datetime:
        return self.until - timedelta(days=self.days)


def write_request(asked: Asked) -> dict[str, Any]:
    return {
        "rule": {name: getattr(asked.rule, name) for name in RULE_FIELDS},
        "rule_id": asked.rule_id,
        "project_ids": list(asked.project_ids),
        "until": asked.until.isoformat(),
        "days": asked.days,
        "night": [asked.night.zone, asked.night.starts.isoformat(), asked.night.ends.isoformat()],
    }


def read_request(data: dict[str, Any]) -> Asked:
    zone, starts, ends = data["night"]
    return Asked(
        rule=AlertRule(**data["rule"]),
        rule_id=data["rule_id"],
        project_ids=tuple(data["project_ids"]),
        until=datetime.fromisoformat(data["until"]),
        days=data["days"],
        night=Night(zone, time.fromisoformat(starts), time.fromisoformat(ends)),
    )


def answer(asked: Asked) -> dict[str, Any]:
    """Return what the rule would have done, and what it did in truth, with the messages of today's routes for both."""
    firings = sorted(find_firings(asked), key=lambda firing: firing.starts_at)
    happened = _happened(asked)
    slugs = dict(Project.objects.values_list("id", "slug"))
    root = read_tree()
    then = simulate([_routed(at, each, slugs) for at, each in enumerate(firings)], root, until=asked.until)
    now = simulate(happened, root, until=asked.until)
    return {
        "fired": len(firings),
        "open": sum(firing.ended_at is None for firing in firings),
        **_counts(then, asked.night),
        "before": {"fired": len(happened), **_counts(now, asked.night)},
        "firings": [_listed(firing, slugs) for firing in reversed(firings[-LISTED:])],
    }


def find_firings(asked: Asked) -> list[Firing]:
    rule, ids = asked.rule, asked.project_ids
    if rule.kind in NEWS_KINDS:
        return list(replay_news(rule, ids, since=asked.since, until=asked.until))
    first, last = (int(at.timestamp()) // 60 * 60 for at in (asked.since, asked.until))
    if rule.kind == RuleKind.ERROR_RATE:
        return list(replay_error_rate(rule, ids, first=first, last=last))
    if rule.kind in measured_kinds():
        return list(replay_measured(rule, ids, first=first, last=last))
    return []


def _happened(asked: Asked) -> list[RoutedAlert]:
    if asked.rule_id is None:
        return []
    rows = Alert.objects.filter(
        rule=asked.rule_id,
        simulated="",
        project_id__in=asked.project_ids,
        starts_at__gte=asked.since,
        starts_at__lt=asked.until,
    ).select_related("project", "team", "rule")
    return [past_alert(alert) for alert in rows.order_by("starts_at")]


def past_alert(alert: Alert) -> RoutedAlert:
    """Return a stored alert as the simulation wants it; its relations that labels need are selected."""
    return RoutedAlert(
        id=alert.pk,
        title=alert.title,
        labels=alert.labels,
        severity=alert.severity,  # type: ignore[arg-type]  # a text of the same choices
        starts_at=alert.starts_at,
        ended_at=alert.resolved_at,
        acknowledged_at=alert.acknowledged_at,
    )


def _routed(number: int, firing: Firing, slugs: dict[int, str]) -> RoutedAlert:
    labels = labels_of(
        LabelFacts(
            severity=firing.severity,
            category=firing.category,
            project=slugs.get(firing.project_id, ""),
            environment=firing.environment,
            source=firing.source,
            rule=firing.source,
            dedup_key=firing.key,
            tags=firing.tags,
        )
    )
    return RoutedAlert(
        id=number,
        title=firing.title,
        labels=labels,
        severity=firing.severity,
        starts_at=firing.starts_at,
        ended_at=firing.ended_at,
    )


def _counts(messages: Sequence[PastMessage], night: Night) -> dict[str, int]:
    pages = [message for message in messages if message.is_page]
    return {"pages": len(pages), "night_pages": sum(night.holds(page.at) for page in pages)}


def _listed(firing: Firing, slugs: dict[int, str]) -> dict[str, Any]:
    return {
        "title": firing.title,
        "reason": firing.reason,
        "severity": firing.severity,
        "project": slugs.get(firing.project_id, ""),
        "environment": firing.environment,
        "starts_at": firing.starts_at.isoformat(),
        "ended_at": firing.ended_at.isoformat() if firing.ended_at else None,
        "count": firing.count,
        "link": firing.link,
    }
