"""The calendar of who is on call as finished positions: x in percent, y in rem. Values in, values out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from alerts.oncall.reading import Person
from alerts.oncall.schedule import (
    Duty,
    OverridePlan,
    SchedulePlan,
    final_duties,
    gaps,
    layer_duties,
)
from tradewatch.calendars.spans import Span, cut
from tradewatch.calendars.wall_clock import moment_of, reading_at
from tradewatch.core.people import initials_of

ROW_REM = 2.25
DAY = timedelta(days=1)
DAYS_SHOWN = 14
NAME_FITS, INITIALS_FIT = 4.5, 1.7  # percent of the width at a desk


@dataclass(frozen=True, slots=True)
class Bar:
    """`style` is a class of the kit: me, ot (others), ov (override), gapx (nobody), away."""

    x: str
    width: str
    label: str
    title: str
    style: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    detail: str
    y: str
    line_y: str
    bars: tuple[Bar, ...]
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class DayMark:
    """`note` says how long the day is where a clock change makes it other than 24 hours."""

    x: str
    width: str
    label: str
    is_weekend: bool
    is_today: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class SessionMark:
    x: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Calendar:
    zone: str
    start: datetime
    end: datetime
    days: tuple[DayMark, ...]
    rows: tuple[Row, ...]
    duties: tuple[Duty, ...]
    gaps: tuple[Span, ...]
    market: str
    sessions: tuple[SessionMark, ...]
    closed: tuple[str, ...]
    sessions_y: str
    closed_y: str
    bottom: str
    now_x: str
    next_x: str
    change_x: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch that is drawn."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        return (moment - self.start) / (self.end - self.start) * 100

    def at(self, moment: datetime | None) -> str:
        """Return the place of a moment; empty when it lies outside."""
        return percent(self.x(moment)) if moment and self.start <= moment <= self.end else ""


def frame_of(plan: SchedulePlan, day: datetime) -> Frame:
    """Return two weeks from the Monday of the week of `day`, midnight to midnight on the schedule's clock."""
    first = reading_at(day, plan.zone).date()
    midnight = datetime.combine(first - first.weekday() * DAY, time())
    return Frame(moment_of(midnight, plan.zone), moment_of(midnight + DAYS_SHOWN * DAY, plan.zone))


def draw(
    plan: SchedulePlan,
    frame: Frame,
    *,
    people: Mapping[int, Person],
    me: int | None,
    now: datetime,
    next_at: datetime | None,
    details: Mapping[int, str],
    market: str = "",
    sessions: Sequence[Span] | None = None,
    change_at: datetime | None = None,
) -> Calendar:
    """Draw the result on top, then overrides, then the layers, the one that wins first. `details`: words by layer."""
    duties = final_duties(plan, frame.start, frame.end)
    nobody = gaps(duties, frame.start, frame.end)
    pen = _Pen(frame, people, me)
    lines: list[tuple[str, str, tuple[Bar, ...], bool]] = [
        ("On call", "what results", (*pen.duties(duties), *pen.gaps(nobody)), True),
    ]
    if plan.overrides:
        lines.append(("Overrides", str(len(plan.overrides)), tuple(pen.overrides(plan.overrides)), False))
    for layer in reversed(plan.layers):
        bars = pen.duties(layer_duties(layer, frame.start, frame.end))
        lines.append((layer.name, details.get(layer.id, ""), tuple(bars), False))
    rows = tuple(
        Row(name, detail, rem(ROW_REM * (number + 1) + 0.3125), rem(ROW_REM * (number + 1)), bars, is_result)
        for number, (name, detail, bars, is_result) in enumerate(lines)
    )
    bottom = ROW_REM * (len(rows) + 1)
    return Calendar(
        zone=plan.zone.key,
        start=frame.start,
        end=frame.end,
        days=tuple(_days(plan, frame, now)),
        rows=rows,
        duties=tuple(duties),
        gaps=tuple(nobody),
        market=market,
        sessions=tuple(_sessions(frame, sessions or (), plan)),
        closed=tuple(_closed(plan, frame, sessions)) if sessions else (),
        sessions_y=rem(bottom + 0.875),
        closed_y=rem(bottom + 1.25),
        bottom=rem(bottom),
        now_x=frame.at(now),
        next_x=frame.at(next_at),
        change_x=frame.at(change_at),
    )


class _Pen:
    def __init__(self, frame: Frame, people: Mapping[int, Person], me: int | None) -> None:
        self.frame, self.people, self.me = frame, people, me

    def duties(self, duties: Iterable[Duty]) -> Iterator[Bar]:
        for duty in duties:
            name = self.name(duty.who)
            style = "me" if duty.who == self.me else "ot"
            yield self.bar(duty.span, name, f"{name}, {duty.source}", style)

    def gaps(self, spans: Iterable[Span]) -> Iterator[Bar]:
        for span in spans:
            yield self.bar(span, "Nobody", "Nobody is on call", "gapx")

    def overrides(self, overrides: Iterable[OverridePlan]) -> Iterator[Bar]:
        for one in overrides:
            instead = f" for {self.name(one.instead_of)}" if one.instead_of else ""
            reason = f": {one.reason}" if one.reason else ""
            for span in cut([Span(one.start, one.end)], self.frame.start, self.frame.end):
                if one.who is None:
                    yield self.bar(span, "away", f"{self.name(one.instead_of)} is away{reason}", "away")
                else:
                    yield self.bar(span, self.name(one.who), f"{self.name(one.who)}{instead}{reason}", "ov")

    def bar(self, span: Span, label: str, title: str, style: str) -> Bar:
        width = self.frame.x(span.end) - self.frame.x(span.start)
        return Bar(percent(self.frame.x(span.start)), percent(width), short(label, width), title, style)

    def name(self, who: int | None) -> str:
        person = self.people.get(who) if who else None
        return person.name if person else "somebody who left"


def short(name: str, width: float) -> str:
    """Return what of a name fits: the first name, the initials, or nothing."""
    if width >= NAME_FITS:
        return name.split()[0]
    return initials_of(name) if width >= INITIALS_FIT else ""


def percent(number: float) -> str:
    return f"{number:.3f}%"


def rem(number: float) -> str:
    return f"{number:g}rem"


def _days(plan: SchedulePlan, frame: Frame, now: datetime) -> Iterator[DayMark]:
    first = reading_at(frame.start, plan.zone)
    today = reading_at(now, plan.zone).date()
    for number in range(DAYS_SHOWN):
        midnight = first + number * DAY
        start, end = moment_of(midnight, plan.zone), moment_of(midnight + DAY, plan.zone)
        hours = (end - start).total_seconds() / 3600
        with_month = number == 0 or midnight.day == 1
        yield DayMark(
            x=percent(frame.x(start)),
            width=percent(frame.x(end) - frame.x(start)),
            label=f"{midnight:%a} {midnight.day}" + (f"{midnight: %b}" if with_month else ""),
            is_weekend=midnight.weekday() >= 5,
            is_today=midnight.date() == today,
            note="" if hours == 24 else f"{hours:g} h",
        )


def _sessions(frame: Frame, spans: Iterable[Span], plan: SchedulePlan) -> Iterator[SessionMark]:
    for span in spans:
        clock = [reading_at(moment, plan.zone).strftime("%H:%M") for moment in (span.start, span.end)]
        width = frame.x(span.end) - frame.x(span.start)
        yield SessionMark(percent(frame.x(span.start)), percent(width), f"open {clock[0]} to {clock[1]}")


def _closed(plan: SchedulePlan, frame: Frame, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the places of weekdays, on the schedule's clock, on which the market does not trade."""
    first = reading_at(frame.start, plan.zone)
    for midnight in (first + number * DAY for number in range(DAYS_SHOWN)):
        start, end = moment_of(midnight, plan.zone), moment_of(midnight + DAY, plan.zone)
        if midnight.weekday() < 5 and not any(span.start < end and span.end > start for span in spans):
            yield percent(frame.x(start))
