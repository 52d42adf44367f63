"""How a trace reads: short lengths of time with three digits, and what was found in a sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.dashboard.words import percent, size
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.findings import Finding
from tradewatch.performance.traces.tree import Node

BADGES: Mapping[FindingKind, str] = {
    FindingKind.N_PLUS_ONE: "N+1",
    FindingKind.SLOW_QUERY: "Slow query",
    FindingKind.SLOW_HTTP: "Slow request",
    FindingKind.LARGE_ANSWER: "Large answer",
}


@dataclass(frozen=True, slots=True)
class FindingWords:
    """`advice` says what would help; empty where nothing general does."""

    title: str
    badge: str
    text: str
    pattern: str
    advice: str


def fine(seconds: float) -> str:
    """Return a length of time with about three digits: `0.13 ms`, `84.0 ms`, `1.24 s`, `3 min 5 s`."""
    ms = abs(seconds) * 1000
    sign = "−" if seconds < 0 else ""
    if ms < 0.005:
        return "0 ms"
    if ms < 9.995:
        return f"{sign}{ms:.2f} ms"
    if ms < 999.95:
        return f"{sign}{ms:.1f} ms"
    if ms < 59_995:
        return f"{sign}{ms / 1000:.2f} s"
    minutes, rest = divmod(round(ms / 1000), 60)
    return f"{sign}{minutes} min {rest} s" if rest else f"{sign}{minutes} min"


def tick(seconds: float) -> str:
    """Return a round moment as short as it is: `20 ms`, `1.5 s`."""
    return f"{seconds * 1000:g} ms" if seconds < 0.9995 else f"{seconds:g} s"


def status_words(node: Node) -> str:
    """Return what the answer was: the HTTP status where there is one, else the status of what failed."""
    code = node.span.facts.get("http.response.status_code")
    if isinstance(code, int) or (isinstance(code, str) and code.isdigit()):
        return str(code)
    return node.span.status if node.span.is_failed else ""


def finding_words(finding: Finding, *, total_seconds: float) -> FindingWords:
    """`total_seconds`: how long the whole trace took."""
    took = fine(finding.seconds)
    share = f" ({percent(min(1.0, finding.seconds / total_seconds))} of the trace)" if total_seconds > 0 else ""
    text, advice = {
        FindingKind.N_PLUS_ONE: (
            f"The same query ran {finding.count} times under one span: {took} of {fine(total_seconds)}.",
            f"One query for all would save about {fine(finding.cost_seconds)}.",
        ),
        FindingKind.SLOW_QUERY: (f"{_times(finding, 'This query')} took {took}{share}.", ""),
        FindingKind.SLOW_HTTP: (f"{_times(finding, 'This request')} took {took}{share}.", ""),
        FindingKind.LARGE_ANSWER: (
            f"The answer was {size(finding.answer_bytes)} and took {took}{share}.",
            "Pages, fewer fields or compression make it smaller.",
        ),
    }[finding.kind]
    badge = BADGES[finding.kind]
    return FindingWords(f"{badge} in {finding.service}", badge, text, finding.pattern, advice)


def _times(finding: Finding, subject: str) -> str:
    return subject if finding.count == 1 else f"{subject} ran {finding.count} times and"
