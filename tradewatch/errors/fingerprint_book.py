"""The fingerprint rules, compiled, at most 2 s old: what digesting uses without asking the database each time."""

import logging
import threading
import time
from collections.abc import Iterable

from tradewatch.errors.fingerprinting import MATCHERS, FingerprintPattern, FingerprintRules
from tradewatch.errors.models import FingerprintRule

MAX_AGE_SECONDS = 2.0
logger = logging.getLogger(__name__)

_lock = threading.Lock()
_patterns: tuple[FingerprintPattern, ...] | None = None
_compiled = FingerprintRules(())
_read_at = float("-inf")


def current_fingerprint_rules() -> FingerprintRules:
    """Return the enabled rules, read again when they are older than 2 s. Compiles only what has changed."""
    global _patterns, _compiled, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        with _lock:
            if time.monotonic() - _read_at > MAX_AGE_SECONDS:
                patterns = read_fingerprint_rules()
                if patterns != _patterns:
                    _patterns, _compiled = patterns, FingerprintRules(patterns)
                    for rule in _compiled.refused:
                        logger.warning("fingerprint rule left out, bad pattern rule=%s", rule.id)
                _read_at = time.monotonic()
    return _compiled


def forget_fingerprint_rules() -> None:
    """Make the next call read the database (after a change, and in tests)."""
    global _read_at
    _read_at = float("-inf")


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
