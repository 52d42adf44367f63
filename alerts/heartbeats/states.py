"""What a report, or the time, makes of a heartbeat. Pure: values and `now` in, values and news out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.heartbeats.choices import WRONG, BeatState, EntryKind
from alerts.heartbeats.schedule import Schedule, next_expected
from alerts.words import duration_words, moment_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A heartbeat's plan, and how it stands. `failures` counts what went wrong in a row (failed, missed, too long),
    `successes` the good runs in a row since."""

    schedule: Schedule
    grace: timedelta
    max_runtime: timedelta | None
    failures_allowed: int
    recoveries_needed: int = 1
    state: BeatState = BeatState.NEW
    arrived_at: datetime | None = None
    succeeded_at: datetime | None = None
    running_since: datetime | None = None
    expected_at: datetime | None = None
    failures: int = 0
    successes: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came in. `seconds`: how long the job says that it ran; None: measured from its start. `also_since`: when the
    earliest other run began that has not ended yet; known where runs have ids."""

    kind: EntryKind
    at: datetime
    exit_code: int | None = None
    seconds: float | None = None
    also_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What alerts are told: `kind` is `missed`, `failed` or `too_long`, `at` the moment it stands for."""

    kind: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """The heartbeat after a report or a look: what is wrong now, or that it is over. `lapse`: what the clock saw, for
    the history, whether or not it is allowed to go wrong so often."""

    beat: Beat
    wrong: Wrong | None = None
    lapse: Wrong | None = None
    is_over: bool = False
    seconds: float | None = None


def on_report(beat: Beat, report: Report) -> Step:
    """Return what a report changes. One that is older than what is known changes nothing; a log never does."""
    is_late_news = beat.arrived_at is not None and report.at < beat.arrived_at
    if report.kind == EntryKind.LOG or is_late_news or beat.state == BeatState.PAUSED:
        return Step(beat)
    beat = replace(beat, arrived_at=report.at, expected_at=next_expected(beat.schedule, report.at))
    if report.kind == EntryKind.START:
        return Step(_started(beat, min(report.at, report.also_since or report.at)))
    seconds = report.seconds if report.seconds is not None else _seconds_since(beat.running_since, report.at)
    beat = replace(beat, running_since=report.also_since)
    if report.kind == EntryKind.FAIL:
        return replace(_failed(beat, report), seconds=seconds)
    return replace(_succeeded(beat, report, seconds), seconds=seconds)


def on_time(beat: Beat, now: datetime) -> Step:
    """Return what the time alone changes: too long, missed, late."""
    if beat.state == BeatState.PAUSED:
        return Step(beat)
    if beat.running_since and beat.max_runtime and now >= beat.running_since + beat.max_runtime:
        reason = (
            f"Started at {moment_words(beat.running_since)} and runs longer than {duration_words(beat.max_runtime)}"
        )
        return _lapsed(replace(beat, running_since=None), BeatState.TOO_LONG, "too_long", reason, now)
    if beat.expected_at is None or now < beat.expected_at:
        return Step(beat)
    if now < beat.expected_at + beat.grace:
        return Step(replace(beat, state=BeatState.LATE) if beat.state == BeatState.UP else beat)
    reason = f"Expected at {moment_words(beat.expected_at)}, did not report within {duration_words(beat.grace)}"
    # After a long pause of our own, one that was missed many times is said once.
    following = next_expected(beat.schedule, max(beat.expected_at, now - beat.grace))
    return _lapsed(replace(beat, expected_at=following), BeatState.MISSED, "missed", reason, beat.expected_at)


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
    return replace(beat, state=BeatState.NEW, running_since=None, expected_at=None, failures=0, successes=0)


def _started(beat: Beat, at: datetime) -> Beat:
    """A start says that the job is there: late is over, but only a success ends what went wrong."""
    state = BeatState.UP if beat.state in (BeatState.LATE, BeatState.NEW) else beat.state
    return replace(beat, state=state, running_since=at)


def _succeeded(beat: Beat, report: Report, seconds: float | None) -> Step:
    """A success ends what was wrong, or counts towards it. One that took too long without the clock having seen it (a
    job that only reports its end) is a lapse of its own."""
    beat = replace(beat, succeeded_at=report.at)
    if _took_too_long(beat, seconds):
        reason = f"Ran for {duration_words(timedelta(seconds=seconds or 0))}, longer than {_longest_words(beat)}"
        return _there(_lapsed(beat, BeatState.TOO_LONG, "too_long", reason, report.at))
    beat = replace(beat, failures=0, successes=beat.successes + 1)
    if beat.state in WRONG and beat.successes < beat.recoveries_needed:
        return Step(beat)
    return Step(replace(beat, state=BeatState.UP), is_over=beat.state in WRONG)


def _failed(beat: Beat, report: Report) -> Step:
    code = f" with exit code {report.exit_code}" if report.exit_code else ""
    step = _lapsed(beat, BeatState.FAILED, "failed", f"Reported a failure{code}", report.at)
    return replace(_there(step), lapse=None)  # the history holds the report itself


def _there(step: Step) -> Step:
    """What went wrong no more often than is allowed came with a report: the job is there after all."""
    if step.wrong is not None or step.beat.state in WRONG:
        return step
    return replace(step, beat=replace(step.beat, state=BeatState.UP))


def _lapsed(beat: Beat, state: BeatState, kind: str, reason: str, at: datetime) -> Step:
    """Count what went wrong; it is news once it is more than allowed."""
    beat = replace(beat, failures=beat.failures + 1, successes=0)
    times = f", {beat.failures} times in a row" if beat.failures > 1 else ""
    lapse = Wrong(kind, f"{reason}{times}", at)
    if beat.failures <= beat.failures_allowed:
        return Step(beat, lapse=lapse)
    return Step(replace(beat, state=state), wrong=lapse, lapse=lapse)


def _took_too_long(beat: Beat, seconds: float | None) -> bool:
    if beat.max_runtime is None or seconds is None or beat.state == BeatState.TOO_LONG:
        return False
    return seconds > beat.max_runtime.total_seconds()


def _longest_words(beat: Beat) -> str:
    return duration_words(beat.max_runtime or timedelta())


def _seconds_since(start: datetime | None, end: datetime) -> float | None:
    return (end - start).total_seconds() if start is not None and end >= start else None
