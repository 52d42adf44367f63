"""The classification rules that stand now."""

import logging

from tradewatch.errors.classification import Rule, RuleSet
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.standing import Standing

logger = logging.getLogger(__name__)


def read_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(**row)
        for row in ClassificationRule.objects.filter(is_enabled=True)
        .order_by("position", "id")
        .values("id", "project_id", "category", "severity", "exception_type", "module", "transaction", "message", "tag")
    )


def _compile(rules: tuple[Rule, ...]) -> RuleSet:
    compiled = RuleSet(rules)
    for rule in compiled.refused:
        logger.warning("classification rule left out, bad pattern rule=%s", rule.id)
    return compiled


_standing = Standing(read_rules, _compile)
current_rules = _standing.current
forget_rules = _standing.forget
