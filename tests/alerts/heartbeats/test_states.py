"""What reports and the time make of a heartbeat, table by table."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.heartbeats.choices import BeatState, EntryKind, ScheduleKind
from alerts.heartbeats.schedule import Schedule
from alerts.heartbeats.states import Beat, Report, next_due, on_report, on_time, paused, resumed
from tests.alerts.builders import MINUTE, NOW

HOUR = timedelta(hours=1)


def beat(**fields: Any) -> Beat:
    usual: dict[str, Any] = {
        "schedule": Schedule(kind=ScheduleKind.INTERVAL, interval=HOUR),
        "grace": 5 * MINUTE,
        "max_runtime": None,
        "failures_allowed": 0,
    }
    return Beat(**{**usual, **fields})


def up(**fields: Any) -> Beat:
    return beat(**{"state": BeatState.UP, "arrived_at": NOW, "succeeded_at": NOW, "expected_at": NOW + HOUR, **fields})


def report(kind: EntryKind, minutes: float = 0, **fields: Any) -> Report:
    return Report(kind, NOW + minutes * MINUTE, **fields)


def test_a_new_heartbeat_expects_nothing() -> None:
    assert next_due(beat()) is None
    assert on_time(beat(), NOW + 1000 * HOUR).wrong is None


def test_a_success_sets_the_next_moment() -> None:
    step = on_report(beat(), report(EntryKind.SUCCESS))
    assert (step.beat.state, step.beat.expected_at, next_due(step.beat)) == (BeatState.UP, NOW + HOUR, NOW + HOUR)
    assert not step.is_over and step.wrong is None


@pytest.mark.parametrize(
    ("minutes", "state", "is_wrong"),
    [(59, "up", False), (60, "late", False), (64, "late", False), (65, "missed", True), (600, "missed", True)],
)
def test_late_within_grace_then_missed(minutes: int, state: str, is_wrong: bool) -> None:
    step = on_time(up(), NOW + minutes * MINUTE)
    assert (step.beat.state, step.wrong is not None) == (state, is_wrong)


def test_a_miss_says_when_it_was_expected_and_is_said_once_after_a_long_pause() -> None:
    step = on_time(up(), NOW + 100 * HOUR)
    assert step.wrong is not None
    assert step.wrong.reason == "Expected at 16:12 UTC, 23 Nov 2026, did not report within 5 min"
    assert step.wrong.at == NOW + HOUR
    assert next_due(step.beat) > NOW + 100 * HOUR  # type: ignore[operator]
    again = on_time(step.beat, next_due(step.beat))  # type: ignore[arg-type]
    assert again.wrong is not None and again.beat.state == BeatState.MISSED  # still not there: counted again


def test_a_success_ends_what_was_wrong_and_a_start_does_not() -> None:
    missed = on_time(up(), NOW + 65 * MINUTE).beat
    started = on_report(missed, report(EntryKind.START, 70))
    assert (started.beat.state, started.is_over) == (BeatState.MISSED, False)
    done = on_report(started.beat, report(EntryKind.SUCCESS, 72))
    assert (done.beat.state, done.is_over, done.seconds) == (BeatState.UP, True, 120.0)


def test_a_start_ends_lateness() -> None:
    late = on_time(up(), NOW + 61 * MINUTE).beat
    assert on_report(late, report(EntryKind.START, 62)).beat.state == BeatState.UP


def test_a_failure_is_wrong_at_once_unless_some_are_allowed() -> None:
    step = on_report(up(), report(EntryKind.FAIL, 60, exit_code=3))
    assert step.wrong is not None and step.wrong.reason == "Reported a failure with exit code 3"
    lenient = up(failures_allowed=2)
    for number in (1, 2):
        step = on_report(lenient, report(EntryKind.FAIL, number))
        lenient = step.beat
        assert (step.wrong, lenient.state) == (None, BeatState.UP)
    third = on_report(lenient, report(EntryKind.FAIL, 3))
    assert third.wrong is not None and third.wrong.reason == "Reported a failure, 3 times in a row"
    assert on_report(third.beat, report(EntryKind.SUCCESS, 4)).beat.failures == 0


def test_a_run_that_takes_too_long_is_said_once() -> None:
    running = on_report(up(max_runtime=10 * MINUTE), report(EntryKind.START, 1)).beat
    assert next_due(running) == NOW + 11 * MINUTE
    assert on_time(running, NOW + 10 * MINUTE).wrong is None
    step = on_time(running, NOW + 11 * MINUTE)
    assert step.wrong is not None and step.wrong.kind == "too_long"
    assert on_time(step.beat, NOW + 12 * MINUTE).wrong is None
    assert on_report(step.beat, report(EntryKind.SUCCESS, 30)).is_over


def test_a_run_that_never_ends_is_missed_when_the_next_is_due() -> None:
    running = on_report(up(), report(EntryKind.START, 1)).beat
    assert on_time(running, NOW + 67 * MINUTE).wrong is not None


@pytest.mark.parametrize("kind", [EntryKind.SUCCESS, EntryKind.FAIL, EntryKind.START])
def test_old_news_change_nothing(kind: EntryKind) -> None:
    assert on_report(up(), report(kind, -1)).beat == up()


def test_a_log_changes_nothing() -> None:
    assert on_report(up(), report(EntryKind.LOG, 5)).beat == up()


def test_the_jobs_own_run_time_goes_before_ours() -> None:
    running = on_report(up(), report(EntryKind.START, 1)).beat
    assert on_report(running, report(EntryKind.SUCCESS, 2, seconds=7.5)).seconds == 7.5
    assert on_report(up(), report(EntryKind.SUCCESS, 2)).seconds is None


def test_paused_expects_nothing_and_hears_nothing() -> None:
    still = paused(up())
    assert next_due(still) is None
    assert on_time(still, NOW + 100 * HOUR).wrong is None
    assert on_report(still, report(EntryKind.FAIL, 5)).beat == still
    assert resumed(still).state == BeatState.NEW
