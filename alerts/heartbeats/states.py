"""What a report, or the time, makes of a heartbeat. Pure: values and `now` in, values and news out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.heartbeats.choices import WRONG, BeatState, EntryKind
from alerts.heartbeats.schedule import Schedule, next_expected
from alerts.words import duration_words, moment_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A heartbeat's plan, and how it stands. `failures` counts those in a row."""

    schedule: Schedule
    grace: timedelta
    max_runtime: timedelta | None
    failures_allowed: int
    state: BeatState = BeatState.NEW
    arrived_at: datetime | None = None
    succeeded_at: datetime | None = None
    running_since: datetime | None = None
    expected_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came in. `seconds`: how long the job says that it ran; None: measured from its start."""

    kind: EntryKind
    at: datetime
    exit_code: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What alerts are told: `kind` is `missed`, `failed` or `too_long`, `at` the moment it stands for."""

    kind: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """The heartbeat after a report or a look: what is wrong now, or that it is over."""

    beat: Beat
    wrong: Wrong | None = None
    is_over: bool = False
    seconds: float | None = None


def on_report(beat: Beat, report: Report) -> Step:
    """Return what a report changes. One that is older than what is known changes nothing; a log never does."""
    is_late_news = beat.arrived_at is not None and report.at < beat.arrived_at
    if report.kind == EntryKind.LOG or is_late_news or beat.state == BeatState.PAUSED:
        return Step(beat)
    beat = replace(beat, arrived_at=report.at, expected_at=next_expected(beat.schedule, report.at))
    if report.kind == EntryKind.START:
        return Step(_started(beat, report.at))
    seconds = report.seconds if report.seconds is not None else _seconds_since(beat.running_since, report.at)
    beat = replace(beat, running_since=None)
    if report.kind == EntryKind.FAIL:
        return replace(_failed(beat, report), seconds=seconds)
    done = replace(beat, state=BeatState.UP, succeeded_at=report.at, failures=0)
    return Step(done, is_over=beat.state in WRONG, seconds=seconds)


def on_time(beat: Beat, now: datetime) -> Step:
    """Return what the time alone changes: too long, missed, late."""
    if beat.state == BeatState.PAUSED:
        return Step(beat)
    if beat.running_since and beat.max_runtime and now >= beat.running_since + beat.max_runtime:
        reason = (
            f"Started at {moment_words(beat.running_since)} and runs longer than {duration_words(beat.max_runtime)}"
        )
        too_long = Wrong("too_long", reason, now)
        return Step(replace(beat, state=BeatState.TOO_LONG, running_since=None), wrong=too_long)
    if beat.expected_at is None or now < beat.expected_at:
        return Step(beat)
    if now < beat.expected_at + beat.grace:
        return Step(replace(beat, state=BeatState.LATE) if beat.state == BeatState.UP else beat)
    reason = f"Expected at {moment_words(beat.expected_at)}, did not report within {duration_words(beat.grace)}"
    # After a long pause of our own, one that was missed many times is said once.
    following = next_expected(beat.schedule, max(beat.expected_at, now - beat.grace))
    missed = replace(beat, state=BeatState.MISSED, expected_at=following)
    return Step(missed, wrong=Wrong("missed", reason, beat.expected_at))


def next_due(beat: Beat) -> datetime | None:
    """Return the next moment at which the time may change something; None: only a report can."""
    if beat.state == BeatState.PAUSED:
        return None
    moments = []
    if beat.expected_at is not None:
        moments.append(beat.expected_at if beat.state == BeatState.UP else beat.expected_at + beat.grace)
    if beat.running_since is not None and beat.max_runtime is not None:
        moments.append(beat.running_since + beat.max_runtime)
    return min(moments, default=None)


def paused(beat: Beat) -> Beat:
    return replace(beat, state=BeatState.PAUSED, running_since=None, expected_at=None)


def resumed(beat: Beat) -> Beat:
    """Return the heartbeat as new: it is expected again once it has reported."""
    return replace(beat, state=BeatState.NEW, running_since=None, expected_at=None, failures=0)


def _started(beat: Beat, at: datetime) -> Beat:
    """A start says that the job is there: late is over, but only a success ends what went wrong."""
    state = BeatState.UP if beat.state in (BeatState.LATE, BeatState.NEW) else beat.state
    return replace(beat, state=state, running_since=at)


def _failed(beat: Beat, report: Report) -> Step:
    beat = replace(beat, failures=beat.failures + 1)
    if beat.failures <= beat.failures_allowed:
        state = beat.state if beat.state in WRONG else BeatState.UP
        return Step(replace(beat, state=state))
    code = f" with exit code {report.exit_code}" if report.exit_code else ""
    times = f", {beat.failures} times in a row" if beat.failures > 1 else ""
    failed = Wrong("failed", f"Reported a failure{code}{times}", report.at)
    return Step(replace(beat, state=BeatState.FAILED), wrong=failed)


def _seconds_since(start: datetime | None, end: datetime) -> float | None:
    return (end - start).total_seconds() if start is not None and end >= start else None
