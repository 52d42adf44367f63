"""Writing a market's days: what was written by hand stays, everything else is as the source has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from tradewatch.calendars.models import MarketCalendar, MarketDay

LOADED_BEFORE = timedelta(days=400)  # as long as metrics are kept: session time of past reports
LOADED_AHEAD = timedelta(days=540)
FIELDS = ("opens_at", "closes_at", "break_starts_at", "break_ends_at", "is_early_close", "name")


@dataclass(frozen=True, slots=True)
class SourceDay:
    """A day as the source knows it; without `opens_at` a closed day with a name."""

    day: date
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    break_starts_at: datetime | None = None
    break_ends_at: datetime | None = None
    is_early_close: bool = False
    name: str = ""


@transaction.atomic
def store_days(
    calendar: MarketCalendar, days: Iterable[SourceDay], *, start: date, end: date, now: datetime
) -> tuple[int, int]:
    """Make the days from `start` to `end` those given. Returns (days written, hand-written days left alone).

    Days outside stay: what was known once is still needed by reports. `data_until` never goes back.
    """
    given = {each.day: each for each in days if start <= each.day <= end}
    kept = MarketDay.objects.filter(calendar=calendar, day__range=(start, end))
    by_hand = set(kept.filter(is_edited=True).values_list("day", flat=True))
    kept.filter(is_edited=False).exclude(day__in=list(given)).delete()
    rows = [
        MarketDay(calendar=calendar, day=day, **{name: getattr(each, name) for name in FIELDS})
        for day, each in sorted(given.items())
        if day not in by_hand
    ]
    MarketDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["calendar", "day"], update_fields=FIELDS, batch_size=500
    )
    calendar.data_until = max(end, calendar.data_until or end)
    calendar.loaded_at, calendar.load_claimed_at, calendar.last_fault = now, None, ""
    calendar.save(update_fields=["data_until", "loaded_at", "load_claimed_at", "last_fault"])
    return len(rows), len(by_hand)
