"""A calendar feed of duties: https://www.rfc-editor.org/rfc/rfc5545.

Moments are written in UTC: no client needs our zone's rules, so a clock change cannot move a shift.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar

KEPT = timedelta(days=30)
AHEAD = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` is the same for the same shift in every reading, so that clients update it instead of adding another."""

    key: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""
    url: str = ""


def write_calendar(name: str, entries: Iterable[Entry], *, host: str, now: datetime) -> bytes:
    calendar = icalendar.Calendar()
    for field, value in {
        "prodid": "-//TradeWatch//on call//EN",
        "version": "2.0",
        "method": "PUBLISH",
        "x-wr-calname": " ".join(name.split()),  # no newline: the library writes this one as it is
        "x-published-ttl": "PT1H",
    }.items():
        calendar.add(field, value)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", f"{entry.key}@{host}")
        event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", entry.start.astimezone(UTC))
        event.add("dtend", entry.end.astimezone(UTC))
        event.add("summary", entry.summary)
        event.add("transp", "TRANSPARENT")  # being on call does not make a person busy
        if entry.description:
            event.add("description", entry.description)
        if entry.url:
            event.add("url", entry.url)
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
