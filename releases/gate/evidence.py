"""What an answer was made of, as JSON: bounded, what weighs most first. Pure."""

from typing import Any

from releases.gate import timed
from releases.gate.values import BudgetFact, Facts, OverrideFact, WindowFact

SHOWN = 20


def evidence_of(facts: Facts) -> dict[str, Any]:
    current = facts.current
    with_data = sum(each.has_data for each in facts.budgets)
    return {
        "at": facts.at.isoformat(),
        "facts_at": facts.now.isoformat(),
        "freezes": [
            {"id": each.freeze_id, "name": each.name, "ends_at": each.ends_at.isoformat()}
            for each in timed.freezes_in_force(facts.freezes, facts.at)[:SHOWN]
        ],
        "windows": [_window(each, facts) for each in facts.windows[:SHOWN]],
        "budgets": [_budget(each) for each in sorted(facts.budgets, key=_urgency)[:SHOWN]],
        "coverage": {"targets": len(facts.budgets), "with_data": with_data},
        "critical_alerts": {
            "open": facts.critical_alerts,
            "shown": [{"id": each.alert_id, "title": each.title} for each in facts.alerts],
        },
        "in_progress": [
            {"deployment_id": each.deployment_id, "version": each.version or None} for each in facts.running[:SHOWN]
        ],
        "current": None
        if current is None
        else {
            "deployment_id": current.deployment_id,
            "version": current.version or None,
            "verdict": current.verdict,
        },
        "override": override_json(facts.override),
    }


def override_json(row: OverrideFact | None) -> dict[str, Any] | None:
    return (
        None
        if row is None
        else {
            "id": row.override_id,
            "version": row.version or None,
            "reason": row.reason,
            "created_by": row.created_by,
            "created_at": row.created_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        }
    )


def _window(each: WindowFact, facts: Facts) -> dict[str, Any]:
    known = each.calendar == "" or (each.market is not None and each.market.knows(facts.at))
    return {
        "id": each.window_id,
        "name": each.name,
        "rule": each.rule,
        "calendar": each.calendar or None,
        "is_known": known,
        "lets_out": timed.lets_out(each, facts.at),
    }


def _budget(each: BudgetFact) -> dict[str, Any]:
    return {
        "target": each.name,
        "environment": each.environment,
        "remaining": each.remaining,
        "is_spent": each.is_spent,
        "burn": each.burn_rate,
        "pace": each.burn or None,
        "coverage": each.coverage,
        "read_at": None if each.read_at is None else each.read_at.isoformat(),
    }


def _urgency(each: BudgetFact) -> tuple[bool, bool, float, str]:
    remaining = float("inf") if each.remaining is None else each.remaining
    return not each.is_spent, each.burn != "page", remaining, each.name
