"""Sends what the outbox holds. A notification is claimed under a lease, sent outside any transaction, then settled.

A worker that dies while sending leaves a lease that runs out: then nobody knows whether the mail arrived.
"""

import time
from datetime import datetime, timedelta

from alerts.channels.outcome import Outcome
from alerts.channels.sending import send_message
from alerts.delivery.claiming import claim_next, settle_expired_leases
from alerts.delivery.describing import message_of
from alerts.delivery.settling import settle
from alerts.models import Notification
from alerts.queries import held_since_last_mail

ROUND_SIZE = 50


def deliver_due(now: datetime) -> int:
    """Send what is due, up to 50 notifications. Returns how many were tried.

    Stops at the first temporary failure: behind it the same server waits, and the next sweep comes within a second.
    """
    started = time.monotonic()
    settle_expired_leases(now)
    for tried in range(ROUND_SIZE):
        moment = now + timedelta(seconds=time.monotonic() - started)
        notification = claim_next(moment)
        if notification is None:
            return tried
        outcome = send(notification, now=moment)
        settle(notification, outcome, now=moment)
        if outcome.is_temporary:
            return tried + 1
    return ROUND_SIZE


def send(notification: Notification, *, now: datetime) -> Outcome:
    """Send the claimed notification, outside any transaction."""
    held = held_since_last_mail(notification.target, notification.alert.project_id, now=now)
    message = message_of(notification, held=held, now=now)
    return send_message(notification.channel, {"to": [notification.target]}, message, now=now)
