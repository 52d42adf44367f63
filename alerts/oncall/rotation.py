"""Shifts of a rotation. Handoffs are clock readings one shift apart, so a daily 09:00 stays 09:00 all year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tradewatch.calendars.spans import Span
from tradewatch.calendars.wall_clock import moment_of, reading_at


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """`starts` is the naive clock reading of the first handoff; `shift` the clock time between two (at least a minute).

    `people` are user ids in the order of their turns; one may come more than once. Before `starts` nobody is on call.
    """

    zone: ZoneInfo
    starts: datetime
    shift: timedelta
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    span: Span
    who: int


def shifts_between(plan: RotationPlan, start: datetime, end: datetime) -> Iterator[Shift]:
    """Yield the whole shifts (UTC) that touch `start` to `end`.

    A shift that a clock change swallows (both its handoffs move to the gap's end) has no length and is left out.
    """
    if not plan.people:
        return
    number = max(shift_number(plan, start), 0)
    while (shift := shift_of(plan, number)).span.start < end:
        if shift.span.start < shift.span.end:
            yield shift
        number += 1


def shift_number(plan: RotationPlan, at: datetime) -> int:
    """Return the number, from 0, of the last shift that begins at or before `at`; negative before the first."""
    number = (reading_at(at, plan.zone) - plan.starts) // plan.shift
    # The reading alone is off by the length of a clock change at most: in a gap, or the second time in a repeated hour.
    while _handoff(plan, number + 1) <= at:
        number += 1
    while _handoff(plan, number) > at:
        number -= 1
    return number


def shift_of(plan: RotationPlan, number: int) -> Shift:
    return Shift(Span(_handoff(plan, number), _handoff(plan, number + 1)), plan.people[number % len(plan.people)])


def _handoff(plan: RotationPlan, number: int) -> datetime:
    return moment_of(plan.starts + number * plan.shift, plan.zone).astimezone(UTC)
