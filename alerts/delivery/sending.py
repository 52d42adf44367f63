"""One attempt of one notification: its line as it is configured now, and the message."""

from datetime import datetime

from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.sending import send_message
from alerts.delivery.lines import line_of
from alerts.models import Notification


def send(row: Notification, message: Message, *, now: datetime) -> Outcome:
    """Send outside any transaction. Never raises: whatever goes wrong must settle the notification."""
    line = line_of(row)
    if line.kind is None:
        return Outcome(is_sent=False, answer=f"{line.name}: nothing can be sent there", is_permanent=True)
    if not line.is_enabled:
        return Outcome(is_sent=False, answer=f"{line.name} is switched off", is_permanent=True)
    return send_message(line.kind.name, line.settings, message, now=now, words=line.words)
