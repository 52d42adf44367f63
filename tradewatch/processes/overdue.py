"""What is due every ten minutes or less often, by when it last ran: a restart neither forgets nor repeats it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tradewatch.core.models import Pulse

PREFIX = "tick:"
SKEW = timedelta(minutes=5)  # machines differ by seconds; what is further ahead was written before a clock was set back


def claim_overdue(rare: Mapping[str, float], *, now: datetime) -> str | None:
    """Return the task of `rare` ({name: seconds from one run to the next}) that waits longest, noted as run now.

    One at a time: after a night without TradeWatch not everything runs at once. What never ran goes first; what ran in
    the future does too, since then the clock was set back. None: nothing is due, or another process was quicker.
    """
    known = dict(Pulse.objects.filter(name__in=[PREFIX + task for task in rare]).values_list("name", "at"))
    due = {task: _due_at(known.get(PREFIX + task), seconds, now) for task, seconds in rare.items()}
    waiting = sorted((at, task) for task, at in due.items() if at <= now)
    if not waiting:
        return None
    task = waiting[0][1]
    return task if _claim(PREFIX + task, known.get(PREFIX + task), now) else None


def give_back(task: str, *, claimed_at: datetime) -> None:
    """Let a task that could not be queued be claimed again."""
    Pulse.objects.filter(name=PREFIX + task, at=claimed_at).delete()


def _due_at(last: datetime | None, seconds: float, now: datetime) -> datetime:
    if last is None or last > now + SKEW:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return last + timedelta(seconds=seconds)


def _claim(name: str, last: datetime | None, now: datetime) -> bool:
    """Note the run, unless somebody else has since `last` was read."""
    if last is None:
        return Pulse.objects.get_or_create(name=name, defaults={"at": now})[1]
    return bool(Pulse.objects.filter(name=name, at=last).update(at=now))
