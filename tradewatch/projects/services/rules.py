"""Rules that belong to one project or to all: who may write them, and what the audit trail says."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Model

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope


def require_rule_manager(actor: Actor, project_id: int | None) -> None:
    """Raise `NotAllowed` unless `actor` manages the rule's project; a rule for all projects takes a superuser."""
    if project_id is None:
        access.require_everywhere(actor, scope=Scope.ADMIN)
    else:
        access.require(actor, project_id, Role.MANAGER, scope=Scope.ADMIN)


@transaction.atomic
def save_rule(actor: Actor, rule: Model, *, was_in: int | None, changes: Mapping[str, Sequence[object]]) -> None:
    """Save a new or changed rule. `was_in` is the project it belonged to before: moving it takes rights in both."""
    project_id: int | None = rule.project_id  # type: ignore[attr-defined]
    is_new = rule.pk is None
    for place in {project_id} if is_new else {project_id, was_in}:
        require_rule_manager(actor, place)
    rule.save()
    audit.record(actor, f"rule.{'create' if is_new else 'change'}", rule, project_id=project_id, changes=changes)


@transaction.atomic
def delete_rule(actor: Actor, rule: Model) -> None:
    project_id: int | None = rule.project_id  # type: ignore[attr-defined]
    require_rule_manager(actor, project_id)
    audit.record(actor, "rule.delete", rule, project_id=project_id)
    rule.delete()
