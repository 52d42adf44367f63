from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState, EntryKind
from alerts.models import Alert
from alerts.timeline import note
from alerts.words import one_line
from tradewatch.core.live import push


def end_alert(alert: Alert, *, ending: str, why: str, by: str, now: datetime) -> None:
    """Resolve the locked, open `alert` in the caller's transaction: frees its key. Whoever was told that
    it fires is told when its group looks next.

    `ending` is the line people read, `why` the timeline's sentence, `by` who ended it.
    """
    alert.state = AlertState.RESOLVED
    alert.resolved_at = now
    alert.resolved_by = one_line(by)
    alert.ending = one_line(ending, limit=400)
    # Its groups find out at their next look. Locking them here would take locks in any order, as callers end many.
    alert.save(update_fields=["state", "resolved_at", "resolved_by", "ending"])
    note(alert, EntryKind.RESOLVED, why, now=now, actor_label=by)
    transaction.on_commit(lambda: push("alerts", alert.project_id))
