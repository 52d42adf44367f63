from datetime import datetime

from alerts.choices import EntryKind
from alerts.models import Alert, AlertGroup, TimelineEntry
from alerts.words import one_line


def entry(
    about: Alert | AlertGroup, kind: EntryKind, text: str, *, now: datetime, actor_label: str = ""
) -> TimelineEntry:
    """Return one unsaved timeline entry of an alert or of a group."""
    owner = {"group_id": about.pk} if isinstance(about, AlertGroup) else {"alert_id": about.pk}
    return TimelineEntry(**owner, at=now, kind=kind, text=one_line(text, limit=500), actor_label=one_line(actor_label))


def note(about: Alert | AlertGroup, kind: EntryKind, text: str, *, now: datetime, actor_label: str = "") -> None:
    """Write one timeline entry, in the transaction of what it tells."""
    entry(about, kind, text, now=now, actor_label=actor_label).save()


def note_once(about: Alert | AlertGroup, kind: EntryKind, text: str, *, now: datetime) -> None:
    """Write the entry unless the last of this kind says the same: a reason that still holds is not news."""
    last = about.timeline.filter(kind=kind).order_by("-id").values_list("text", flat=True).first()
    if last != one_line(text, limit=500):
        note(about, kind, text, now=now)
