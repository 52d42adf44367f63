"""What managers do with replay targets and their secrets. Roles are asked here, the audit is written here.

A secret is never in the audit, in an answer, or in a list: its name is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from debugging.models import ReplayTarget, TargetSecret
from debugging.targets.addresses import faults_in_secret, faults_in_target
from debugging.targets.aiming import faults_in_aim, leads_elsewhere
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


@dataclass(frozen=True, slots=True)
class Saved:
    """`cleared`: (place, name) of the secrets that went because the target leads elsewhere now."""

    target: ReplayTarget
    cleared: Sequence[tuple[str, str]] = ()


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
) -> Saved:
    """Save a new or changed target. One that leads to another scheme, host or port loses its secrets.

    Raises `Invalid`, and `NotAllowed` for less than a manager, and for less than an administrator where an internal
    target is concerned, or one of production is taken out of it or given another address.
    """
    require_rule_manager(actor, row.project_id)
    # Locked before anybody's rights are asked, and before a secret is put that was meant for the address until now.
    before = {} if row.pk is None else ReplayTarget.objects.select_for_update().values(*FIELDS).get(pk=row.pk)
    check_target(actor, row, changed=changed)
    changes: dict[str, Sequence[object]] = {
        name: [before.get(name, ""), getattr(row, name)] for name in FIELDS if name in changed
    }
    cleared = _cleared(row) if before and leads_elsewhere(before["base_url"], row.base_url) else []
    changes |= {f"{place} {name}": ["set", ""] for place, name in cleared}
    if row.pk is None:
        row.created_at, row.created_by = now, actor.label[:200]
    try:
        with transaction.atomic():
            save_rule(actor, row, was_in=was_in, changes=changes)
    except IntegrityError:
        raise Conflict("another target of the project has this name", errors={"name": ["is taken"]}) from None
    return Saved(row, cleared)


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
    """What may reach one's own network, and production's address, are an administrator's: else whoever edits a target
    could aim it elsewhere."""
    before = None if row.pk is None else ReplayTarget.objects.filter(pk=row.pk).first()
    faults = faults_in_aim(before, row, is_changed=row.pk is None or bool(changed))
    if faults and not access.may_everywhere(actor, scope=Scope.ADMIN):
        is_internal = "allows_internal" in faults
        raise NotAllowed(
            "only an administrator changes an internal target" if is_internal else next(iter(faults.values()))[0],
            errors=faults,
        )


def _cleared(row: ReplayTarget) -> list[tuple[str, str]]:
    """Delete all secrets of a target and return their places and names."""
    rows = TargetSecret.objects.filter(target=row)
    found = list(rows.order_by("place", "name").values_list("place", "name"))
    rows.delete()
    return found


def _note(actor: Actor, action: str, row: ReplayTarget, changes: Mapping[str, Sequence[str]]) -> None:
    audit.record(actor, action, row, project_id=row.project_id, changes=changes)
