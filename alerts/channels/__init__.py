"""How a notification reaches someone: one module a channel, named in `CHANNELS`.

A channel is a function `send(notification, *, now) -> Outcome` that runs outside any transaction and never raises.
CONTRIBUTING.md says how to add one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from alerts.channels.email import send_email
from alerts.channels.outcome import Outcome
from alerts.models import Notification


class Send(Protocol):
    def __call__(self, notification: Notification, *, now: datetime) -> Outcome: ...


CHANNELS: Mapping[str, Send] = {"email": send_email}
