"""From facts to an answer. Pure.

The gravest reason decides. An override in force lets a no go pass as a warning, and what it passes says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from releases.choices import Decision
from releases.gate import reasons, timed
from releases.gate.evidence import evidence_of
from releases.gate.values import GRAVITY, Answer, Facts, Reason

_SOURCES = (
    reasons.freeze_reasons,
    reasons.window_reasons,
    reasons.alert_reasons,
    reasons.budget_reasons,
    reasons.deployment_reasons,
    reasons.verdict_reasons,
    reasons.notes,
)


def decide(facts: Facts) -> Answer:
    """Return whether the version may go out, why, and when to ask again."""
    found = [reason for source in _SOURCES for reason in source(facts)]
    if facts.override is not None:
        found = [replace(each, is_overridden=each.decision == Decision.NO_GO) for each in found]
    found.sort(key=lambda each: (not each.blocks, -GRAVITY[each.decision]))
    return Answer(_gravest(found), tuple(found), _retry_at(found, facts), facts, evidence_of(facts))


def _gravest(found: Sequence[Reason]) -> Decision:
    weights = [Decision.WARN if each.is_overridden else each.decision for each in found]
    return max(weights, key=GRAVITY.__getitem__, default=Decision.GO)


def _retry_at(found: Sequence[Reason], facts: Facts) -> datetime | None:
    """Return when no timed reason blocks any more; None where none does now."""
    return timed.first_free(facts) if any(each.blocks and each.is_timed for each in found) else None
