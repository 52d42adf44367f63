"""Runs out of a history: what counts as one, and as what."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.heartbeats.runs import Outcome, Run, runs_of, share_of, split, worst_of

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Line:
    at: datetime
    kind: str
    seconds: float | None = None
    late_seconds: float | None = None


def line(word: str, minute: int) -> Line:
    """Read `success`, `start:40` (40 s late), `success@0` (at minute 0 whatever stands before it)."""
    word, _, at = word.partition("@")
    kind, _, late = word.partition(":")
    seconds = 2.5 if kind in ("success", "fail") else None
    return Line(NOON + int(at or minute) * MINUTE, kind, seconds, float(late) if late else None)


def outcomes(*words: str) -> str:
    runs = runs_of([line(word, minute) for minute, word in enumerate(words)], late_after_seconds=30)
    return " ".join(run.outcome.value for run in runs)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("", ""),
        ("success", "ok"),
        ("start success", "ok"),
        ("start", ""),  # runs still
        ("start start success success", "ok ok"),
        ("fail", "failed"),
        ("missed missed success", "missed missed ok"),
        ("success:29 success:31", "ok late"),
        ("start:31 success success", "late ok"),
        ("start:31 fail success", "failed ok"),
        ("start too_long", "too_long"),
        ("start too_long success success", "too_long ok"),
        ("start too_long fail", "failed"),
        ("start too_long missed success", "too_long missed ok"),
        ("success too_long@0", "too_long"),  # its end alone told how long it took
        ("success success too_long@1", "ok too_long"),
        ("fail too_long@0 success", "failed too_long"),
        ("too_long", "too_long"),  # its start is forgotten already
        ("start:31 missed success", "missed ok"),
    ],
)
def test_a_run_is_what_ended_was_missed_or_is_over_its_time(history: str, expected: str) -> None:
    assert outcomes(*history.split()) == expected


def test_a_run_that_took_too_long_keeps_how_long_it_took() -> None:
    told_by_end = runs_of([line("success", 0), line("too_long", 0)], late_after_seconds=30)
    told_by_clock = runs_of([line("start", 0), line("too_long", 3), line("success", 9)], late_after_seconds=30)
    assert told_by_end == [Run(NOON, Outcome.TOO_LONG, 2.5)]
    assert told_by_clock == [Run(NOON + 9 * MINUTE, Outcome.TOO_LONG, 2.5)]


def make_runs(*outcomes: Outcome) -> list[Run]:
    return [Run(NOON + number * MINUTE, outcome) for number, outcome in enumerate(outcomes)]


def test_late_went_well_and_too_long_did_not() -> None:
    runs = make_runs(Outcome.OK, Outcome.LATE, Outcome.TOO_LONG, Outcome.FAILED, Outcome.MISSED)
    share = share_of(runs, NOON, NOON + 5 * MINUTE)
    assert (share.good, share.wrong, share.total) == (2, 3, 5)
    assert share_of(runs, NOON + MINUTE, NOON + 3 * MINUTE).total == 2, "the end is not within"
    assert worst_of(runs) == Outcome.MISSED and worst_of(runs[:2]) == Outcome.LATE and worst_of([]) is None


@given(st.lists(st.integers(-50, 650)), st.integers(1, 90))
def test_each_run_of_a_range_stands_in_one_part_in_order(minutes: list[int], count: int) -> None:
    runs = [Run(NOON + minute * MINUTE, Outcome.OK) for minute in sorted(minutes)]
    end = NOON + 600 * MINUTE
    parts = split(runs, NOON, end, count=count)
    assert len(parts) == count
    assert [run for part in parts for run in part] == [run for run in runs if NOON <= run.at < end]
