"""What the gate had said when the deployment started."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from releases.choices import Decision
from releases.gate.queries import answer_before
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.gate.words import SAID, lines_of

WITHIN = timedelta(days=1)  # what it said longer before was said of another day


def gate_said(asked: Asked) -> Mapping[str, Any]:
    row = asked.row
    said = answer_before(row.project_id, row.environment, row.version, row.started_at)
    if said is None or said.asked_at < row.started_at - WITHIN:
        return {"gate_said": None}
    return {
        "gate_said": said,
        "gate_decision": SAID[Decision(said.decision)],
        "gate_lines": lines_of(said.reasons),
        "gate_override": (said.evidence or {}).get("override"),
    }
