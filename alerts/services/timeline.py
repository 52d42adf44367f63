from datetime import datetime

from alerts.choices import EntryKind
from alerts.models import Alert, TimelineEntry
from alerts.words import one_line


def note(alert: Alert, kind: EntryKind, text: str, *, now: datetime, actor_label: str = "") -> None:
    """Write one timeline entry, in the transaction of what it tells."""
    TimelineEntry.objects.create(
        alert=alert, at=now, kind=kind, text=one_line(text, limit=500), actor_label=one_line(actor_label)
    )


def note_once(alert: Alert, kind: EntryKind, text: str, *, now: datetime) -> None:
    """Write the entry unless the alert has one of this kind: a reason that still holds is not news."""
    if not TimelineEntry.objects.filter(alert=alert, kind=kind).exists():
        note(alert, kind, text, now=now)
