"""A heartbeat's history as runs: what became of each, and how long it took. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from django.db.models import TextChoices

from alerts.heartbeats.choices import EntryKind


class Outcome(TextChoices):
    OK = "ok", "Good"
    LATE = "late", "Late"
    TOO_LONG = "too_long", "Ran too long"
    FAILED = "failed", "Failed"
    MISSED = "missed", "Did not come"


GOOD = frozenset((Outcome.OK, Outcome.LATE))
WORST_FIRST = (Outcome.MISSED, Outcome.FAILED, Outcome.TOO_LONG, Outcome.LATE, Outcome.OK)


class Entry(Protocol):
    """A line of the history. Read-only: a row of `HeartbeatEntry` is one."""

    at: datetime
    kind: str
    seconds: float | None
    late_seconds: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds`: from start to end; None where nothing said it, or it did not come."""

    at: datetime
    outcome: Outcome
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the runs in some time went well: late is late, and well."""

    good: int
    total: int

    @property
    def wrong(self) -> int:
        return self.total - self.good


def runs_of(entries: Iterable[Entry], *, late_after_seconds: float) -> list[Run]:
    """Return the runs that ended, were missed or are over their time, of entries in the order of time.

    A run that was seen to take too long and ends afterwards is one run; that it was late is said by its start. Late is
    what came more than `late_after_seconds` after its moment (see `late_after_seconds_of`).
    """
    runs: list[Run] = []
    is_late = is_over = False  # of the run under way
    for entry in entries:
        came_late = (entry.late_seconds or 0.0) > late_after_seconds
        match entry.kind:
            case EntryKind.START:
                is_late = is_late or came_late
            case EntryKind.SUCCESS | EntryKind.FAIL:
                if is_over and runs:
                    runs.pop()
                runs.append(_ended(entry, is_late=is_late or came_late, is_over=is_over))
                is_late = is_over = False
            case EntryKind.TOO_LONG if runs and runs[-1].at == entry.at and runs[-1].outcome in GOOD:
                runs[-1] = replace(runs[-1], outcome=Outcome.TOO_LONG)  # told by its end alone
            case EntryKind.TOO_LONG:
                runs.append(Run(entry.at, Outcome.TOO_LONG))
                is_over = True
            case EntryKind.MISSED:
                runs.append(Run(entry.at, Outcome.MISSED))
                is_late = is_over = False
    return runs


def late_after_seconds_of(grace_seconds: int) -> float:
    """Return from when on a run counts as late: half of its grace. An interval drifts by seconds each time, and what
    reports its end alone comes after its moment by as long as it runs."""
    return grace_seconds / 2


def share_of(runs: Iterable[Run], start: datetime, end: datetime) -> Share:
    within = [run for run in runs if start <= run.at < end]
    return Share(sum(run.outcome in GOOD for run in within), len(within))


def worst_of(runs: Iterable[Run]) -> Outcome | None:
    found = {run.outcome for run in runs}
    return next((outcome for outcome in WORST_FIRST if outcome in found), None)


def split(runs: Sequence[Run], start: datetime, end: datetime, *, count: int) -> list[list[Run]]:
    """Return the runs of each of `count` equal parts of [start, end)."""
    width = (end - start) / count
    parts: list[list[Run]] = [[] for _ in range(count)]
    for run in runs:
        if start <= run.at < end:
            parts[min(int((run.at - start) / width), count - 1)].append(run)
    return parts


def _ended(entry: Entry, *, is_late: bool, is_over: bool) -> Run:
    if entry.kind == EntryKind.FAIL:
        outcome = Outcome.FAILED
    elif is_over:
        outcome = Outcome.TOO_LONG
    else:
        outcome = Outcome.LATE if is_late else Outcome.OK
    return Run(entry.at, outcome, entry.seconds)
