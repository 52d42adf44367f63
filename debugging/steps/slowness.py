"""What was slow in the trace? Against how long such requests usually take, and by the spans' own time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.words import seconds_words
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.contexts.tracing import slowest_of
from debugging.steps.answers import Answer, unknown
from tradewatch.performance.traces.queries import overall
from tradewatch.performance.traces.tree import Node
from tradewatch.performance.traces.whole import Whole, read_whole

KEY = StepKey.SLOW
USUAL_OVER = timedelta(hours=24)
USUAL_QUANTILE = 0.95
LEAST_MEASURED = 20  # of the usual ones


@dataclass(frozen=True, slots=True)
class Timed:
    """How long it took, and `usual`, which 95% of `measured` such requests do not exceed (None: too few).

    `slowest` is the span with most time of its own; `findings` name what the trace itself shows, e.g. an N+1 query.
    """

    name: str
    seconds: float
    usual: float | None
    measured: int
    slowest: str
    slowest_seconds: float
    findings: Sequence[str] = ()


def ask(subject: Subject) -> Answer:
    if not subject.trace_id:
        return unknown(KEY, "The error names no trace.")
    whole = read_whole([subject.project.pk], subject.trace_id)
    request = _request_of(whole, subject) if whole else None
    if whole is None or request is None:
        return unknown(KEY, "No span of its trace is stored: of all traces only a choice is kept.")
    return judge(_timed(whole, request, subject), link=f"/traces/{whole.trace_id}")


def judge(timed: Timed, *, link: str) -> Answer:
    evidence = {
        "transaction": timed.name,
        "seconds": timed.seconds,
        "usual_p95_seconds": timed.usual,
        "measured": timed.measured,
        "slowest": timed.slowest,
        "slowest_own_seconds": timed.slowest_seconds,
        "findings": list(timed.findings),
        "link": link,
    }
    took = f"{timed.name} took {seconds_words(timed.seconds)}"
    part = f"most of its own time in {timed.slowest}, {seconds_words(timed.slowest_seconds)}"
    found = f" Found in it: {', '.join(timed.findings)}." if timed.findings else ""
    if timed.usual is None:
        words = f"{took}; how long it usually takes is not known ({timed.measured} measured in 24 h). It spent {part}."
        return Answer(KEY, Finding.YES if timed.findings else Finding.UNKNOWN, words + found, evidence)
    usual = f"95% of {timed.measured:,} in 24 h take {seconds_words(timed.usual)} or less"
    is_slow = timed.seconds > timed.usual
    words = f"{took}, where {usual}: {part}." if is_slow else f"{took}, as usual: {usual}."
    return Answer(KEY, Finding.YES if is_slow or timed.findings else Finding.NO, (words + found)[:500], evidence)


def _request_of(whole: Whole, subject: Subject) -> Node | None:
    """Return the transaction that the error happened in; else the trace's main one."""
    nodes = whole.trace.nodes
    for node in nodes:
        if any(mark.event_id == subject.error_id for mark in node.errors):
            inside = (each for each in nodes if each.span.is_transaction and each.span.segment == node.span.segment)
            return next(inside, node)
    return nodes[whole.trace.main] if whole.trace.main is not None else None


def _timed(whole: Whole, request: Node, subject: Subject) -> Timed:
    end = int(subject.at.timestamp())
    usual = overall(
        [subject.project.pk],
        end - int(USUAL_OVER.total_seconds()),
        end,
        environment=subject.environment,
        name=request.span.name,
    )
    slowest = slowest_of(whole)[0]
    return Timed(
        name=request.span.name,
        seconds=request.seconds,
        usual=usual.percentile(USUAL_QUANTILE) if usual.measured >= LEAST_MEASURED else None,
        measured=usual.measured,
        slowest=f"{slowest.span.op} {slowest.span.name[:100]}".strip(),
        slowest_seconds=slowest.own_seconds,
        findings=[f"{each.kind.label} {each.pattern[:100]}" for each in whole.findings[:2]],
    )
