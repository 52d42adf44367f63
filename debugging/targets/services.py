"""What managers do with replay targets and their secrets. Roles are asked here, the audit is written here.

A secret is never in the audit, in an answer, or in a list: its name is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from debugging.models import ReplayTarget, TargetSecret
from debugging.targets.addresses import faults_in_secret, faults_in_target
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.services.rules import delete_rule, require_rule_manager, save_rule

FIELDS = (
    *("name", "kind", "base_url", "allows_internal", "allows_unsafe", "verifies_tls", "timeout_seconds"),
    *("most_at_once", "is_enabled"),
)
TARGETS_A_PROJECT, SECRETS_A_TARGET = 50, 50


def check_target(actor: Actor, row: ReplayTarget, *, changed: Collection[str]) -> None:
    """Raise what saving would: `Invalid` by field, `NotAllowed` where only an administrator aims it."""
    values = {name: getattr(row, name) for name in FIELDS}
    faults = faults_in_target(values, allowed=settings.OUTBOUND_ALLOWED_NETWORKS)
    others = ReplayTarget.objects.filter(project=row.project_id).exclude(pk=row.pk)
    if "name" not in faults and others.filter(name=row.name).exists():
        faults["name"] = ["another target of the project has this name"]
    if row.pk is None and others.count() >= TARGETS_A_PROJECT:
        faults["project"] = [f"a project has at most {TARGETS_A_PROJECT} targets"]
    if faults:
        raise Invalid("bad target", errors=faults)
    _require_right_to_aim(actor, row, changed)


@transaction.atomic
def save_target(
    actor: Actor, row: ReplayTarget, *, was_in: int | None, changed: Collection[str], now: datetime
) -> ReplayTarget:
    """Save a new or changed target. Raises `Invalid`, and `NotAllowed` for less than a manager, and for less than an
    administrator where an internal target is concerned."""
    require_rule_manager(actor, row.project_id)
    check_target(actor, row, changed=changed)
    before = {} if row.pk is None else ReplayTarget.objects.values(*FIELDS).get(pk=row.pk)
    changes: Mapping[str, Sequence[object]] = {
        name: [before.get(name, ""), getattr(row, name)] for name in FIELDS if name in changed
    }
    if row.pk is None:
        row.created_at, row.created_by = now, actor.label[:200]
    try:
        with transaction.atomic():
            save_rule(actor, row, was_in=was_in, changes=changes)
    except IntegrityError:
        raise Conflict("another target of the project has this name", errors={"name": ["is taken"]}) from None
    return row


@transaction.atomic
def delete_target(actor: Actor, row: ReplayTarget) -> None:
    """Its replays stay, under its name. Raises `NotAllowed`."""
    require_rule_manager(actor, row.project_id)
    _require_right_to_aim(actor, row, {"base_url"})
    delete_rule(actor, row)


@transaction.atomic
def save_secret(actor: Actor, target: ReplayTarget, place: str, name: str, value: str) -> TargetSecret:
    """Put a secret, or another value of it. Raises `Invalid`, `NotAllowed`."""
    require_rule_manager(actor, target.project_id)
    _require_right_to_aim(actor, target, {"secrets"})
    if faults := faults_in_secret(place, name, value):
        raise Invalid("bad secret", errors=faults)
    locked = ReplayTarget.objects.select_for_update().get(pk=target.pk)
    rows = TargetSecret.objects.filter(target=locked)
    if not rows.filter(place=place, name=name).exists() and rows.count() >= SECRETS_A_TARGET:
        raise Invalid("too many", errors={"name": [f"a target has at most {SECRETS_A_TARGET} secrets"]})
    row, is_new = TargetSecret.objects.update_or_create(
        target=locked, place=place, name=name, defaults={"value": value}
    )
    _note(actor, "replay_target.secret", locked, {f"{place} {name}": ["" if is_new else "set", "set"]})
    return row


@transaction.atomic
def clear_secret(actor: Actor, target: ReplayTarget, place: str, name: str) -> None:
    """Raises `NotAllowed`, and `Unknown` where there is none."""
    require_rule_manager(actor, target.project_id)
    _require_right_to_aim(actor, target, {"secrets"})
    if not TargetSecret.objects.filter(target=target, place=place, name=name).delete()[0]:
        raise Unknown("the target has no such secret")
    _note(actor, "replay_target.secret", target, {f"{place} {name}": ["set", ""]})


def _require_right_to_aim(actor: Actor, row: ReplayTarget, changed: Collection[str]) -> None:
    """What may reach one's own network is an administrator's: else whoever edits it could aim it elsewhere."""
    was_internal = row.pk is not None and ReplayTarget.objects.filter(pk=row.pk, allows_internal=True).exists()
    if not (row.allows_internal or was_internal) or not (row.pk is None or changed):
        return
    if not access.may_everywhere(actor, scope=Scope.ADMIN):
        raise NotAllowed(
            "only an administrator changes an internal target",
            errors={"allows_internal": ["only an administrator sets this, or changes such a target"]},
        )


def _note(actor: Actor, action: str, row: ReplayTarget, changes: Mapping[str, Sequence[str]]) -> None:
    audit.record(actor, action, row, project_id=row.project_id, changes=changes)
