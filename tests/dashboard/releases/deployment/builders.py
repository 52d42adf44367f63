"""Findings of a look, with loud defaults, and looks that wrote them down."""

from datetime import timedelta
from typing import Any

from releases.models import Deployment, DeploymentLook
from releases.verdicts.evidence import (
    Basis,
    ErrorFinding,
    Evidence,
    Finding,
    IssueFinding,
    Judgement,
    LatencyFinding,
    Share,
    Stretch,
    Times,
    as_json,
)
from releases.verdicts.words import summary_of
from tests.releases.builders import MINUTE, NOW

WORSE, SAME, BETTER, FEW = Finding.WORSE, Finding.SAME, Finding.BETTER, Finding.FEW


def share(failed: int, requests: int) -> Share:
    return Share(failed, requests, failed / requests if requests else None)


def errors(endpoint: str = "POST /orders", finding: Finding = WORSE, **values: Any) -> ErrorFinding:
    """The mock's: 59 of 14,752 became 312 of 14,800."""
    defaults: dict[str, Any] = {
        "op": "http.server",
        "before": share(59, 14_752),
        "after": share(312, 14_800),
        "risk_ratio": 5.27,
        "at_least": 3.99,
        "at_most": 6.96,
        "more": 252.8,
        "q": 1e-40,
    }
    return ErrorFinding(endpoint=endpoint, finding=finding, **(defaults | values))


def latency(endpoint: str = "GET /positions", finding: Finding = SAME, **values: Any) -> LatencyFinding:
    defaults: dict[str, Any] = {
        "op": "http.server",
        "before": Times(5204, 0.05, 0.096),
        "after": Times(5188, 0.04, 0.071),
        "shift": 1.0,
        "a12": 0.5,
        "q": 0.4,
    }
    return LatencyFinding(endpoint=endpoint, finding=finding, **(defaults | values))


def issue(
    pk: int, finding: Finding = WORSE, *, is_new: bool = True, before: int = 0, after: int = 10, title: str = ""
) -> IssueFinding:
    return IssueFinding(pk, title or f"Error{pk}", "app.risk in check", finding, before, after, is_new)


def evidence(verdict: str = "unhealthy", **judged: Any) -> Evidence:
    counts = {"errors_asked": len(judged.get("errors", ())), "latencies_asked": len(judged.get("latencies", ()))}
    before, after = Stretch(NOW - 15 * MINUTE, NOW), Stretch(NOW + 3 * MINUTE, NOW + 18 * MINUTE)
    return Evidence(before, after, Basis.DIRECT, "the stretch directly before", Judgement(verdict, **(counts | judged)))


def make_look(row: Deployment, found: Evidence | None = None, *, minutes: int = 15, **fields: Any) -> DeploymentLook:
    """Write a look of `found`, and the deployment's verdict, as taking it does."""
    found = found or evidence(errors=(errors(),))
    verdict = found.judgement.verdict
    looked_at = (row.finished_at or row.started_at) + timedelta(minutes=minutes)
    Deployment.objects.filter(pk=row.pk).update(verdict=verdict, verdict_at=looked_at)
    values = {"verdict": verdict, "summary": summary_of(found), "evidence": as_json(found), **fields}
    return DeploymentLook.objects.create(deployment=row, minutes=minutes, looked_at=looked_at, **values)
