"""What beat does about replays: settles what is not known yet, ends what nobody works on any more."""

from datetime import datetime, timedelta

from debugging.choices import ReplayState, Reproduced
from debugging.models import Replay
from debugging.replays.recording import ENDED, give_up, settle
from debugging.replays.reproduced import WAIT

MOST_AT_ONCE = 200
LONGEST_SENDING = timedelta(seconds=180)  # a target's time limit is a minute at most
LONGEST_WAITING = timedelta(hours=24)  # what somebody meant to send yesterday is asked for anew
UNAPPROVED = "nobody approved it within a day"
LONGEST_QUEUED = timedelta(minutes=10)  # it is begun in the transaction in which it is asked for


def tend(now: datetime) -> int:
    """Return how many replays changed. Harmless twice, or late."""
    return settle_open(now) + end_abandoned(now)


def settle_open(now: datetime) -> int:
    rows = Replay.objects.filter(state__in=ENDED, reproduced=Reproduced.PENDING).order_by("ended_at", "pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
    changed = sum(settle(pk, now=now).reproduced != Reproduced.PENDING for pk in ids)
    return changed + sum(settle(pk, now=now).reproduced != Reproduced.NO for pk in _doubtful(now))


def _doubtful(now: datetime) -> list[int]:
    """Return those of the newest replays without an error for which one may still come."""
    newest = Replay.objects.order_by("-pk").values_list("pk", "state", "reproduced", "ended_at")[:MOST_AT_ONCE]
    return [
        pk
        for pk, state, reproduced, ended_at in newest
        if state in ENDED and reproduced == Reproduced.NO and ended_at is not None and now - ended_at < WAIT
    ]


def end_abandoned(now: datetime) -> int:
    """A replay that was under way when its process died may have arrived or not: it is never sent again by itself."""
    rows = Replay.objects.select_related("session").order_by("pk")
    under_way = rows.filter(state=ReplayState.RUNNING, sent_at__lt=now - LONGEST_SENDING)[:MOST_AT_ONCE]
    why = "whoever sent it ended before the answer was known: it may have arrived"
    count = give_up(list(under_way), ReplayState.UNKNOWN, why, now=now)
    alone = rows.filter(batch=None)
    queued = alone.filter(state=ReplayState.QUEUED, requested_at__lt=now - LONGEST_QUEUED)[:MOST_AT_ONCE]
    waiting = alone.filter(state=ReplayState.WAITING, requested_at__lt=now - LONGEST_WAITING)[:MOST_AT_ONCE]
    count += give_up(list(queued), ReplayState.CANCELLED, "was not sent: whoever was about to ended before", now=now)
    return count + give_up(list(waiting), ReplayState.CANCELLED, UNAPPROVED, now=now)
