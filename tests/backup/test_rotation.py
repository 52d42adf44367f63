from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.core.backup_state import judge
from tradewatch.processes.backup.rotation import made_at, name_at, to_delete
from tradewatch.processes.backup.scheduled import is_due, is_lost

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kept(names: list[str], *, daily: int = 7, weekly: int = 4) -> list[datetime | None]:
    gone = to_delete(names, now=NOW, daily=daily, weekly=weekly)
    return sorted((made_at(name) for name in names if name not in gone), reverse=True)  # type: ignore[type-var]


def test_a_name_tells_its_moment() -> None:
    assert name_at(NOW) == "tradewatch-20261126T120000Z.backup"
    assert made_at(name_at(NOW)) == NOW


@pytest.mark.parametrize(
    "name", ["mine.backup", "tradewatch-20261399T120000Z.backup", ".tradewatch-x.partial", ".lock"]
)
def test_what_is_not_ours_is_never_deleted(name: str) -> None:
    assert made_at(name) is None
    assert to_delete([name, name_at(NOW)], now=NOW, daily=1, weekly=0) == []


def test_daily_backups_leave_seven_days_and_four_weeks() -> None:
    made = [NOW - n * DAY for n in range(60)]
    sundays = [datetime(2026, 11, day, 12, 0, tzinfo=UTC) for day in (15, 8)]
    # The newest of this week and of the last one (a Sunday) are among the seven days.
    assert kept([name_at(at) for at in made]) == [*made[:7], *sundays]


def test_all_of_the_last_24_hours_stay() -> None:
    made = [NOW - n * HOUR for n in range(48)]
    assert kept([name_at(at) for at in made], daily=1, weekly=0) == made[:24]


def test_a_month_without_backups_costs_none() -> None:
    made = [NOW - 40 * DAY - n * DAY for n in range(3)]
    assert kept([name_at(at) for at in made], daily=3) == made


def test_the_newest_of_all_stays() -> None:
    assert kept([name_at(NOW - 400 * DAY)], daily=1, weekly=0) == [NOW - 400 * DAY]


@pytest.mark.parametrize(
    ("last", "failed", "due"),
    [
        (None, None, True),
        (NOW - 23 * HOUR, None, False),
        (NOW - 24 * HOUR, None, True),
        (NOW - 2 * HOUR, NOW - 2 * HOUR, True),  # it failed: tried again after an hour
        (NOW - HOUR / 2, NOW - HOUR / 2, False),
        (NOW - 2 * HOUR, NOW - 30 * HOUR, False),  # an older failure
        (NOW + DAY, None, True),  # the clock was set back
    ],
)
def test_when_a_backup_is_due(last: datetime | None, failed: datetime | None, due: bool) -> None:
    assert is_due(last, failed, every=DAY, now=NOW) is due


@pytest.mark.parametrize(
    ("tried", "done", "failed", "lost"),
    [
        (None, None, None, False),
        (NOW - 2 * HOUR, None, None, True),
        (NOW - HOUR, None, None, False),  # it may be at it still
        (NOW - 2 * HOUR, NOW - DAY, NOW - 3 * HOUR, True),
        (NOW - 2 * HOUR, NOW - 2 * HOUR, None, False),
        (NOW - 2 * HOUR, NOW - DAY, NOW - HOUR, False),  # it said that it failed
        (NOW + DAY, None, None, False),  # the clock was set back
    ],
)
def test_a_try_of_which_nothing_was_heard_is_lost(
    tried: datetime | None, done: datetime | None, failed: datetime | None, lost: bool
) -> None:
    assert is_lost(tried, done, failed, now=NOW) is lost


@pytest.mark.parametrize(
    ("done", "failed", "tried", "state"),
    [
        (None, None, None, "waiting"),
        (None, None, NOW - HOUR / 2, "waiting"),
        (None, None, NOW - 2 * HOUR, "overdue"),  # its process was killed
        (NOW - 24 * HOUR, None, NOW, "ok"),
        (NOW - 26 * HOUR, None, NOW, "overdue"),
        (NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR, "failed"),
        (NOW - HOUR, NOW - 2 * HOUR, NOW - HOUR, "ok"),
        (None, NOW - HOUR, NOW - HOUR, "failed"),
    ],
)
def test_what_is_said_of_scheduled_backups(
    done: datetime | None, failed: datetime | None, tried: datetime | None, state: str
) -> None:
    found = judge(done, failed, tried, every=DAY, now=NOW)
    assert (found.state, found.is_trouble) == (state, state in ("overdue", "failed"))
