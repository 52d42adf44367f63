"""What results from a schedule's layers and overrides: who is on call at a moment, and between two.

Layers lie on each other in order: where a later one has somebody, it wins over the earlier. Then come overrides, the
later made over the earlier. Somebody who is away drops out of every layer, so that a lower one shows through.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from alerts.oncall.rotation import RotationPlan, shifts_between
from tradewatch.calendars.spans import Span, between, cut, joined
from tradewatch.calendars.windows import TimeWindow, spans_within

LOOK_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """A rotation, on call only within `restrictions` (none: always) and between `from_at` and `until_at`."""

    id: int
    name: str
    rotation: RotationPlan
    restrictions: tuple[TimeWindow, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OverridePlan:
    """`who` takes over from `start` to `end`, from everybody or only from `instead_of`. None: that person is away."""

    id: int
    start: datetime
    end: datetime
    who: int | None
    instead_of: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    id: int
    name: str
    zone: ZoneInfo
    layers: tuple[LayerPlan, ...]
    overrides: tuple[OverridePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """`who` is on call for `span`; `source` names the layer, or says "override"."""

    span: Span
    who: int
    source: str
    override_id: int | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """At `at` the duty goes from one to the other; None: nobody."""

    at: datetime
    before: int | None
    after: int | None


def layer_duties(layer: LayerPlan, start: datetime, end: datetime) -> list[Duty]:
    """Return who the layer alone puts on call, in order."""
    start, end = _later(start, layer.from_at), _earlier(end, layer.until_at)
    if start >= end:
        return []
    parts: list[Duty] = []
    open_spans = spans_within(layer.restrictions, start, end) if layer.restrictions else [Span(start, end)]
    for open_span in open_spans:
        for shift in shifts_between(layer.rotation, open_span.start, open_span.end):
            parts.extend(
                Duty(span, shift.who, layer.name) for span in cut([shift.span], open_span.start, open_span.end)
            )
    return _merged(parts)


def final_duties(plan: SchedulePlan, start: datetime, end: datetime) -> list[Duty]:
    """Return who is on call, in order and without overlaps; what nobody covers is left out (`gaps`)."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    duties: list[Duty] = []
    for layer in plan.layers:
        duties = _over(duties, _without_the_away(layer_duties(layer, start, end), plan.overrides))
    for override in sorted(plan.overrides, key=lambda one: one.id):
        if override.who is not None:
            duties = _take_over(duties, override, override.who, start, end)
    return _merged(duties)


def on_call_at(plan: SchedulePlan, at: datetime) -> Duty | None:
    """Return the duty of that moment, cut to the second; None: nobody is on call."""
    return next(iter(final_duties(plan, at, at + timedelta(seconds=1))), None)


def next_handoff(plan: SchedulePlan, at: datetime) -> Handoff | None:
    """Return the first moment after `at` when somebody else, or nobody, is on call; None: not within 400 days."""
    reach, start = timedelta(days=8), at
    while start < at + LOOK_AHEAD:
        end = start + reach
        # Each look starts a second early, so that a change on the seam of two looks is seen.
        found = next((handoff for handoff in handoffs(plan, start, end) if handoff.at > at), None)
        if found:
            return found
        start, reach = end - timedelta(seconds=1), reach * 4
    return None


def handoffs(plan: SchedulePlan, start: datetime, end: datetime) -> list[Handoff]:
    """Return every change of who is on call strictly between the two moments."""
    duties = final_duties(plan, start, end)
    turns = sorted(
        [(one.span.start, one.who) for one in duties] + [(gap.start, None) for gap in gaps(duties, start, end)]
    )
    pairs = pairwise(turns)
    return [Handoff(after[0], before[1], after[1]) for before, after in pairs if before[1] != after[1]]


def gaps(duties: Iterable[Duty], start: datetime, end: datetime) -> list[Span]:
    """Return when nobody is on call."""
    return between([duty.span for duty in duties], start.astimezone(UTC), end.astimezone(UTC))


def until(plan: SchedulePlan, at: datetime) -> datetime | None:
    """Return until when it stays as it is at `at`; None: for more than a year."""
    handoff = next_handoff(plan, at)
    return handoff.at if handoff else None


def _over(lower: Sequence[Duty], upper: Sequence[Duty]) -> list[Duty]:
    """Lay `upper` on `lower`: where both have somebody, the upper one stays."""
    taken = [duty.span for duty in upper]
    return sorted([*upper, *_outside(lower, taken)], key=lambda duty: duty.span)


def _outside(duties: Iterable[Duty], taken: Sequence[Span]) -> list[Duty]:
    return [
        Duty(span, duty.who, duty.source, duty.override_id)
        for duty in duties
        for span in between(taken, duty.span.start, duty.span.end)
    ]


def _without_the_away(duties: list[Duty], overrides: Iterable[OverridePlan]) -> list[Duty]:
    for away in overrides:
        if away.who is None:
            gone = [duty for duty in duties if duty.who == away.instead_of]
            rest = [duty for duty in duties if duty.who != away.instead_of]
            duties = sorted([*rest, *_outside(gone, [Span(away.start, away.end)])], key=lambda duty: duty.span)
    return duties


def _take_over(duties: list[Duty], override: OverridePlan, who: int, start: datetime, end: datetime) -> list[Duty]:
    wanted = [Span(override.start.astimezone(UTC), override.end.astimezone(UTC))]
    if override.instead_of is not None:
        theirs = [duty.span for duty in duties if duty.who == override.instead_of]
        wanted = [span for one in wanted for span in cut(theirs, one.start, one.end)]
    taken = [Duty(span, who, "override", override.id) for span in joined(cut(wanted, start, end))]
    return _over(duties, taken)


def _merged(duties: Iterable[Duty]) -> list[Duty]:
    """Join duties that touch when person and source are the same."""
    found: list[Duty] = []
    for duty in sorted(duties, key=lambda one: one.span):
        last = found[-1] if found else None
        if (
            last
            and last.span.end == duty.span.start
            and (last.who, last.source, last.override_id) == (duty.who, duty.source, duty.override_id)
        ):
            found[-1] = Duty(Span(last.span.start, duty.span.end), duty.who, duty.source, duty.override_id)
        else:
            found.append(duty)
    return found


def _later(moment: datetime, other: datetime | None) -> datetime:
    return max(moment, other) if other else moment


def _earlier(moment: datetime, other: datetime | None) -> datetime:
    return min(moment, other) if other else moment
