"""What goes for room and when it ends, on a disk whose free space follows what is stored."""

import logging
from datetime import datetime, timedelta
from typing import Any, NoReturn

import pytest
from django.db import DatabaseError

from tests.performance.logs.builders import NOW, digest_lines, line
from tests.projects.builders import make_project
from tradewatch.core.models import Pulse
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.models import KeptItem
from tradewatch.performance.disk.marks import Marks
from tradewatch.performance.disk.room import Room
from tradewatch.performance.disk.watching import watched
from tradewatch.performance.models import LogBlock
from tradewatch.processes.clearing import leasing, tending
from tradewatch.processes.clearing.tending import tend
from tradewatch.projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MARKS = Marks(total_bytes=1000, low=500, high=400, resume=300, critical=200)
EACH = 100  # bytes that a row of the tests takes
DAY = 86_400.0


@pytest.fixture(autouse=True)
def others(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> list[int]:
    """What others left of 1,000 bytes; each row stored takes of it."""
    settings.IS_POSTGRES = False
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    left = [1000]

    def room() -> Room:
        return Room(MARKS, max(0, left[0] - EACH * (LogBlock.objects.count() + KeptItem.objects.count())))

    monkeypatch.setattr(tending, "room", room)
    monkeypatch.setattr(tending, "clean_queue", lambda now, *, kept: 0)
    yield left
    queue_sqlite.close()


@pytest.fixture
def project() -> Project:
    return make_project()


def store_logs(project: Project, *days: float) -> None:
    for number, ago in enumerate(days):
        digest_lines(project, line(f"n{number}", ago=ago * DAY))


def store_items(project: Project, *days: float) -> None:
    for ago in days:
        at = NOW - timedelta(days=ago)
        KeptItem.objects.create(project=project, item_type="attachment", received_at=at, payload=b"")


def stored() -> tuple[int, int]:
    return LogBlock.objects.count(), KeptItem.objects.count()


@pytest.mark.parametrize(
    ("left", "begins"),
    [(1000, False), (800, False), (799, True)],  # four rows: 400 bytes free at the high mark
)
def test_it_begins_below_the_high_mark(project: Project, others: list[int], left: int, begins: bool) -> None:
    others[0] = left
    store_logs(project, 10, 9)
    store_items(project, 10, 9)
    tend(NOW)
    assert (stored() != (2, 2)) == begins == (watched().began_at is not None)


def test_logs_go_before_attachments_and_it_ends_at_the_low_mark(
    project: Project, others: list[int], monkeypatch
) -> None:
    monkeypatch.setattr("tradewatch.performance.logs.retention.BLOCKS_A_STEP", 1)
    store_logs(project, 12, 11, 10)
    store_items(project, 10, 9)
    others[0] = 850
    tend(NOW)
    assert stored() == (1, 2)  # 550 are free: the low mark is at 500
    watch = watched()
    assert (watch.cleared, watch.is_clearing, watch.ended_at) == ({"logs": 2}, False, NOW)


def test_what_the_last_turn_took_is_said_when_it_ends(
    project: Project, others: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    store_logs(project, 10, 9)
    others[0] = 590
    with caplog.at_level(logging.WARNING):
        tend(NOW)
    assert "below its low mark again cleared={'logs': 2}" in caplog.text


def test_a_week_of_logs_stays_while_an_older_attachment_is_left(project: Project, others: list[int]) -> None:
    store_logs(project, 6, 5)
    store_items(project, 9, 8)
    others[0] = 750
    tend(NOW)
    assert stored() == (2, 0)


def test_what_is_younger_than_an_hour_never_goes_and_that_is_said_once(
    project: Project, others: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    store_logs(project, 2, 0.01)
    store_items(project, 2, 0.01)
    others[0] = 300
    with caplog.at_level(logging.WARNING):
        for turn in range(3):
            tend(NOW + timedelta(seconds=5 * turn))
    assert stored() == (1, 1) and watched().is_clearing
    assert watched().cleared == {"logs": 1, "attachments": 1}
    assert sum("nothing is left" in record.getMessage() for record in caplog.records) == 1
    others[0] = 1000
    tend(NOW + timedelta(minutes=1))
    assert not watched().is_clearing and stored() == (1, 1)


def test_once_begun_it_goes_on_until_the_low_mark(project: Project, others: list[int]) -> None:
    store_logs(project, 10)
    others[0] = 350
    tend(NOW, seconds=-1)  # its time is up after the first step
    assert watched().is_clearing
    store_items(project, 10)
    others[0] = 560  # 460 are free: above the high mark, below the low one
    tend(NOW)
    assert stored() == (0, 0) and not watched().is_clearing


def test_while_a_turn_clears_another_leaves_it_alone(
    project: Project, others: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewatch.performance.logs.retention.BLOCKS_A_STEP", 1)
    store_logs(project, 12, 11, 10)
    others[0] = 650
    beside: list[tuple[int, int]] = []

    def meanwhile(now: datetime, *, kept: timedelta) -> int:
        if not beside:
            beside.append(stored())
            tend(NOW + timedelta(seconds=1))
            beside.append(stored())
        return 0

    monkeypatch.setattr(tending, "clean_queue", meanwhile)
    tend(NOW)
    assert beside == [(3, 0), (3, 0)] and stored() == (1, 0)
    assert watched().cleared == {"logs": 2} and not watched().is_clearing


@pytest.mark.parametrize(
    ("ends_in_seconds", "clears"),
    [(30, False), (1, False), (0, True), (-5, True), (3600, True)],  # an hour: the clock was set back
)
def test_the_turn_of_one_that_was_killed_is_another_s_when_its_lease_ends(
    project: Project, others: list[int], ends_in_seconds: int, clears: bool
) -> None:
    store_logs(project, 10)
    others[0] = 450
    Pulse.objects.create(name=leasing.NAME, at=NOW + timedelta(seconds=ends_in_seconds))
    tend(NOW)
    assert (stored() == (0, 0)) == clears == (not Pulse.objects.filter(name=leasing.NAME).exists())


def test_a_lease_is_given_back_after_each_turn_and_none_is_taken_where_there_is_room(
    project: Project, others: list[int], django_assert_num_queries: Any
) -> None:
    store_logs(project, 10)
    others[0] = 450
    tend(NOW, seconds=-1)
    assert not Pulse.objects.exists()
    others[0] = 1000
    tend(NOW)
    with django_assert_num_queries(3):  # what the fixture's room counts, and whether a clearing is under way
        tend(NOW)


def refuse_for_want_of_room(*args: object, **more: object) -> NoReturn:
    raise DatabaseError("database or disk is full")


def test_a_full_disk_that_takes_no_lease_is_cleared_all_the_same(
    project: Project, others: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_logs(project, 10)
    others[0] = 450
    monkeypatch.setattr(leasing, "_claim", refuse_for_want_of_room)
    tend(NOW)
    assert stored() == (0, 0)


def test_a_disk_full_to_the_last_byte_raises_nothing(project: Project, others: list[int], monkeypatch, caplog) -> None:
    store_logs(project, 10)
    others[0] = 150
    monkeypatch.setattr(tending, "clean_queue", refuse_for_want_of_room)
    tend(NOW)
    assert "clearing for room failed error=DatabaseError" in caplog.text and stored() == (1, 0)
