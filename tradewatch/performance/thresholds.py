"""Digests what `track_performance` reports as slower than its own threshold: news for alert rules, once each.

The item type is ours (`tradewatch_threshold`): {"name", "threshold_seconds", "worst_seconds", "count", "timestamp",
"environment", "release"}. It is kept, like any item, as what the news was made of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.words import number_words, seconds_words
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival, Unreadable
from tradewatch.inbox.keep import read_document
from tradewatch.inbox.kept_items import KeptDraft, draft_item, identity_or_new, insert_kept, plain_text
from tradewatch.performance.reading import epoch_of

ITEM_TYPE = "tradewatch_threshold"
LONGEST_NAME = 150
MOST_AT_ONCE = 1_000_000
OLDEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class ThresholdDraft:
    kept: KeptDraft
    news: Occurrence


class ThresholdHandler:
    """For `tradewatch_threshold`. With SENTRY_ENABLE_PERFORMANCE_MONITORING off they are discarded."""

    def prepare(self, item: Item, arrival: Arrival) -> ThresholdDraft | None:
        if not settings.SENTRY_ENABLE_PERFORMANCE_MONITORING:
            return None
        document = read_document(item)
        name = plain_text(document.get("name"), LONGEST_NAME).strip()
        threshold, worst = _number(document, "threshold_seconds"), _number(document, "worst_seconds")
        if not name or threshold is None or worst is None:
            raise Unreadable("a crossed threshold needs a name, a threshold and a duration")
        kept = draft_item(
            item.type,
            arrival,
            identity=identity_or_new(item.type, arrival, name, item.payload),
            document=document,
            meta={"name": name, "threshold_seconds": threshold, "worst_seconds": worst, "count": _count(document)},
        )
        return ThresholdDraft(kept, _news(kept, document, arrival))

    def store(self, drafts: Sequence[ThresholdDraft], *, now: datetime) -> None:
        left = insert_kept([draft.kept for draft in drafts])
        news = []
        for draft in drafts:
            if draft.kept.identity in left:
                left.remove(draft.kept.identity)  # of two with one identity in a batch, the first was inserted
                news.append(draft.news)
        record_occurrences(news)


def _news(kept: KeptDraft, document: Mapping[str, Any], arrival: Arrival) -> Occurrence:
    meta = kept.meta
    name, worst, limit = (
        str(meta["name"]),
        seconds_words(meta["worst_seconds"]),
        seconds_words(meta["threshold_seconds"]),
    )
    times = f" {number_words(meta['count'])} times" if meta["count"] > 1 else ""
    return Occurrence(
        kind="performance.threshold",
        project_id=kept.project_id,
        fingerprint=f"slow:{name}|{kept.environment}"[:200],
        severity=AlertSeverity.WARNING,
        category=AlertCategory.PERFORMANCE,
        title=f"{name} took {worst} (limit {limit})",
        message=f"{name} took longer than its {limit}{times}, {worst} at worst.",
        environment=kept.environment,
        tags={"function": name, **({"release": kept.release} if kept.release else {})},
        count=meta["count"],
        occurred_at=_moment(document, arrival),
    )


def _moment(document: Mapping[str, Any], arrival: Arrival) -> datetime:
    latest = arrival.received_at.timestamp()
    at_epoch = epoch_of(document.get("timestamp"))
    corrected = latest if at_epoch is None else at_epoch + arrival.drift.total_seconds()
    return datetime.fromtimestamp(min(max(corrected, latest - OLDEST_SECONDS), latest), UTC)


def _number(document: Mapping[str, Any], name: str) -> float | None:
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < 1e9 else None


def _count(document: Mapping[str, Any]) -> int:
    value = document.get("count")
    return min(max(value, 1), MOST_AT_ONCE) if isinstance(value, int) and not isinstance(value, bool) else 1
