"""Sends what the outbox holds. A notification is claimed under a lease, sent outside any transaction, then settled.

A worker that dies while sending leaves a lease that runs out: then nobody knows whether the mail arrived.
"""

import time
from datetime import datetime, timedelta

from alerts.channels import CHANNELS
from alerts.delivery.claiming import claim_next, settle_expired_leases
from alerts.delivery.settling import settle

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
        outcome = CHANNELS[notification.channel](notification, now=moment)
        settle(notification, outcome, now=moment)
        if outcome.is_temporary:
            return tried + 1
    return ROUND_SIZE
