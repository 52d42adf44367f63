"""Targets: made, changed by a further version, archived. Roles are asked here, the audit is written here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from sla.choices import WindowKind
from sla.figures.warnings import unreachable
from sla.measuring import measure_for
from sla.models import Target, TargetVersion
from sla.rules import DEFAULT_QUANTILE, PROMISED, Promise, faults_in
from sla.sources import definition_faults
from tradewatch.calendars.models import MarketCalendar
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

TARGETS_A_PROJECT = 500
REASON_CHARACTERS = 300
_METRIC_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Saved:
    """`is_new`: this call made the version; else nothing was changed. `warnings` are for whoever saved it."""

    target: Target
    version: TargetVersion
    is_new: bool
    warnings: list[str]


def create_target(
    actor: Actor,
    project: Project,
    metric_name: str,
    promise: Promise,
    *,
    title: str = "",
    reason: str = "",
    now: datetime,
) -> Saved:
    """Create a target with its first version. Raises `NotAllowed`, `Invalid` by field, `Conflict` for a taken name."""
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.SLA_WRITE)
    promise = checked(promise, project)
    _check_names(project, metric_name, title)
    try:
        with transaction.atomic():
            target = Target.objects.create(project=project, metric_name=metric_name, title=title, created_at=now)
            version = add_version(actor, target, promise, number=1, reason=reason, now=now)
            audit.record(actor, "target.create", target, project_id=project.pk, changes=_differences(None, promise))
    except IntegrityError:
        raise Conflict("a target has this name", errors={"metric_name": ["is taken in this project"]}) from None
    return Saved(target, version, True, unreachable(version))


@transaction.atomic
def update_target(
    actor: Actor,
    target: Target,
    values: Mapping[str, Any],
    *,
    reason: str = "",
    seen_number: int | None = None,
    now: datetime,
) -> Saved:
    """Promise `values` (fields of `Promise`) from now on, as a further version; what is not named stays as it was.

    Nothing changed: no version. `seen_number` is the version that whoever edits has seen. Raises `NotAllowed`,
    `Invalid`, `Conflict` for an archived target and for a version that is no longer the newest.
    """
    access.require(actor, target.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    target = Target.objects.select_for_update().select_related("project").get(pk=target.pk)
    newest = target.versions.select_related("measure").latest("number")
    if target.archived_at is not None:
        raise Conflict("the target is archived", errors={"metric_name": ["is archived: restore it first"]})
    if seen_number is not None and seen_number != newest.number:
        raise Conflict(
            f"version {newest.number} by {newest.actor} came first",
            errors={"version": [f"is {newest.number} by now: look at it and try again"]},
        )
    before, wanted = promise_of(newest), changed_promise(promise_of(newest), values)
    wanted = checked(wanted, target.project)
    if wanted == before:
        return Saved(target, newest, False, unreachable(newest))
    version = add_version(actor, target, wanted, number=newest.number + 1, reason=reason, now=now)
    changes = {**_differences(before, wanted), "version": [newest.number, version.number]}
    audit.record(actor, "target.change", target, project_id=target.project_id, changes=changes)
    return Saved(target, version, True, unreachable(version))


@transaction.atomic
def rename_target(actor: Actor, target: Target, *, title: str) -> Target:
    """Give it another title, which changes no promise. The name in the API stays."""
    access.require(actor, target.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    _check_names(None, target.metric_name, title)
    before = Target.objects.values_list("title", flat=True).get(pk=target.pk)
    target.title = title
    if title != before:
        target.save(update_fields=["title"])
        changes = {"title": [before, title]}
        audit.record(actor, "target.rename", target, project_id=target.project_id, changes=changes)
    return target


def archive_target(actor: Actor, target: Target, *, reason: str = "", now: datetime) -> Target:
    """Judge it no more; its versions and kept reports stay. Again: unchanged."""
    return _set_archived(actor, target, now, "target.archive", reason)


def restore_target(actor: Actor, target: Target, *, reason: str = "") -> Target:
    """Judge an archived target again."""
    return _set_archived(actor, target, None, "target.restore", reason)


def checked(promise: Promise, project: Project) -> Promise:
    """Return the promise as it is stored. Raises `Invalid` with every fault by its field."""
    found = faults_in(promise, markets=_known_markets(promise))
    if not found:
        promise = completed(promise)
        found = _under_fields(promise, definition_faults(promise.indicator, promise.definition, project))
    if found:
        raise Invalid("bad target", errors=found)
    return promise


def _under_fields(promise: Promise, faults: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return what is wrong with parts of a definition under the field that people filled in."""
    found: dict[str, list[str]] = {}
    for name, texts in faults.items():
        if name in PROMISED:
            found.setdefault(name, []).extend(texts)
        elif name == "threshold_seconds" and promise.is_of_seconds:
            found.setdefault("target_value", []).extend(texts)
        else:
            found.setdefault("definition", []).extend(f"{name}: {text}" for text in texts)
    return found


def completed(promise: Promise) -> Promise:
    """Return it with what its definition takes from its values: a percentile's bad requests are those over target."""
    if not promise.is_of_seconds:
        return promise
    definition = {
        **promise.definition,
        "quantile": float(promise.definition.get("quantile", DEFAULT_QUANTILE)),
        "threshold_seconds": float(promise.target_value),
    }
    return replace(promise, definition=definition)


def promise_of(version: TargetVersion) -> Promise:
    return Promise(**{name: getattr(version, name) for name in PROMISED})


def changed_promise(promise: Promise, values: Mapping[str, Any]) -> Promise:
    """Return the promise with other values; a window that is none of a market any more names none.

    Raises `Invalid` for another indicator and for what is no field.
    """
    if unknown := sorted(set(values) - set(PROMISED)):
        raise Invalid("bad target", errors={name: ["is nothing that a target has"] for name in unknown})
    if values.get("indicator", promise.indicator) != promise.indicator:
        raise Invalid("bad target", errors={"indicator": ["stays as it is: create another target"]})
    if "market" not in values and values.get("window", WindowKind.MARKET) != WindowKind.MARKET:
        values = {**values, "market": ""}
    return replace(promise, **values)


def unsaved_version(target: Target, promise: Promise) -> TargetVersion:
    """Return the promise as a version that is not stored, without number and measure: to judge by it as if."""
    values = {name: getattr(promise, name) for name in PROMISED}
    values["definition"] = dict(promise.definition)
    return TargetVersion(target=target, direction=promise.direction, objective=promise.objective, **values)


def add_version(
    actor: Actor, target: Target, promise: Promise, *, number: int, reason: str, now: datetime
) -> TargetVersion:
    """Store the version; the caller holds the target's row, or has just made it, and has checked the promise."""
    version = unsaved_version(target, promise)
    version.measure = measure_for(target.project, promise.environment, promise.indicator, promise.definition, now=now)
    version.number, version.valid_from, version.reason = number, now, reason.strip()[:REASON_CHARACTERS]
    version.actor, version.user_id = actor.label[:200], actor.id if actor.kind == "user" else None
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        raise Conflict("another edit came first", errors={"version": ["look at the newest and try again"]}) from None
    return version


@transaction.atomic
def _set_archived(actor: Actor, target: Target, at: datetime | None, action: str, reason: str) -> Target:
    access.require(actor, target.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    target = Target.objects.select_for_update().select_related("project").get(pk=target.pk)
    if (target.archived_at is None) == (at is None):
        return target
    before, target.archived_at = target.archived_at, at
    target.save(update_fields=["archived_at"])
    changes = {"archived_at": [before, at], **({"reason": ["", reason[:REASON_CHARACTERS]]} if reason else {})}
    audit.record(actor, action, target, project_id=target.project_id, changes=changes)
    return target


def _check_names(project: Project | None, metric_name: str, title: str) -> None:
    found: dict[str, list[str]] = {}
    if not _METRIC_NAME.fullmatch(metric_name):
        found["metric_name"] = ["expected up to 60 letters, digits, - and _, e.g. order_availability"]
    if len(title) > 120:
        found["title"] = ["expected at most 120 characters"]
    if project and Target.objects.filter(project=project, archived_at=None).count() >= TARGETS_A_PROJECT:
        found["project"] = [f"has {TARGETS_A_PROJECT} targets, the most"]
    if found:
        raise Invalid("bad target", errors=found)


def _known_markets(promise: Promise) -> list[str]:
    return list(MarketCalendar.objects.values_list("code", flat=True)) if promise.market else []


def _differences(before: Promise | None, after: Promise) -> dict[str, list[object]]:
    changes: dict[str, list[object]] = {}
    for name in PROMISED:
        old, new = (None if before is None else getattr(before, name)), getattr(after, name)
        if old != new:
            changes[name] = [_written(old), _written(new)]
    return changes


def _written(value: object) -> object:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
