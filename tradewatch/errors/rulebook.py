"""The classification rules, compiled, at most 2 s old: what digesting uses without asking the database each time."""

import logging
import threading
import time

from tradewatch.errors.classification import Rule, RuleSet
from tradewatch.errors.models import ClassificationRule

MAX_AGE_SECONDS = 2.0
logger = logging.getLogger(__name__)

_lock = threading.Lock()
_rules: tuple[Rule, ...] | None = None
_compiled = RuleSet(())
_read_at = float("-inf")


def current_rules() -> RuleSet:
    """Return the enabled rules, read again when they are older than 2 s. Compiles only what has changed."""
    global _rules, _compiled, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        with _lock:
            if time.monotonic() - _read_at > MAX_AGE_SECONDS:
                rules = read_rules()
                if rules != _rules:
                    _rules, _compiled = rules, RuleSet(rules)
                    for rule in _compiled.refused:
                        logger.warning("classification rule left out, bad pattern rule=%s", rule.id)
                _read_at = time.monotonic()
    return _compiled


def forget_rules() -> None:
    """Make the next call read the database (after a change, and in tests)."""
    global _read_at
    _read_at = float("-inf")


def read_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(**row)
        for row in ClassificationRule.objects.filter(is_enabled=True)
        .order_by("position", "id")
        .values("id", "project_id", "category", "severity", "exception_type", "module", "transaction", "message", "tag")
    )
