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


def test_misses_and_long_runs_are_allowed_as_often_as_failures() -> None:
    lenient = up(failures_allowed=2)
    first = on_time(lenient, NOW + 65 * MINUTE)
    assert (first.wrong, first.beat.failures) == (None, 1)
    assert first.lapse is not None and first.lapse.kind == "missed", "the history tells it all the same"
    second = on_report(first.beat, report(EntryKind.FAIL, 70))
    assert (second.wrong, second.beat.state, second.beat.failures) == (None, BeatState.UP, 2)
    third = on_time(second.beat, NOW + (70 + 65) * MINUTE)
    assert third.wrong is not None and third.wrong.reason.endswith("within 5 min, 3 times in a row")
    assert third.beat.state == BeatState.MISSED
    assert on_report(second.beat, report(EntryKind.SUCCESS, 71)).beat.failures == 0


def test_an_alert_ends_after_as_many_good_runs_as_are_asked_for() -> None:
    failed = on_report(up(recoveries_needed=3), report(EntryKind.FAIL, 1)).beat
    for minute in (2, 3):
        step = on_report(failed, report(EntryKind.SUCCESS, minute))
        failed = step.beat
        assert (step.is_over, failed.state) == (False, BeatState.FAILED)
    again = on_report(failed, report(EntryKind.FAIL, 4)).beat
    assert again.successes == 0, "in a row"
    for minute in (5, 6, 7):
        step = on_report(again, report(EntryKind.SUCCESS, minute))
        again = step.beat
    assert (step.is_over, again.state) == (True, BeatState.UP)


@pytest.mark.parametrize(("seconds", "state"), [(599.0, "up"), (600.0, "up"), (601.0, "too_long"), (None, "up")])
def test_a_job_that_only_reports_its_end_may_have_taken_too_long(seconds: float | None, state: str) -> None:
    step = on_report(up(max_runtime=10 * MINUTE), report(EntryKind.SUCCESS, 60, seconds=seconds))
    assert step.beat.state == state
    assert (step.wrong is not None) == (state == "too_long")
    if step.wrong is not None:
        assert step.wrong.reason == "Ran for 10 min, longer than 10 min"
    assert not step.is_over


def test_of_two_runs_at_once_the_one_that_goes_on_is_watched() -> None:
    beat = up(max_runtime=10 * MINUTE)
    first = on_report(beat, report(EntryKind.START, 1)).beat
    both = on_report(first, report(EntryKind.START, 4, also_since=NOW + MINUTE)).beat
    assert both.running_since == NOW + MINUTE, "the earlier one is too long sooner"
    one = on_report(both, report(EntryKind.SUCCESS, 6, also_since=NOW + MINUTE)).beat
    assert (one.running_since, next_due(one)) == (NOW + MINUTE, NOW + 11 * MINUTE)
    assert on_time(one, NOW + 11 * MINUTE).wrong is not None


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
