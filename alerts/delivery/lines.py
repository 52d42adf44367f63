"""The line that a notification goes out on: all mail shares one, each configured channel has its own."""

from dataclasses import dataclass

from django.db.models import Q

from alerts.channels import CHANNELS
from alerts.channels.kinds import ChannelKind, Settings
from alerts.channels.templates import Words
from alerts.models import CONFIGURED, Notification, NotificationChannel


@dataclass(frozen=True, slots=True)
class Line:
    """How a row leaves. `name` is how people call the receiver; `kind` None: nobody knows how to send there."""

    name: str
    kind: ChannelKind | None
    settings: Settings
    words: Words | None = None
    per_minute: int | None = None
    is_enabled: bool = True
    sends_resolves: bool = True

    @property
    def phrase(self) -> str:
        return self.kind.phrase if self.kind else "by an unknown channel"

    @property
    def is_safe_to_repeat(self) -> bool:
        """Whether the receiver drops what it got before, by the message's keys."""
        return self.kind is not None and self.kind.is_safe_to_repeat


def line_key(row: Notification) -> str:
    return f"{CONFIGURED}:{row.target}" if row.channel == CONFIGURED else row.channel


def on_lines(lines: set[str]) -> Q:
    """Return the condition that a row goes out on one of the lines."""
    found = Q(pk=None)
    for line in lines:
        channel, _, target = line.partition(":")
        found |= Q(channel=channel, target=target) if target else Q(channel=channel)
    return found


def line_of(row: Notification) -> Line:
    """Return the line as it is configured now; it may have been changed, or be gone, since the row was written."""
    if row.channel != CONFIGURED:
        kind = CHANNELS.get(row.channel)
        return Line(row.target, kind, {"to": [row.target]}, per_minute=kind.limit_per_minute if kind else None)
    channel = NotificationChannel.objects.filter(pk=int(row.target) if row.target.isdecimal() else 0).first()
    if channel is None:
        return Line("a channel that was deleted", None, {})
    kind = CHANNELS.get(channel.kind)
    return Line(
        name=channel.name,
        kind=kind,
        settings=channel.settings,
        words=Words(title=channel.title_template, text=channel.text_template),
        per_minute=channel.limit_per_minute or (kind.limit_per_minute if kind else None),
        is_enabled=channel.is_enabled,
        sends_resolves=channel.sends_resolves,
    )
