import contextlib
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tradewatch.calendars.loading import LOADED_AHEAD, LOADED_BEFORE, SourceDay, store_days
from tradewatch.calendars.models import MarketCalendar


class Command(BaseCommand):
    """The one place that loads exchange_calendars, 64 MB with pandas: always a short process of its own."""

    help = "Fill the market calendars (all, or the codes given) from exchange_calendars. Days edited by hand stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="e.g. XNYS; none: every calendar that is loaded")

    def handle(self, *args: Any, codes: list[str], **options: Any) -> None:
        with contextlib.suppress(OSError):
            os.nice(10)
        calendars = MarketCalendar.objects.filter(is_loaded=True, is_always_open=False)
        wanted = list(calendars.filter(code__in=codes) if codes else calendars)
        if missing := sorted(set(codes) - {calendar.code for calendar in wanted}):
            raise CommandError(f"no calendar to load: {', '.join(missing)}")
        failed = [calendar.code for calendar in wanted if not self._load(calendar, timezone.now())]
        if failed:
            raise CommandError(f"not loaded: {', '.join(failed)}")

    def _load(self, calendar: MarketCalendar, now: datetime) -> bool:
        start, end = (now - LOADED_BEFORE).date(), (now + LOADED_AHEAD).date()
        try:
            days = list(read_exchange(calendar.code, start, end))
        except Exception as error:  # the library raises its own kinds, and pandas': none may end the others' load
            text = f"{type(error).__name__}: {error}"[:300]
            MarketCalendar.objects.filter(pk=calendar.pk).update(last_fault=text, load_claimed_at=now)
            self.stderr.write(f"{calendar.code}: {text}")
            return False
        written, kept = store_days(calendar, days, start=start, end=end, now=now)
        self.stdout.write(f"{calendar.code}: {written} days to {end}, {kept} written by hand left alone")
        return True


def read_exchange(code: str, start: date, end: date) -> Iterator[SourceDay]:
    """Yield the sessions and the weekdays on which the exchange is closed, named where the library has a name."""
    import exchange_calendars  # only here, never where a process lives on
    import pandas

    exchange = exchange_calendars.get_calendar(code, start=start.isoformat(), end=end.isoformat())
    early = set(exchange.early_closes.date)
    sessions = set()
    for row in exchange.schedule.itertuples():
        day = row.Index.date()
        sessions.add(day)
        moments = [None if pandas.isna(each) else each.to_pydatetime() for each in row[1:]]
        opens_at, break_starts_at, break_ends_at, closes_at = moments
        yield SourceDay(day, opens_at, closes_at, break_starts_at, break_ends_at, day in early)
    named = exchange.regular_holidays.holidays(pandas.Timestamp(start), pandas.Timestamp(end), return_name=True)
    names = {moment.date(): name for moment, name in named.items()}
    for moment in pandas.date_range(start, end, freq="B"):
        if moment.date() not in sessions:
            yield SourceDay(moment.date(), name=str(names.get(moment.date(), "Holiday")).partition(" (")[0][:100])
