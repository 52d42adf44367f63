"""From counts to a verdict. Values in, values out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from releases.choices import Verdict
from releases.verdicts.errors import error_findings
from releases.verdicts.evidence import ErrorFinding, Finding, IssueFinding, Judgement, LatencyFinding, Smallest
from releases.verdicts.issues import issue_findings
from releases.verdicts.latency import latency_findings
from releases.verdicts.levels import LEVELS, Levels
from releases.verdicts.samples import Counted, Endpoint

MOST_ENDPOINTS, MOST_ISSUES = 50, 20  # that evidence lists; those that got worse first

F = TypeVar("F", ErrorFinding, LatencyFinding, IssueFinding)


def judge(counted: Counted, levels: Levels = LEVELS) -> Judgement:
    """Unhealthy: something got worse, significantly and by enough. Healthy: nothing did, and of most requests it would
    have shown. Else there is too little to tell."""
    errors = error_findings(counted.before, counted.after, levels, counted.noise.failures)
    latencies = latency_findings(counted.before, counted.after, levels, counted.noise.latency)
    issues = issue_findings(counted.issues, counted.shares_after, levels)
    share = _judged_share(errors)
    verdict = _verdict([*errors, *latencies, *issues], share, levels)
    return Judgement(
        verdict=verdict,
        errors=tuple(_listed(errors, lambda each: each.after.requests, MOST_ENDPOINTS)),
        latencies=tuple(_listed(latencies, lambda each: each.after.measured, MOST_ENDPOINTS)),
        issues=tuple(_listed([each for each in issues if _is_told(each)], lambda each: each.after, MOST_ISSUES)),
        errors_asked=len(errors),
        latencies_asked=len(latencies),
        issues_asked=len(issues),
        requests_before=sum(each.requests for each in counted.before.values()),
        requests_after=sum(each.requests for each in counted.after.values()),
        judged_share=share,
        smallest=_smallest(errors) if verdict == Verdict.INSUFFICIENT else None,
        level=levels.level,
    )


def worse_endpoints(findings: Sequence[ErrorFinding | LatencyFinding]) -> list[Endpoint]:
    return [Endpoint(each.endpoint, each.op) for each in findings if each.finding == Finding.WORSE]


def _verdict(
    findings: Sequence[ErrorFinding | LatencyFinding | IssueFinding], share: float | None, levels: Levels
) -> Verdict:
    if any(each.finding == Finding.WORSE for each in findings):
        return Verdict.UNHEALTHY
    return Verdict.HEALTHY if share is not None and share >= levels.judged_share else Verdict.INSUFFICIENT


def _judged_share(errors: Sequence[ErrorFinding]) -> float | None:
    """Return which share of requests after is of endpoints that tell something; None without requests."""
    every = sum(each.after.requests for each in errors)
    telling = sum(each.after.requests for each in errors if each.finding != Finding.FEW)
    return telling / every if every else None


def _smallest(errors: Sequence[ErrorFinding]) -> Smallest | None:
    """Return what the busiest of the endpoints that tell nothing could have shown; None without any."""
    few = [each for each in errors if each.finding == Finding.FEW and each.after.requests]
    busiest = max(few, key=lambda each: (each.after.requests, each.endpoint), default=None)
    return None if busiest is None else Smallest(busiest.endpoint, busiest.after.requests, busiest.smallest)


def _is_told(each: IssueFinding) -> bool:
    return each.is_new or each.finding == Finding.WORSE


def _listed(findings: Sequence[F], size: Callable[[F], int], most: int) -> list[F]:
    return sorted(findings, key=lambda each: (each.finding != Finding.WORSE, -size(each)))[:most]
