"""Bringing back the rules about TradeWatch itself as they came."""

from collections.abc import Collection

from django.db import transaction

from alerts.measures.own_rules import OWN_RULES
from alerts.models import AlertRule
from tradewatch.core.actors import Actor
from tradewatch.projects.services.rules import require_rule_manager, save_rule


@transaction.atomic
def restore_own_rules(actor: Actor, names: Collection[str] | None = None) -> list[str]:
    """Make the rules of these names (default: all) as they came and switch them on; return those that were not so.

    Deleted ones come back. Raises `NotAllowed`: they are for all projects, which takes a superuser.
    """
    require_rule_manager(actor, None)
    restored = []
    for name, fields in OWN_RULES.items():
        if names is not None and name not in names:
            continue
        rule = AlertRule.objects.filter(name=name, project=None, is_default=True).order_by("pk").first()
        rule = rule or AlertRule(name=name, is_default=True)
        wanted = {"is_enabled": True, "environment": "", **fields}
        changes = {
            field: [str(was), str(value)] for field, value in wanted.items() if (was := getattr(rule, field)) != value
        }
        if rule.pk is None or changes:
            for field, value in wanted.items():
                setattr(rule, field, value)
            save_rule(actor, rule, was_in=None, changes=changes)
            restored.append(name)
    return restored
