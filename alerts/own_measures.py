"""What alerting measures of itself: news to judge, messages to send and how long they wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Min, Q, Value, When

from alerts.choices import DeliveryState
from alerts.models import CONFIGURED, Notification, NotificationChannel, OccurrenceRecord
from tradewatch.metrics.own.measures import COUNT, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import age_seconds

FAILED_WITHIN = timedelta(hours=1)
LOOKED_BACK = timedelta(days=8)
_UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)
_DELIVERY_CURE = (
    "Open the alert: each attempt stands there with the receiver's answer. Send a test from the channel's page in the "
    "admin; look at its address, its secret and what the receiver's side says."
)

MEASURES = (
    Measure(
        "queue_waiting",
        "Due and not done",
        COUNT,
        "News to judge and messages to send that are due and not yet done.",
        label="queue",
    ),
    Measure(
        "queue_oldest_age_seconds",
        "Due for",
        SECOND,
        "For how long the oldest of it is due; 0 without any.",
        label="queue",
        limits=Limits(60, 300),
        cure="The worker judges every two seconds and sends every five: look whether it runs and what its log says.",
    ),
    Measure(
        "deliveries_waiting",
        "Messages under way",
        COUNT,
        "Messages that were decided and have neither left nor failed for good, by kind of channel.",
        label="channel",
    ),
    Measure(
        "deliveries_oldest_age_seconds",
        "Oldest message under way",
        SECOND,
        "Seconds since the oldest of them was decided, its retries included; 0 without any.",
        label="channel",
        limits=Limits(300, 1800),
        cure=_DELIVERY_CURE,
    ),
    Measure(
        "deliveries_failed",
        "Messages that failed for good",
        COUNT,
        "Messages decided in the last hour that failed for good, by kind of channel.",
        label="channel",
        limits=Limits(0, 5),
        cure=_DELIVERY_CURE,
    ),
)


def read_alerts(now: datetime) -> Values:
    news = OccurrenceRecord.objects.filter(judged_at=None).aggregate(count=Count("pk"), oldest=Min("occurred_at"))
    kinds = dict(NotificationChannel.objects.values_list("pk", "kind"))
    # None is a figure too: an alert ends by it.
    sums = {kind: _Sums() for kind in ("email", *kinds.values())}
    for channel, target, state, *row in _deliveries(now):
        sums.setdefault(_kind_of(channel, target, kinds), _Sums()).add(state, *row, now=now)
    due = [each.due_at for each in sums.values() if each.due_at is not None]
    oldest = {"occurrences": news["oldest"], "deliveries": min(due, default=None)}
    return {
        "queue_waiting": {"occurrences": news["count"], "deliveries": sum(each.due for each in sums.values())},
        "queue_oldest_age_seconds": {name: age_seconds(at, now) or 0.0 for name, at in oldest.items()},
        "deliveries_waiting": {kind: each.waiting for kind, each in sums.items()},
        "deliveries_oldest_age_seconds": {kind: each.age for kind, each in sums.items()},
        "deliveries_failed": {kind: each.failed for kind, each in sums.items()},
    }


@dataclass
class _Sums:
    """The messages of one kind of channel. `due`: those that should leave now, the first of them since `due_at`."""

    waiting: float = 0.0
    age: float = 0.0
    failed: float = 0.0
    due: float = 0.0
    due_at: datetime | None = None

    def add(
        self, state: str, count: int, oldest: datetime, recent: int, due: int, due_at: datetime | None, *, now: datetime
    ) -> None:
        if state == DeliveryState.FAILED:
            self.failed += recent
            return
        self.waiting += count
        self.age = max(self.age, age_seconds(oldest, now) or 0.0)
        self.due += due
        self.due_at = min(filter(None, (self.due_at, due_at)), default=None)


def _deliveries(now: datetime) -> Iterable[tuple[Any, ...]]:
    """Return (channel, target, state, messages, the oldest, those of the last hour, those due, since when) by line.

    Mails are one line whatever their address. Along the index of ages: retries end within hours.
    """
    due = Q(state=DeliveryState.PENDING, next_due_at__lte=now)
    rows = Notification.objects.filter(created_at__gte=now - LOOKED_BACK, state__in=(*_UNDER_WAY, DeliveryState.FAILED))
    line = Case(When(channel=CONFIGURED, then="target"), default=Value(""))
    return (
        rows.order_by()
        .annotate(line=line)
        .values_list("channel", "line", "state")
        .annotate(
            count=Count("pk"),
            oldest=Min("created_at"),
            recent=Count("pk", filter=Q(created_at__gte=now - FAILED_WITHIN)),
            due=Count("pk", filter=due),
            due_at=Min("next_due_at", filter=due),
        )
    )


def _kind_of(channel: str, target: str, kinds: Mapping[int, str]) -> str:
    """Return the kind of channel alone: the names of channels belong to projects."""
    if channel != CONFIGURED:
        return channel
    return kinds.get(int(target) if target.isdecimal() else 0, "deleted")
