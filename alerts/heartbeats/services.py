"""Reports in, looks at the clock, pauses: each under the lock of its heartbeat, news in the same transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from alerts.choices import AlertCategory, AlertSeverity
from alerts.heartbeats.choices import BeatState, EntryKind, ScheduleKind
from alerts.heartbeats.schedule import Schedule, faults_in
from alerts.heartbeats.states import Beat, Report, Step, Wrong, next_due, on_report, on_time, paused, resumed
from alerts.models import Heartbeat, HeartbeatEntry
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import end_news
from alerts.words import duration_words
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.projects.access import require
from tradewatch.projects.choices import Role, Scope

ENTRIES_KEPT, BODIES_KEPT = 3_000, 300
KEPT = timedelta(days=90)
LOOKED_AT_ONCE = 200
_SENT = (EntryKind.SUCCESS, EntryKind.FAIL, EntryKind.START, EntryKind.LOG)  # their bodies are not ours
_STATE_FIELDS = (
    "state", "arrived_at", "succeeded_at", "running_since", "last_seconds", "failures", "successes", "expected_at",
    "next_due_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A report with what it sent along: an SDK's id for it, and scrubbed text."""

    report: Report
    check_in_id: UUID | None = None
    body: str = ""


def beat_of(row: Heartbeat) -> Beat:
    return Beat(
        schedule=Schedule(
            kind=ScheduleKind(row.schedule_kind),
            cron=row.cron,
            time_zone=row.time_zone,
            interval=timedelta(seconds=row.interval_seconds),
        ),
        grace=timedelta(seconds=row.grace_seconds),
        max_runtime=timedelta(seconds=row.max_runtime_seconds) if row.max_runtime_seconds else None,
        failures_allowed=row.failures_allowed,
        recoveries_needed=row.recoveries_needed,
        state=BeatState(row.state),
        arrived_at=row.arrived_at,
        succeeded_at=row.succeeded_at,
        running_since=row.running_since,
        expected_at=row.expected_at,
        failures=row.failures,
        successes=row.successes,
    )


def fingerprint_of(row: Heartbeat) -> str:
    return f"heartbeat:{row.pk}"


@transaction.atomic
def take_report(heartbeat_id: int, told: Told, *, now: datetime) -> None:
    """Write a report into the history and act on it. The same check-in again changes nothing."""
    row = Heartbeat.objects.select_for_update().get(pk=heartbeat_id)
    told, late_seconds = _with_other_runs(row, told), _late_seconds(row, told.report)
    step = on_report(beat_of(row), told.report)
    if not _enter(row, told, step, late_seconds):
        return
    _save(row, step)
    _enter_lapse(row, step)
    if step.wrong:
        _report_wrong(row, step.wrong, now=now)
    elif step.is_over:
        _report_over(row, now=now)
    _push(row)


def look_at_due(now: datetime) -> int:
    """Look at every heartbeat whose moment has come. Returns how many were looked at."""
    if not _due(now).exists():  # an idle tick takes no write lock
        return 0
    with transaction.atomic():
        rows = list(_due(now).order_by("id").select_for_update(skip_locked=True)[:LOOKED_AT_ONCE])
        for row in rows:
            _look(row, now=now)
    return len(rows)


@transaction.atomic
def pause(actor: Actor, row: Heartbeat, *, now: datetime) -> Heartbeat:
    """Expect nothing of it until it is resumed; what is open about it ends. Raises `NotAllowed`."""
    return _switch(actor, row, "heartbeat.pause", now=now)


@transaction.atomic
def resume(actor: Actor, row: Heartbeat, *, now: datetime) -> Heartbeat:
    """Expect it again, from its next report on. Not paused: unchanged. Raises `NotAllowed`."""
    return _switch(actor, row, "heartbeat.resume", now=now)


def plan_again(row: Heartbeat, *, now: datetime) -> None:
    """Set the moments of a heartbeat whose schedule has changed; the caller saves. Raises `Invalid`."""
    check(row)
    beat = beat_of(row)
    if beat.arrived_at is not None and beat.state != BeatState.PAUSED:
        step = on_report(beat, Report(EntryKind.START, beat.arrived_at))
        row.expected_at = step.beat.expected_at
        row.next_due_at = next_due(beat_of(row))


def check(row: Heartbeat) -> None:
    """Raise `Invalid` with what is wrong with its schedule, by field."""
    errors = faults_in(beat_of(row).schedule)
    if row.grace_seconds > 366 * 86_400:
        errors["grace_seconds"] = ["at most 366 days"]
    if not 1 <= row.recoveries_needed <= 100:
        errors["recoveries_needed"] = ["expected 1 to 100"]
    if errors:
        raise Invalid("bad heartbeat", errors=errors)


def forget_old_entries(now: datetime) -> int:
    """Delete history beyond 90 days and beyond the last 3,000 of each heartbeat; return how many.

    What was sent along stays with the last 300.
    """
    deleted, _ = HeartbeatEntry.objects.filter(at__lt=now - KEPT).delete()
    for pk in Heartbeat.objects.values_list("pk", flat=True):
        last = HeartbeatEntry.objects.filter(heartbeat=pk).order_by("-id").values_list("id", flat=True)
        if (edge := last[BODIES_KEPT : BODIES_KEPT + 1].first()) is not None:
            HeartbeatEntry.objects.filter(heartbeat=pk, id__lte=edge, kind__in=_SENT).exclude(body="").update(body="")
        if (edge := last[ENTRIES_KEPT : ENTRIES_KEPT + 1].first()) is not None:
            deleted += HeartbeatEntry.objects.filter(heartbeat=pk, id__lte=edge).delete()[0]
    return deleted


def _switch(actor: Actor, row: Heartbeat, action: str, *, now: datetime) -> Heartbeat:
    require(actor, row.project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)
    row = Heartbeat.objects.select_for_update().get(pk=row.pk)
    before, is_pause = row.state, action.endswith("pause")
    if (before == BeatState.PAUSED) == is_pause:
        return row
    beat = beat_of(row)
    _save(row, Step(paused(beat) if is_pause else resumed(beat)))
    if is_pause:
        _report_over(row, now=now, why=f"Paused by {actor.label}.", by=actor.label)
    _push(row)
    audit.record(actor, action, row, project_id=row.project_id, changes={"state": [before, row.state]})
    return row


def _due(now: datetime) -> QuerySet[Heartbeat]:
    return Heartbeat.objects.filter(next_due_at__lte=now)


def _look(row: Heartbeat, *, now: datetime) -> None:
    step = on_time(beat_of(row), now)
    _save(row, step)
    _enter_lapse(row, step)
    if step.wrong:
        _report_wrong(row, step.wrong, now=now)
    _push(row)


def _push(row: Heartbeat) -> None:
    for topic in ("alerts", "heartbeats"):
        transaction.on_commit(partial(push, topic, row.project_id))


def _late_seconds(row: Heartbeat, report: Report) -> float | None:
    """Return how long after its moment a report comes that was expected; None: in time, or expected by nobody."""
    is_run = report.kind in (EntryKind.START, EntryKind.SUCCESS, EntryKind.FAIL)
    is_news = row.arrived_at is None or report.at >= row.arrived_at
    if not (is_run and is_news) or row.expected_at is None or report.at <= row.expected_at:
        return None
    return (report.at - row.expected_at).total_seconds()


def _with_other_runs(row: Heartbeat, told: Told) -> Told:
    """Return the report with what its id tells: how long this very run took, and since when another one runs.

    Runs may overlap where each has an id. One that began longer ago than a run may take was told then.
    """
    report = told.report
    if told.check_in_id is None or report.kind not in (EntryKind.START, EntryKind.SUCCESS, EntryKind.FAIL):
        return told
    starts = row.entries.filter(kind=EntryKind.START, check_in_id__isnull=False)
    if report.seconds is None and report.kind != EntryKind.START:
        began = starts.filter(check_in_id=told.check_in_id).values_list("at", flat=True).first()
        if began is not None and began <= report.at:
            report = replace(report, seconds=(report.at - began).total_seconds())
    if row.max_runtime_seconds and row.running_since is not None:
        ended = row.entries.filter(kind__in=(EntryKind.SUCCESS, EntryKind.FAIL), check_in_id=OuterRef("check_in_id"))
        others = starts.exclude(check_in_id=told.check_in_id).filter(
            ~Exists(ended), at__gt=report.at - timedelta(seconds=row.max_runtime_seconds), at__lte=report.at
        )
        report = replace(report, also_since=others.order_by("at").values_list("at", flat=True).first())
    return replace(told, report=report)


def _enter_lapse(row: Heartbeat, step: Step) -> None:
    if step.lapse:
        HeartbeatEntry.objects.create(heartbeat=row, at=step.lapse.at, kind=step.lapse.kind, body=step.lapse.reason)


def _enter(row: Heartbeat, told: Told, step: Step, late_seconds: float | None) -> bool:
    try:
        with transaction.atomic():
            HeartbeatEntry.objects.create(
                heartbeat=row,
                at=told.report.at,
                kind=told.report.kind,
                check_in_id=told.check_in_id,
                exit_code=told.report.exit_code,
                seconds=step.seconds,
                late_seconds=late_seconds,
                body=told.body,
            )
    except IntegrityError:
        return False
    return True


def _save(row: Heartbeat, step: Step) -> None:
    beat = step.beat
    row.state, row.failures, row.successes = beat.state, beat.failures, beat.successes
    row.arrived_at, row.succeeded_at, row.running_since = beat.arrived_at, beat.succeeded_at, beat.running_since
    row.expected_at, row.next_due_at = beat.expected_at, next_due(beat)
    row.last_seconds = row.last_seconds if step.seconds is None else step.seconds
    row.save(update_fields=_STATE_FIELDS)


def _report_wrong(row: Heartbeat, wrong: Wrong, *, now: datetime) -> None:
    news = Occurrence(
        kind=f"heartbeat.{wrong.kind}",
        project_id=row.project_id,
        fingerprint=fingerprint_of(row),
        severity=AlertSeverity(row.severity),
        category=AlertCategory.HEARTBEAT,
        title=f"{row.name}: {_TITLES[wrong.kind]}",
        message=f"{wrong.reason}.",
        link=row.get_absolute_url(),
        environment=row.environment,
        tags={"heartbeat": row.slug, "schedule": schedule_words(row)},
        occurred_at=now,
    )
    record_occurrences([news])


def _report_over(row: Heartbeat, *, now: datetime, why: str = "It reported a success.", by: str = "") -> None:
    end_news(row.project_id, fingerprint_of(row), why=why, by=by or row.name, now=now)


def schedule_words(row: Heartbeat) -> str:
    """Return the schedule as people read it: `30 2 * * 1-5 Europe/London`, `every 1 h`."""
    match row.schedule_kind:
        case ScheduleKind.CRON:
            return f"{row.cron} {row.time_zone}"
        case ScheduleKind.INTERVAL:
            return f"every {duration_words(timedelta(seconds=row.interval_seconds))}"
        case _:
            return "no schedule"


_TITLES = {"missed": "did not report", "failed": "failed", "too_long": "runs too long"}
