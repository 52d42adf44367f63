"""What happened to an alert and to its messages: timeline entries and deliveries as a page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.channels import CHANNELS
from alerts.choices import DeliveryState, EntryKind
from alerts.models import CONFIGURED, ROUTE_STEP, Notification, NotificationChannel, TimelineEntry

_CRITICAL = {EntryKind.FIRED, EntryKind.RAISED, EntryKind.UNACKNOWLEDGED, EntryKind.FAILED, EntryKind.WATCHDOG}
_TOLD = {EntryKind.STEP, EntryKind.TOLD, EntryKind.ACKNOWLEDGED, EntryKind.NOTE, EntryKind.ASSIGNED}
# What every message's own fate is left to: the table of deliveries tells it.
_OF_DELIVERIES = {EntryKind.TOLD, EntryKind.DELAYED, EntryKind.SUPERSEDED}
_ATTEMPTS = {EntryKind.TOLD, EntryKind.DELAYED, EntryKind.FAILED, EntryKind.UNKNOWN}
_STYLES = {
    DeliveryState.SENT: "ok",
    DeliveryState.FAILED: "error",
    DeliveryState.UNKNOWN: "warning",
    DeliveryState.SUPERSEDED: "hollow",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `style` is a class of the kit; `is_note`: a person wrote it; `is_detail`: hidden among decisions."""

    at: datetime
    text: str
    actor: str
    style: str
    is_note: bool
    is_detail: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver. `attempts` are what the receiver said each time, oldest first."""

    to: str
    by: str
    about: str
    step: str
    state: str
    style: str
    attempts: Sequence[str]
    at: datetime
    next_at: datetime | None
    why: str


def lines_of(entries: Iterable[TimelineEntry]) -> list[Line]:
    return [_line(entry) for entry in entries]


def deliveries_as_told(rows: Sequence[Notification], entries: Sequence[TimelineEntry]) -> list[Delivery]:
    """Return the messages with what was answered to each attempt, as the timeline kept it."""
    ids = {int(row.target) for row in rows if row.channel == CONFIGURED and row.target.isdecimal()}
    channels = {str(each.pk): each for each in NotificationChannel.objects.filter(pk__in=ids)}
    return [_delivery(row, channels, entries) for row in rows]


def _line(entry: TimelineEntry) -> Line:
    kind = EntryKind(entry.kind) if entry.kind in EntryKind.values else None
    style = "t-critical" if kind in _CRITICAL else "t-info" if kind in _TOLD else ""
    is_note = kind == EntryKind.NOTE
    return Line(entry.at, entry.text, entry.actor_label, style, is_note, kind in _OF_DELIVERIES)


def _delivery(
    row: Notification, channels: Mapping[str, NotificationChannel], entries: Sequence[TimelineEntry]
) -> Delivery:
    channel = channels.get(row.target) if row.channel == CONFIGURED else None
    gone = row.channel == CONFIGURED and channel is None
    name = channel.name if channel else "a channel that was deleted" if gone else row.target
    kind = CHANNELS.get(channel.kind if channel else row.channel)
    return Delivery(
        to=name,
        by=(kind.phrase.removeprefix("by ").removeprefix("to ").removeprefix("in ") if kind else row.channel),
        about=row.get_event_display(),
        step="the route" if row.step == ROUTE_STEP else f"step {row.step + 1}",
        state=row.get_state_display(),
        style=_STYLES.get(DeliveryState(row.state), "info"),
        attempts=attempts_of(row, name, entries),
        at=row.sent_at or row.created_at,
        next_at=row.next_due_at if row.state == DeliveryState.PENDING else None,
        why=row.why,
    )


def attempts_of(row: Notification, name: str, entries: Sequence[TimelineEntry]) -> list[str]:
    """Return what came of each attempt, oldest first: the row itself keeps only the last answer."""
    if row.attempts < 2:
        return [row.answer] if row.answer else []
    until = row.sent_at or row.next_due_at
    told = [
        entry.text.rpartition(": ")[2].rstrip(".")
        for entry in sorted(entries, key=lambda entry: (entry.at, entry.pk))
        if entry.group_id == row.group_id
        and entry.kind in _ATTEMPTS
        and entry.text.startswith((f"The message to {name} ", f"Told {name} "))
        and entry.at >= row.created_at
        and (until is None or entry.at <= until)
    ]
    return told[-row.attempts :] or ([row.answer] if row.answer else [])
