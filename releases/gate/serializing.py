"""An answer as JSON. Pure."""

from typing import Any

from releases.gate.evidence import override_json
from releases.gate.values import Answer


def answer_json(answer: Answer, project: str) -> dict[str, Any]:
    """Return what `serializers.GateAnswerJson` describes."""
    facts = answer.facts
    override = facts.override if any(each.is_overridden for each in answer.reasons) else None
    return {
        "decision": answer.decision,
        "reasons": reasons_json(answer),
        "retry_after": answer.retry_after,
        "retry_at": None if answer.retry_at is None else answer.retry_at.isoformat(),
        "project": project,
        "environment": facts.environment,
        "version": facts.version or None,
        "asked_at": facts.now.isoformat(),
        "simulated_at": facts.at.isoformat() if facts.is_simulated else None,
        "override": override_json(override),
        "evidence": dict(answer.evidence),
    }


def reasons_json(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "code": each.code,
            "decision": each.decision,
            "blocks": each.blocks,
            "overridden": each.is_overridden,
            "text": each.text,
            "until": None if each.until is None else each.until.isoformat(),
            "link": each.link or None,
        }
        for each in answer.reasons
    ]
