"""What a calendar feed shows: a schedule's duties with its gaps, or one person's shifts."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from alerts.models import FeedLink, Schedule
from alerts.oncall.ical import AHEAD, KEPT, Entry, write_calendar
from alerts.oncall.plans import plan_of, with_plans
from alerts.oncall.reading import people_of, shifts_of_person
from alerts.oncall.schedule import Duty, final_duties, gaps
from tradewatch.core.people import name_of
from tradewatch.projects.authentication import secret_digest


def feed_of(secret: str, *, now: datetime) -> FeedLink | None:
    """Return the feed of a secret and note that it was read; None: unknown, revoked, or its people are gone."""
    active = FeedLink.objects.filter(Q(person=None) | Q(person__is_active=True), created_by__is_active=True)
    feed = active.filter(digest=secret_digest(secret), revoked_at=None).select_related("schedule", "person").first()
    if feed is not None:
        FeedLink.objects.filter(pk=feed.pk).update(last_read_at=now)
    return feed


def feed_body(feed: FeedLink, *, now: datetime) -> bytes:
    name = f"On call: {feed.schedule}" if feed.schedule else f"On call: {name_of(feed.person)}" if feed.person else ""
    return write_calendar(
        name, _entries(feed, now), host=urlsplit(settings.PUBLIC_URL).hostname or "tradewatch", now=now
    )


def _entries(feed: FeedLink, now: datetime) -> Iterator[Entry]:
    start, end = now.replace(minute=0, second=0, microsecond=0) - KEPT, now + AHEAD
    if feed.schedule is not None:
        yield from _of_schedule(feed.schedule.pk, start, end)
    elif feed.person_id is not None:
        for schedule, duty in shifts_of_person(feed.person_id, start, end):
            yield _entry(schedule, duty, f"On call: {schedule.name}")


def _of_schedule(schedule_id: int, start: datetime, end: datetime) -> Iterator[Entry]:
    schedule = with_plans(Schedule.objects.filter(pk=schedule_id), start, end).get()
    duties = final_duties(plan_of(schedule), start, end)
    people = people_of(duty.who for duty in duties)
    for duty in duties:
        yield _entry(schedule, duty, f"{people[duty.who].name}: {schedule.name}")
    for gap in gaps(duties, start, end):
        key = f"gap-{schedule.pk}-{gap.start:%Y%m%dT%H%M%S}"
        yield Entry(key, gap.start, gap.end, f"Nobody: {schedule.name}", "Nobody is on call.", _url(schedule))


def _entry(schedule: Schedule, duty: Duty, summary: str) -> Entry:
    source = "An override" if duty.override_id else f"Layer {duty.source}"
    key = f"duty-{schedule.pk}-{duty.who}-{duty.span.start:%Y%m%dT%H%M%S}"
    return Entry(key, duty.span.start, duty.span.end, summary, f"{source}, {schedule.zone}", _url(schedule))


def _url(schedule: Schedule) -> str:
    return f"{settings.PUBLIC_URL}{schedule.get_absolute_url()}"
