"""The targets that a form offers, each with what it is and what it warns of; or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from debugging.choices import TargetKind
from debugging.models import ReplayTarget
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

MOST_SHOWN = 30
_STYLES = {TargetKind.LOCAL: "hollow", TargetKind.STAGING: "sev info", TargetKind.PRODUCTION: "sev critical"}


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """`warnings`: what a person should know before something is sent there."""

    name: str
    kind: str
    style: str
    address: str
    warnings: Sequence[str]
    waits: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """`add`: where a target is added; empty for whoever may not. `manage`: their list in the admin."""

    choices: Sequence[TargetChoice]
    add: str
    manage: str


def targets_of(project_id: int, actor: Actor, *, is_unsafe: bool, chosen: str = "") -> Targets:
    """Return the enabled ones by name. `is_unsafe`: the captured request changes things."""
    rows = list(ReplayTarget.objects.filter(project=project_id, is_enabled=True).order_by("name")[:MOST_SHOWN])
    first = next((row.name for row in rows if row.kind != TargetKind.PRODUCTION), rows[0].name if rows else "")
    chosen = chosen if chosen in {row.name for row in rows} else first
    may_add = access.may(actor, project_id, Role.MANAGER, scope=Scope.DEBUG_WRITE)
    add = reverse("admin:debugging_replaytarget_add") + f"?project={project_id}" if may_add else ""
    manage = reverse("admin:debugging_replaytarget_changelist") + f"?project__id__exact={project_id}"
    return Targets([_choice(row, is_unsafe, chosen) for row in rows], add, manage)


def _choice(row: ReplayTarget, is_unsafe: bool, chosen: str) -> TargetChoice:
    warnings = warnings_of(row, is_unsafe=is_unsafe)
    style = _STYLES[TargetKind(row.kind)]
    waits = row.kind == TargetKind.PRODUCTION
    return TargetChoice(row.name, row.get_kind_display(), style, row.base_url, warnings, waits, row.name == chosen)


def warnings_of(row: ReplayTarget, *, is_unsafe: bool) -> list[str]:
    found = []
    if row.kind == TargetKind.PRODUCTION:
        found.append("Production: waits for a second person before anything is sent.")
    if is_unsafe and row.allows_unsafe:
        found.append("Takes requests that change things: this one does.")
    elif is_unsafe:
        found.append("Takes only GET, HEAD and OPTIONS: this request is refused there.")
    if not row.verifies_tls:
        found.append("Its certificate is not verified.")
    return found
