"""How long recordings stay, and which go first."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from debugging.choices import SessionState
from debugging.models import BrowserReplay, BrowserReplaySegment
from debugging.recordings import quota
from debugging.recordings.quota import EVICTED, delete_old_recordings
from debugging.sessions.services import end_session
from debugging.storage import storage_of
from debugging.tasks import clean_up
from tests.debugging.builders import make_session, store_event
from tests.debugging.recordings.builders import NOW, crumb, send
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.metrics.queries import top_series

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=31)


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SENTRY_ENABLE_SESSION_REPLAY = True


def name(number: int) -> str:
    return f"{number:032x}"


def kept() -> list[int]:
    return sorted(row.replay_id.int for row in BrowserReplay.objects.all())


def counted(prefix: str) -> int:
    start = int(NOW.timestamp()) // 3600 * 3600 - 3600
    return sum(totals.count for _, totals in top_series([make_project().pk], prefix, start, start + 86_400))


@pytest.fixture
def room_for_three(monkeypatch: pytest.MonkeyPatch) -> None:
    send(replay_id=name(1))
    size = BrowserReplay.objects.get().stored_bytes
    monkeypatch.setattr(quota, "quota_bytes", lambda: size * 3 + size // 2)


@pytest.mark.usefixtures("room_for_three")
def test_the_oldest_go_for_new_ones_and_are_counted() -> None:
    for number in range(2, 6):
        send(replay_id=name(number), at=NOW + timedelta(minutes=number))
    assert kept() == [3, 4, 5]
    assert BrowserReplaySegment.objects.count() == 3
    assert counted(EVICTED) == 2


@pytest.mark.usefixtures("room_for_three")
def test_one_of_an_open_sessions_error_stays_by_either_name() -> None:
    named, naming = store_event(tags={"replayId": name(1)}), store_event()
    is_open = make_session(named)
    make_session(naming)
    send(replay_id=name(2), at=NOW + timedelta(minutes=1), error_ids=[naming.event_id.hex])
    for number in range(3, 7):
        send(replay_id=name(number), at=NOW + timedelta(minutes=number))
    assert kept() == [1, 2, 6]
    end_session(SYSTEM, is_open, SessionState.CLOSED, now=NOW)
    send(replay_id=name(7), at=NOW + timedelta(minutes=9))
    assert kept() == [2, 6, 7]


@pytest.mark.usefixtures("room_for_three")
def test_what_does_not_fit_whatever_goes_is_counted_and_said() -> None:
    noise = [crumb("console", UUID(int=number * 7**40 % 2**128).hex) for number in range(500)]
    send(replay_id=name(9), at=NOW, events=noise)
    row = BrowserReplay.objects.get(replay_id=UUID(int=9))
    assert row.segments.get().refused == "over the project's quota"
    assert (row.stored_bytes, row.segment_count, row.event_count) == (0, 1, 0)
    assert counted("discarded.replay_recording") == 1
    assert kept() == [1, 9] and counted(EVICTED) == 0


@pytest.mark.usefixtures("room_for_three")
def test_another_projects_are_left_alone() -> None:
    other = make_project("other")
    for number in range(2, 6):
        send(replay_id=name(number), at=NOW + timedelta(minutes=number), project=other)
    assert kept() == [1, 3, 4, 5]


def test_the_clock_takes_what_is_old_and_leaves_what_a_session_needs() -> None:
    event = store_event()
    make_session(event)
    send(replay_id=name(1), error_ids=[event.event_id.hex])
    send(replay_id=name(2))
    send(replay_id=name(3), at=timezone.now())
    assert delete_old_recordings(NOW + timedelta(days=29)) == 0
    BrowserReplay.objects.exclude(replay_id=UUID(int=3)).update(received_at=timezone.now() - MONTH)
    clean_up()
    assert kept() == [1, 3]


def test_storage_counts_their_bytes() -> None:
    send()
    found = {each.name: each for each in storage_of([make_project().pk])}["recordings"]
    assert (found.rows, found.bytes) == (1, BrowserReplay.objects.get().stored_bytes)


def test_what_a_project_has_is_summed_from_an_index() -> None:
    """For every segment that comes, in the transaction of the digest: the rows are wide, and may be 100,000."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL goes by its statistics")
    with CaptureQueriesContext(connection) as seen:
        quota.used_bytes(make_project().pk)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {seen.captured_queries[-1]['sql']}")
        assert "COVERING INDEX browser_replay_bytes" in cursor.fetchall()[0][-1]


def test_each_project_keeps_its_recordings_for_its_own_days() -> None:
    send(replay_id=name(1))
    send(replay_id=name(2), project=make_project("short", recording_days=3))
    assert delete_old_recordings(NOW + timedelta(days=4)) == 1
    assert kept() == [1]
