"""Feeds are read back with the icalendar library: what a phone would show."""

from datetime import UTC, datetime, time, timedelta

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import FeedLink, Rotation
from alerts.oncall.feeds import feed_body
from alerts.oncall.ical import Entry, write_calendar
from tests.alerts.oncall.builders import make_override, make_person, make_schedule
from tests.calendars.oracle import utc
from tradewatch.projects.authentication import secret_digest

pytestmark = pytest.mark.django_db


def read(body: bytes) -> list[tuple[str, datetime, datetime]]:
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return sorted([(str(e["summary"]), e["dtstart"].dt, e["dtend"].dt) for e in events], key=lambda one: one[1:])


def test_shifts_keep_their_wall_clock_over_a_clock_change() -> None:
    jonas, priya = make_person("jonas"), make_person("priya")
    schedule = make_schedule(jonas, priya, zone="America/Chicago")
    Rotation.objects.update(starts_on=datetime(2020, 3, 6), handoff_time=time(2, 30))
    feed = FeedLink.objects.create(schedule=schedule, created_by=jonas, prefix="a", digest="a")
    found = [one for one in read(feed_body(feed, now=utc("2020-03-07T12:00"))) if one[1].month == 3][:4]
    assert found == [
        ("Jonas: Order path", utc("2020-03-06T08:30"), utc("2020-03-07T08:30")),
        ("Priya: Order path", utc("2020-03-07T08:30"), utc("2020-03-08T08:00")),  # 02:30 is 03:00 that day
        ("Jonas: Order path", utc("2020-03-08T08:00"), utc("2020-03-09T07:30")),
        ("Priya: Order path", utc("2020-03-09T07:30"), utc("2020-03-10T07:30")),
    ]
    assert all(start.tzinfo for _, start, _ in found)


def test_a_schedules_feed_says_overrides_and_gaps_and_keeps_its_ids() -> None:
    jonas, mara = make_person("jonas"), make_person("mara")
    schedule = make_schedule(jonas, restrictions=[{"times": ["09:00-17:00"]}])
    make_override(schedule, "2026-11-24T15:00", "2026-11-24T16:00", mara)
    feed = FeedLink.objects.create(schedule=schedule, created_by=jonas, prefix="a", digest="a")
    now = utc("2026-11-23T15:12")
    day = [
        name
        for name, start, _ in read(feed_body(feed, now=now))
        if utc("2026-11-24T00:00") <= start < utc("2026-11-25T00:00")
    ]
    assert day == ["Jonas: Order path", "Mara: Order path", "Jonas: Order path", "Nobody: Order path"]

    def ids(at: datetime) -> set[str]:
        return {str(event["uid"]) for event in icalendar.Calendar.from_ical(feed_body(feed, now=at)).walk("VEVENT")}

    again = ids(now + timedelta(hours=2))
    assert len(ids(now) - again) <= 2 and len(again) > 100  # only at the edges


def test_a_persons_feed_holds_their_shifts_of_every_schedule() -> None:
    jonas, priya = make_person("jonas"), make_person("priya")
    make_schedule(jonas, priya)
    make_schedule(priya, jonas, name="Nights")
    feed = FeedLink.objects.create(person=jonas, created_by=jonas, prefix="a", digest="a")
    names = [name for name, start, _ in read(feed_body(feed, now=utc("2026-11-23T15:12")))][:4]
    assert names == ["On call: Order path", "On call: Nights", "On call: Order path", "On call: Nights"]


def test_texts_cannot_break_out_of_their_line() -> None:
    nasty = "Jonas\r\nATTENDEE:mailto:x@example.com; a,b"
    entry = Entry("k", utc("2026-11-23T15:00"), utc("2026-11-23T16:00"), nasty, nasty, "https://watch/oncall/1")
    body = write_calendar("n\nX-EVIL:1", [entry], host="watch", now=datetime(2026, 11, 23, tzinfo=UTC))
    event = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert "ATTENDEE" not in event and "X-EVIL" not in icalendar.Calendar.from_ical(body)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_the_address_of_a_feed_needs_no_login_and_answers_only_to_its_secret(client: Client) -> None:
    jonas = make_person("jonas")
    make_schedule(jonas)
    FeedLink.objects.create(person=jonas, created_by=jonas, prefix="a", digest=secret_digest("s3cret"))
    answer = client.get("/oncall/feed/s3cret.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert read(answer.content)
    assert client.get("/oncall/feed/other.ics").status_code == 404
    assert client.post("/oncall/feed/s3cret.ics").status_code == 405
    FeedLink.objects.update(revoked_at=timezone.now())
    assert client.get("/oncall/feed/s3cret.ics").status_code == 404
