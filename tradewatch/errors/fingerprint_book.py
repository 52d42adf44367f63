"""The fingerprint rules that stand now."""

import logging
from collections.abc import Iterable

from tradewatch.errors.fingerprinting import MATCHERS, FingerprintPattern, FingerprintRules
from tradewatch.errors.models import FingerprintRule
from tradewatch.errors.standing import Standing

logger = logging.getLogger(__name__)


def read_fingerprint_rules() -> tuple[FingerprintPattern, ...]:
    return patterns_of(FingerprintRule.objects.filter(is_enabled=True).order_by("position", "id"))


def patterns_of(rules: Iterable[FingerprintRule]) -> tuple[FingerprintPattern, ...]:
    """Return rules as values, in their order; one that is not saved yet has the id 0."""
    return tuple(
        FingerprintPattern(
            id=rule.pk or 0,
            project_id=rule.project_id,
            name=rule.name,
            fingerprint=rule.fingerprint,
            matchers={name: pattern for name in MATCHERS if (pattern := getattr(rule, name))},
        )
        for rule in rules
    )


def _compile(patterns: tuple[FingerprintPattern, ...]) -> FingerprintRules:
    compiled = FingerprintRules(patterns)
    for rule in compiled.refused:
        logger.warning("fingerprint rule left out, bad pattern rule=%s", rule.id)
    return compiled


_standing = Standing(read_fingerprint_rules, _compile)
current_fingerprint_rules = _standing.current
forget_fingerprint_rules = _standing.forget
