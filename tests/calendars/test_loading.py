"""Against exchange_calendars itself: half days, holidays, lunch breaks, and the weeks in which clocks change."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.calendars.oracle import utc
from tradewatch.calendars import refreshing
from tradewatch.calendars.loading import SourceDay, store_days
from tradewatch.calendars.management.commands.load_calendars import read_exchange
from tradewatch.calendars.models import MarketCalendar, MarketDay
from tradewatch.calendars.queries import market, market_state
from tradewatch.calendars.sessions import session_spans

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")]
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
CLOCK_WEEKS = [  # New York and London change on different Sundays: three weeks and one week apart
    ("2026-03-06T00:00", "2026-04-04T00:00"),
    ("2026-10-23T00:00", "2026-11-07T00:00"),
    ("2026-11-20T00:00", "2027-01-05T00:00"),  # Thanksgiving, Christmas: half days
    ("2026-02-14T00:00", "2026-02-24T00:00"),  # Chinese New Year in Hong Kong
    ("2026-04-28T00:00", "2026-05-08T00:00"),  # Golden Week in Tokyo
]


def load(code: str, start: date = YEAR[0], end: date = date(2027, 1, 31)) -> MarketCalendar:
    calendar = MarketCalendar.objects.get(code=code)
    store_days(calendar, read_exchange(code, start, end), start=start, end=end, now=NOW)
    return calendar


@pytest.mark.slow
@pytest.mark.parametrize("code", ["XNYS", "XLON", "XTKS", "XHKG"])
def test_sessions_agree_with_the_library_minute_by_minute(code: str) -> None:
    load(code)
    oracle = exchange_calendars.get_calendar(code, start="2026-01-01", end="2027-01-31")
    for start, end in CLOCK_WEEKS:
        found = market(code, utc(start), utc(end))
        assert found
        spans = session_spans(found, utc(start), utc(end))
        last = pandas.Timestamp(end, tz="UTC") - pandas.Timedelta(minutes=1)
        minutes = oracle.minutes_in_range(pandas.Timestamp(start, tz="UTC"), last)
        trading = {moment.to_pydatetime() for moment in minutes}
        ours = {
            span.start + timedelta(minutes=number)
            for span in spans
            for number in range(int(span.length.total_seconds()) // 60)
        }
        # The library's last minute of a session may be the close itself; ours ends before it.
        assert ours <= trading and trading - ours <= {span.end for span in spans}
        for moment in (utc(start) + timedelta(minutes=237 * number) for number in range(60)):
            state, _ = market_state(code, moment)
            assert state and state.is_open == (moment in ours)


@pytest.mark.parametrize(
    ("code", "at", "phase", "local"),
    [
        ("XNYS", "2026-03-09T13:30", "open", "09:30"),  # the Monday after New York's clock went forward
        ("XNYS", "2026-03-06T13:30", "pre", "08:30"),
        ("XLON", "2026-03-27T08:00", "open", "08:00"),
        ("XLON", "2026-03-30T07:00", "open", "08:00"),
        ("XNYS", "2026-11-27T18:00", "closed", "13:00"),  # half day
        ("XLON", "2026-12-24T12:30", "closed", "12:30"),
        ("XTKS", "2026-11-24T02:30", "break", "11:30"),
        ("XHKG", "2026-11-24T04:00", "break", "12:00"),
        ("XTKS", "2026-11-23T03:00", "holiday", "12:00"),  # Labor Thanksgiving Day
        ("XNYS", "2026-11-26T15:00", "holiday", "10:00"),
        ("XHKG", "2026-02-17T03:00", "holiday", "11:00"),
    ],
)
def test_phases(code: str, at: str, phase: str, local: str) -> None:
    calendar = load(code)
    state, _ = market_state(code, utc(at))
    assert state and state.phase == phase
    assert f"{utc(at).astimezone(ZoneInfo(calendar.zone)):%H:%M}" == local


def test_a_refresh_leaves_alone_what_was_written_by_hand() -> None:
    calendar = load("XNYS")
    MarketDay.objects.filter(calendar=calendar, day="2026-12-01").update(
        closes_at=utc("2026-12-01T17:00"), name="power cut", is_edited=True
    )
    MarketDay.objects.create(calendar=calendar, day=date(2026, 11, 29), name="a Sunday by hand", is_edited=True)
    MarketDay.objects.filter(calendar=calendar, day="2026-12-02").update(name="not by hand")
    MarketDay.objects.create(calendar=calendar, day=date(2026, 12, 5), name="not in the source")
    load("XNYS")
    names = dict(MarketDay.objects.filter(calendar=calendar, day__gte="2026-11-28").values_list("day", "name"))
    assert names[date(2026, 12, 1)] == "power cut" and names[date(2026, 11, 29)] == "a Sunday by hand"
    assert names[date(2026, 12, 2)] == "" and date(2026, 12, 5) not in names


def test_what_was_known_once_stays_and_the_end_never_goes_back() -> None:
    calendar = MarketCalendar.objects.get(code="XLON")
    store_days(calendar, [SourceDay(date(2026, 1, 5), name="x")], start=YEAR[0], end=YEAR[1], now=NOW)
    store_days(calendar, [], start=date(2026, 6, 1), end=date(2026, 7, 1), now=NOW)
    assert calendar.days.count() == 1 and calendar.data_until == YEAR[1]


def test_the_command_fills_every_exchange_and_names_what_it_cannot(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_calendars", "XNYS")
    assert re.match(r"XNYS: \d+ days to \d{4}-\d\d-\d\d, 0 written by hand left alone", capsys.readouterr().out)
    with pytest.raises(CommandError, match="no calendar to load: XXXX"):
        call_command("load_calendars", "XXXX")
    MarketCalendar.objects.create(code="XZZZ", name="no such exchange")
    with pytest.raises(CommandError, match="not loaded: XZZZ"):
        call_command("load_calendars", "XZZZ")
    assert MarketCalendar.objects.get(code="XZZZ").last_fault


def test_a_refresh_is_due_at_first_then_weekly_and_claimed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(refreshing, "_load_apart", started.append)
    assert refreshing.refresh_due(NOW) and not refreshing.refresh_due(NOW + timedelta(minutes=1))
    assert started == [["XHKG", "XLON", "XNYS", "XTKS"]]
    assert refreshing.refresh_due(NOW + timedelta(minutes=16))  # the loader died
    MarketCalendar.objects.update(loaded_at=NOW, load_claimed_at=None)
    assert not refreshing.refresh_due(NOW + timedelta(days=6))
    assert refreshing.refresh_due(NOW + timedelta(days=8))


def test_calendars_whose_data_ends_within_sixty_days() -> None:
    MarketCalendar.objects.filter(code="XNYS").update(data_until=date(2027, 1, 21))
    MarketCalendar.objects.filter(code="XLON").update(data_until=date(2027, 1, 22))
    assert [calendar.code for calendar in refreshing.ending_soon(NOW)] == ["XNYS"]


@pytest.mark.slow
def test_no_long_lived_process_imports_the_library() -> None:
    sources = [path for path in Path(settings.BASE_DIR).glob("*/**/*.py") if not {"tests", ".venv"} & set(path.parts)]
    users = [
        path.name for path in sources if re.search(r"^\s*(import|from) exchange_calendars", path.read_text(), re.M)
    ]
    assert users == ["load_calendars.py"]
    script = (
        "import django, sys; django.setup(); import tradewatch.asgi, tradewatch.urls, tradewatch.processes.worker;"
        "from tradewatch.celery import app; app.loader.import_default_modules();"
        "from tradewatch.calendars.tasks import refresh_calendars;"
        "print(sorted({'exchange_calendars', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tradewatch.settings", "PATH": "", "TRADEWATCH_HOME": str(settings.HOME)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
