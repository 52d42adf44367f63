"""What people do with checks: save, delete, pause, resume, run now. Roles are asked here, the audit is written here."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.live import push
from tradewatch.performance.checks import news
from tradewatch.performance.checks.choices import CheckState
from tradewatch.performance.checks.faults import FIELDS, faults_in
from tradewatch.performance.checks.plans import Answer
from tradewatch.performance.checks.probes import run_probe
from tradewatch.performance.checks.running import Job, claim_now, plan_of, record
from tradewatch.performance.models import Check
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.services.rules import delete_rule, save_rule

CHECKS_A_PROJECT = 500
SECRETS = ("connection", "request_headers")
# Whoever changes one of these changes what is asked.
_TARGET = frozenset({"kind", "project", "allows_internal", *(name for names in FIELDS.values() for name in names)})
_TARGET_OF_NOBODY = frozenset(
    ("tls_days", "expected_statuses", "body_contains", "body_pattern", "expected_header", "expected_answer")
)


def check_form(actor: Actor, row: Check, *, changed: Sequence[str]) -> None:
    """Raise what saving would: `Invalid` by field, `NotAllowed` where only an administrator aims the check."""
    check(row)
    _require_right_to_target(actor, row, changed)


def check(row: Check) -> None:
    """Raise `Invalid` with what is wrong, by field."""
    plan = plan_of(row)
    errors = faults_in(plan, interval_seconds=row.interval_seconds, retries=row.retries, recoveries=row.recoveries)
    if row.pk is None and Check.objects.filter(project=row.project_id).count() >= CHECKS_A_PROJECT:
        errors["project"] = [f"a project has at most {CHECKS_A_PROJECT} checks"]
    if errors:
        raise Invalid("bad check", errors=errors)


@transaction.atomic
def save_check(actor: Actor, row: Check, *, was_in: int | None, changed: Sequence[str], now: datetime) -> None:
    """Save a new or changed check; it runs at once. Raises `Invalid`, and `NotAllowed` for less than a manager, and for
    less than an administrator where an internal target is concerned.

    A change of what is asked starts its state anew: nothing is known of the new target.
    """
    check_form(actor, row, changed=changed)
    changes: Mapping[str, Sequence[object]] = {
        name: ["", "changed"] if name in SECRETS else ["", str(getattr(row, name))] for name in changed
    }
    if row.pk is not None and _TARGET & set(changed) - _TARGET_OF_NOBODY:
        news.take_back(row, why="What is asked was changed.", by=actor.label, now=now)
        _forget_standing(row)
    row.run_number += 1  # whatever runs now asked the old target
    row.claimed_until = None
    row.next_due_at = None if row.state == CheckState.PAUSED else now
    save_rule(actor, row, was_in=was_in, changes=changes)


@transaction.atomic
def delete_check(actor: Actor, row: Check, *, now: datetime) -> None:
    news.take_back(row, why=f"The check was deleted by {actor.label}.", by=actor.label, now=now)
    delete_rule(actor, row)


@transaction.atomic
def pause_check(actor: Actor, row: Check, *, reason: str = "", now: datetime) -> Check:
    """Ask nothing until it is resumed; what is open about it ends. Paused already: unchanged. Raises `NotAllowed`."""
    row = _locked(actor, row)
    if row.state == CheckState.PAUSED:
        return row
    before = row.state
    news.take_back(row, why=f"Paused by {actor.label}{f': {reason}' if reason else ''}.", by=actor.label, now=now)
    _forget_standing(row)
    row.state, row.since, row.next_due_at = CheckState.PAUSED, now, None
    row.paused_reason = f"{actor.label}: {reason}"[:200] if reason else actor.label[:200]
    row.run_number += 1
    row.save()
    _note(actor, "check.pause", row, before, reason)
    return row


@transaction.atomic
def resume_check(actor: Actor, row: Check, *, now: datetime) -> Check:
    """Ask again, now. Not paused: unchanged. Raises `NotAllowed`."""
    row = _locked(actor, row)
    if row.state != CheckState.PAUSED:
        return row
    row.state, row.since, row.paused_reason, row.next_due_at = CheckState.UNKNOWN, None, "", now
    row.save()
    _note(actor, "check.resume", row, CheckState.PAUSED, "")
    return row


def run_now(actor: Actor, row: Check) -> Answer:
    """Ask at once and return the answer, which counts like any other. Takes as long as the check's time limit at most.

    Of a paused check the answer is told, and changes nothing. Raises `NotAllowed`.
    """
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.PERFORMANCE_WRITE)
    job: Job = claim_now(row.pk, timezone.now())
    answer = asyncio.run(run_probe(job.plan))
    record(job, answer, at=timezone.now())
    return answer


def _locked(actor: Actor, row: Check) -> Check:
    access.require(actor, row.project_id, Role.RESPONDER, scope=Scope.PERFORMANCE_WRITE)
    return Check.objects.select_for_update().get(pk=row.pk)


def _require_right_to_target(actor: Actor, row: Check, changed: Sequence[str]) -> None:
    """What may reach one's own network is an administrator's to aim: else whoever edits it could aim it elsewhere."""
    was_internal = row.pk is not None and Check.objects.filter(pk=row.pk, allows_internal=True).exists()
    if not row.allows_internal and not was_internal:
        return
    if row.pk is not None and not (_TARGET & set(changed) - _TARGET_OF_NOBODY):
        return
    if not access.may_everywhere(actor, scope=Scope.ADMIN):
        raise NotAllowed(
            "only an administrator aims a check at an internal target",
            errors={"allows_internal": ["only an administrator sets this, or changes what such a check asks"]},
        )


def _forget_standing(row: Check) -> None:
    row.state, row.since, row.known_at, row.covered_until = CheckState.UNKNOWN, None, None, None
    row.failures = row.off = row.unrun = 0
    row.failing_since = row.off_since = row.claimed_until = row.tls_expires_at = None


def _note(actor: Actor, action: str, row: Check, before: str, reason: str) -> None:
    changes = {"state": [before, row.state], **({"reason": ["", reason]} if reason else {})}
    audit.record(actor, action, row, project_id=row.project_id, changes=changes)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    transaction.on_commit(lambda: push("checks", row.project_id))
