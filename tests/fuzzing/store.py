"""A store in which each parameter of a path can meet a row."""

from typing import Any

from releases.models import DeploymentLook
from tests.hostile.rows import Side

_STRETCH = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:05:00Z", "shared": None}
_JUDGEMENT = {
    "errors": [],
    "latencies": [],
    "issues": [],
    **dict.fromkeys(("errors_asked", "latencies_asked", "issues_asked", "requests_before", "requests_after"), 0),
    "verdict": "healthy",
    "judged_share": None,
    "smallest": None,
    "level": 0.05,
}
# As a look writes it: the rows of a side have the empty default in such columns.
EVIDENCE: dict[str, Any] = {
    "before": _STRETCH,
    "after": _STRETCH,
    "basis": "session",
    "why": "the time before",
    "judgement": _JUDGEMENT,
    "market": "",
    "phase": "",
    "of_version": None,
    "cut_by": None,
}


def filled_side() -> Side:
    side = Side("zebra4242", 4242).fill()
    DeploymentLook.objects.update(evidence=EVIDENCE)
    return side
