"""What the page of a schedule shows, as finished values: the calendar, handoffs, overrides and gaps, one's shifts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.contacts import DEFAULT_WORDS, rule_words, rules_for
from alerts.models import Override, Schedule
from alerts.oncall.plans import plan_of, with_plans
from alerts.oncall.reading import Now, Person, people_in, shifts_of_person
from alerts.oncall.schedule import Duty, SchedulePlan, handoffs, next_handoff
from tradewatch.calendars.queries import market
from tradewatch.calendars.sessions import session_spans
from tradewatch.calendars.spans import Span
from tradewatch.calendars.wall_clock import next_clock_change, zone_named
from tradewatch.core.people import initials_of
from tradewatch.dashboard.oncall_calendar import Calendar, Frame, draw, frame_of
from tradewatch.dashboard.oncall_words import city, clock_change_words, local, local_clock, local_day, rotation_words
from tradewatch.dashboard.words import span as span_words

YEAR = timedelta(days=400)
HANDOFFS_SHOWN = 5
MINE_WITHIN, MINE_BEYOND = timedelta(days=42), timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Card:
    """Who is on call for one schedule now."""

    schedule: Schedule
    initials: str
    name: str
    is_me: bool
    until: str
    following: str
    clock: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: its day and clock, whom it is about, and one thing more."""

    day: str
    clock: str
    initials: str
    name: str
    detail: str
    badge: str = ""
    is_gap: bool = False
    override_id: int | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class SchedulePage:
    schedule: Schedule
    city: str
    calendar: Calendar
    lines: tuple[Line, ...]
    next_handoffs: tuple[Line, ...]
    changes: tuple[Line, ...]
    clock_change: tuple[str, str, str, str] | None
    earlier: str
    later: str
    weeks: str
    label: str


def card_of(found: Now, *, me: int | None, now: datetime) -> Card:
    zone = zone_named(found.schedule.zone)
    name = found.person.name if found.person else "Nobody"
    until = "until further notice" if found.person else "no layer has anybody within a year"
    if found.handoff:
        until = f"until {local(found.handoff.at, zone)}, {span_words(found.handoff.at - now)} more"
    return Card(
        schedule=found.schedule,
        initials=initials_of(name) if found.person else "?",
        name=name,
        is_me=bool(found.person and found.person.id == me),
        until=until,
        following=(found.following.name if found.following else "nobody") if found.handoff else "",
        clock=f"{local_clock(now, zone)} in {city(zone.key)}",
    )


def schedule_page(schedule_id: int, *, day: datetime, me: int | None, now: datetime) -> SchedulePage:
    """Return the page of a schedule for the two weeks that begin in the week of `day`."""
    around = with_plans(Schedule.objects.filter(pk=schedule_id), min(day, now) - YEAR, max(day, now) + YEAR)
    schedule = around.get()
    whole = plan_of(schedule)
    frame = frame_of(whole, day)
    shown = _within(whole, frame)
    people = people_in([whole])
    handoff = next_handoff(whole, now)
    calendar = draw(
        shown,
        frame,
        people=people,
        me=me,
        now=now,
        next_at=handoff.at if handoff else None,
        details={rotation.pk: rotation_words(rotation) for rotation in schedule.rotations.all()},
        market=schedule.calendar,
        sessions=_sessions(schedule.calendar, frame),
        change_at=next_clock_change(frame.start, whole.zone, within=frame.end - frame.start),
    )
    two_weeks = timedelta(days=14)
    return SchedulePage(
        schedule=schedule,
        city=city(schedule.zone),
        calendar=calendar,
        lines=tuple(_lines(calendar, whole, people, now)),
        next_handoffs=tuple(_handoff_lines(whole, people, now)),
        changes=tuple(_change_lines(schedule, calendar, whole, people, now)),
        clock_change=_clock_change(now, whole),
        earlier=(frame.start - two_weeks + timedelta(hours=12)).date().isoformat(),
        later=(frame.end + timedelta(hours=12)).date().isoformat(),
        weeks=f"{_short_day(frame.start, whole)} to {_short_day(frame.end - timedelta(hours=1), whole)}",
        label=_label(calendar, whole, people),
    )


def your_shifts(user_id: int, now: datetime) -> list[Line]:
    """Return a person's shifts of the next six weeks, each on its schedule's clock."""
    found = []
    # A shift that runs over the end of the six weeks is shown with its own end, so a little more is read.
    for schedule, duty in shifts_of_person(user_id, now, now + MINE_WITHIN + MINE_BEYOND):
        if duty.span.start >= now + MINE_WITHIN:
            continue
        zone = zone_named(schedule.zone)
        running = duty.span.start <= now
        found.append(
            Line(
                day="now" if running else local_day(duty.span.start, zone),
                clock="" if running else local_clock(duty.span.start, zone),
                initials="",
                name=schedule.name,
                detail=f"{span_words(duty.span.length)}, until {local(duty.span.end, zone)}, {city(zone.key)}",
                badge="Override" if duty.override_id else "",
            )
        )
    return found


def ways_to_reach(user_id: int) -> list[tuple[str, str, str]]:
    """Return (severity, its label, how) for each severity, the worst first."""
    found = []
    for severity in reversed(AlertSeverity):
        rules = rules_for([user_id], severity).get(user_id, [])
        words = "; ".join(rule_words(rule) for rule in rules) or DEFAULT_WORDS
        found.append((severity.value, severity.label, words))
    return found


def _within(plan: SchedulePlan, frame: Frame) -> SchedulePlan:
    overrides = tuple(one for one in plan.overrides if one.start < frame.end and one.end > frame.start)
    return SchedulePlan(plan.id, plan.name, plan.zone, plan.layers, overrides)


def _sessions(code: str, frame: Frame) -> Sequence[Span]:
    found = market(code, frame.start, frame.end) if code else None
    return session_spans(found, frame.start, frame.end) if found else ()


def _lines(calendar: Calendar, plan: SchedulePlan, people: Mapping[int, Person], now: datetime) -> Iterable[Line]:
    """Return the calendar as a list, for a phone and for who cannot see it."""
    duties: list[tuple[Span, Duty | None]] = [(duty.span, duty) for duty in calendar.duties]
    for span, duty in sorted([*duties, *((gap, None) for gap in calendar.gaps)], key=lambda pair: pair[0]):
        if span.end <= now and calendar.now_x:
            continue  # what is over would stand above who is on call now
        is_running = span.holds(now)
        name = _name(people, duty.who) if duty else "Nobody"
        yield Line(
            day="now" if is_running else local_day(span.start, plan.zone),
            clock="" if is_running else local_clock(span.start, plan.zone),
            initials=initials_of(name) if duty else "?",
            name=name,
            detail=f"until {local(span.end, plan.zone)}"
            + (f", {duty.source}" if duty and not duty.override_id else ""),
            badge="Override" if duty and duty.override_id else "" if duty else "Gap",
            is_gap=duty is None,
        )


def _handoff_lines(plan: SchedulePlan, people: Mapping[int, Person], now: datetime) -> Iterable[Line]:
    for handoff in handoffs(plan, now, now + timedelta(days=21))[:HANDOFFS_SHOWN]:
        before, after = (_name(people, who) if who else "Nobody" for who in (handoff.before, handoff.after))
        yield Line(
            day=local_day(handoff.at, plan.zone),
            clock=local_clock(handoff.at, plan.zone),
            initials="",
            name=f"{before} to {after}",
            detail=f"in {span_words(handoff.at - now)}",
            is_gap=handoff.after is None,
        )


def _change_lines(
    schedule: Schedule, calendar: Calendar, plan: SchedulePlan, people: Mapping[int, Person], now: datetime
) -> Iterable[Line]:
    """Return gaps still to come in the shown weeks, then the overrides that have not ended."""
    for gap in calendar.gaps:
        if gap.end > now:
            start = max(gap.start, now)
            query = f"?start={start:%Y-%m-%dT%H:%M:%SZ}&end={gap.end:%Y-%m-%dT%H:%M:%SZ}"
            detail = f"nobody is on call, {span_words(gap.end - start)}, until {local(gap.end, plan.zone)}"
            yield Line(
                local_day(start, plan.zone), local_clock(start, plan.zone), "?", "", detail, "", True, None, query
            )
    for row in Override.objects.filter(schedule=schedule, end_at__gt=now).order_by("start_at")[:20]:
        who, instead = _name(people, row.user_id), _name(people, row.instead_of_id)
        about = f"{instead} is away" if row.user_id is None else who + (f" for {instead}" if row.instead_of_id else "")
        yield Line(
            day=local_day(row.start_at, plan.zone),
            clock=local_clock(row.start_at, plan.zone),
            initials=initials_of(who) if row.user_id else "",
            name=about,
            detail=", ".join(filter(None, [span_words(row.end_at - row.start_at), row.reason])),
            override_id=row.pk,
        )


def _clock_change(now: datetime, plan: SchedulePlan) -> tuple[str, str, str, str] | None:
    found = clock_change_words(now, plan.zone, within=YEAR)
    if found is None:
        return None
    change, what, handoff_words = found
    return local_day(change, plan.zone), what, handoff_words, f"in {span_words(change - now)}"


def _short_day(moment: datetime, plan: SchedulePlan) -> str:
    return local_day(moment, plan.zone).partition(" ")[2]


def _label(calendar: Calendar, plan: SchedulePlan, people: Mapping[int, Person]) -> str:
    said = [f"{_name(people, duty.who)} from {local(duty.span.start, plan.zone)}" for duty in calendar.duties[:3]]
    said += [f"nobody from {local(gap.start, plan.zone)}" for gap in calendar.gaps[:2]]
    return f"Two weeks: {'; '.join(said) or 'nobody'}. The list below the calendar says the same."


def _name(people: Mapping[int, Person], who: int | None) -> str:
    person = people.get(who) if who else None
    return person.name if person else "somebody who left"
