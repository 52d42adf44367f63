"""The end of alerts: their keys are free, and whoever was told that they fire is told when their groups look next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState, EntryKind
from alerts.models import Alert
from alerts.timeline import entry
from alerts.words import duration_words, one_line
from tradewatch.core import bulk
from tradewatch.core.live import push


@dataclass(frozen=True, slots=True)
class End:
    """How an open alert ends: `ending` is the line people read, `why` the timeline's sentence, `by` who ended it."""

    alert: Alert
    ending: str
    why: str
    by: str


def end_alert(alert: Alert, *, ending: str, why: str, by: str, now: datetime) -> None:
    """Resolve one locked, open alert in the caller's transaction."""
    end_many([End(alert, ending, why, by)], now=now)


def end_many(ends: Sequence[End], *, now: datetime) -> None:
    """Resolve locked, open alerts in the caller's transaction, with few statements."""
    for end in ends:
        end.alert.state = AlertState.RESOLVED
        end.alert.resolved_at = now
        end.alert.resolved_by = one_line(end.by)
        end.alert.ending = one_line(end.ending, limit=400)
    # Their groups find out at their next look. Locking them here would take locks in any order.
    bulk.update_objects([end.alert for end in ends], ["state", "resolved_at", "resolved_by", "ending"])
    bulk.insert_objects([entry(end.alert, EntryKind.RESOLVED, end.why, now=now, actor_label=end.by) for end in ends])
    for project_id in sorted({end.alert.project_id for end in ends}):
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]


def ended_words(alert: Alert, *, now: datetime) -> str:
    """Return `Ended: Disk 97% full, 12 min`."""
    return f"Ended: {alert.title}, {duration_words(now - alert.starts_at)}"
