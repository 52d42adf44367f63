"""Sends what the outbox holds. A notification is claimed under a lease, sent outside any transaction, then settled.

A worker that dies while sending leaves a lease that runs out: then nobody knows whether the message arrived.
"""

import time
from datetime import datetime, timedelta

from alerts.delivery.claiming import claim_next as claim_next
from alerts.delivery.claiming import settle_expired_leases, was_overtaken
from alerts.delivery.lines import line_key
from alerts.delivery.messages import build_message as build_message
from alerts.delivery.sending import send as send
from alerts.delivery.settling import drop_as_over
from alerts.delivery.settling import settle as settle

ROUND_SIZE = 50


def deliver_due(now: datetime) -> int:
    """Send what is due, up to 50 notifications. Returns how many were tried.

    A line that fails for the time being rests until the next round: behind it the same server waits, and the next
    sweep comes within seconds. The others go on.
    """
    started, resting = time.monotonic(), set[str]()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    settle_expired_leases(now)
    for tried in range(ROUND_SIZE):
        moment = clock()
        notification = claim_next(moment, resting=resting)
        if notification is None:
            return tried
        message = build_message(notification, now=moment)
        if message is None or was_overtaken(notification):  # asked after it was worded: no end is missed in between
            drop_as_over(notification, now=moment)
            continue
        outcome = send(notification, message, now=moment)
        settle(notification, outcome, now=clock())  # it left after it was claimed, and steps may have passed meanwhile
        if outcome.is_temporary:
            resting.add(line_key(notification))
    return ROUND_SIZE
