"""Digests `check_in` items: the heartbeat they speak of is made or changed as their monitor_config says, then told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from alerts.heartbeats.check_ins import CheckIn, Plan, read_check_in
from alerts.heartbeats.choices import ScheduleKind
from alerts.heartbeats.services import Told, plan_again, take_report
from alerts.heartbeats.states import Report
from alerts.models import Heartbeat
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import read_document

HEARTBEATS_A_PROJECT = 500  # a DSN is no secret: whoever has it must not fill the table


@dataclass(frozen=True, slots=True)
class CheckInDraft:
    project_id: int
    received_at: datetime
    check_in: CheckIn


class CheckInHandler:
    """For `check_in`, from SDKs, sentry-cli and `/api/<id>/cron/<slug>` alike."""

    def prepare(self, item: Item, arrival: Arrival) -> CheckInDraft | None:
        check_in = read_check_in(read_document(item), default_environment=settings.SENTRY_ENVIRONMENT)
        return CheckInDraft(arrival.project.id, arrival.received_at, check_in) if check_in else None

    def store(self, drafts: Sequence[CheckInDraft], *, now: datetime) -> None:
        # In the order of keys and then of time: two digests that meet on the same heartbeats wait, not deadlock.
        for draft in sorted(drafts, key=_key_and_age):
            row = _heartbeat_of(draft, now=now)
            if row is not None:
                said = draft.check_in
                report = Report(said.kind, draft.received_at, seconds=said.seconds)
                take_report(row.pk, Told(report, said.check_in_id), now=now)


def _heartbeat_of(draft: CheckInDraft, *, now: datetime) -> Heartbeat | None:
    """Return the heartbeat, made or changed; None when the project has too many to make another."""
    said = draft.check_in
    found = Heartbeat.objects.filter(project=draft.project_id, slug=said.slug, environment=said.environment)
    row = found.select_for_update().first()
    if row is None:
        if Heartbeat.objects.filter(project=draft.project_id).count() >= HEARTBEATS_A_PROJECT:
            return None
        row = _new(draft)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # another digest made it
            row = found.select_for_update().get()
    if said.plan is not None and _apply(row, said.plan):
        plan_again(row, now=now)
        row.save()
    return row


def _new(draft: CheckInDraft) -> Heartbeat:
    said = draft.check_in
    return Heartbeat(
        project_id=draft.project_id,
        slug=said.slug,
        name=said.slug,
        environment=said.environment,
        schedule_kind=ScheduleKind.NONE,
        grace_seconds=60,
    )


def _apply(row: Heartbeat, plan: Plan) -> bool:
    """Set what the plan asks for; return whether that changes anything. An unusable schedule leaves the one before."""
    wanted: dict[str, object] = {
        "grace_seconds": plan.grace_seconds,
        "max_runtime_seconds": plan.max_runtime_seconds,
        "failures_allowed": plan.failures_allowed,
        "recoveries_needed": plan.recoveries_needed,
        "fault": plan.fault,
    }
    if plan.schedule is not None:
        wanted["schedule_kind"] = plan.schedule.kind
        if plan.schedule.kind == ScheduleKind.CRON:
            wanted |= {"cron": plan.schedule.cron, "time_zone": plan.schedule.time_zone}
        else:
            wanted["interval_seconds"] = round(plan.schedule.interval.total_seconds())
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _key_and_age(draft: CheckInDraft) -> tuple[int, str, str, datetime]:
    return draft.project_id, draft.check_in.slug, draft.check_in.environment, draft.received_at
