"""What a deployment's page says first: what got worst, from what to what, and whether the looks agree. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from releases.choices import Verdict
from releases.verdicts.evidence import ErrorFinding, Evidence, Finding, IssueFinding, LatencyFinding
from tradewatch.dashboard import words
from tradewatch.dashboard.releases.deployment.comparing.errors import share_words
from tradewatch.dashboard.releases.deployment.comparing.latencies import speed_words

_NUMBERS = {2: "Both", 3: "All three"}


@dataclass(frozen=True, slots=True)
class Headline:
    """`said`: cause and effect in one sentence; `counts`: what it was made of."""

    said: str
    counts: str


def headline_of(evidence: Evidence) -> Headline | None:
    """Return the worst finding in words; None where nothing got worse."""
    judged = evidence.judgement
    for each in judged.errors:
        if each.finding == Finding.WORSE:
            return _of_errors(each)
    for slow in judged.latencies:
        if slow.finding == Finding.WORSE:
            return _of_latency(slow)
    for issue in judged.issues:
        if issue.finding == Finding.WORSE:
            return _of_issue(issue)
    return None


def agreement(verdicts: Sequence[tuple[int, str]]) -> str:
    """Return `Both looks agree.` or `Healthy after 5 min, unhealthy after 15 min.`; empty of a single one.

    `verdicts`: (minutes, verdict) of each look.
    """
    if len(verdicts) < 2:
        return ""
    if len({verdict for _, verdict in verdicts}) == 1:
        return f"{_NUMBERS.get(len(verdicts), 'All')} looks agree."
    said = ", ".join(f"{Verdict(verdict).label.lower()} after {minutes} min" for minutes, verdict in verdicts)
    return f"{said[0].upper()}{said[1:]}."


def stretch_words(evidence: Evidence) -> str:
    """Return `15 min each side, XNYS: in the session`, and what stands for before where that is not just before."""
    parts = [f"{evidence.after.minutes} min each side"]
    if evidence.phase:
        parts.append(evidence.phase)
    if evidence.basis != "direct":
        parts.append(f"before is {evidence.why}")
    if evidence.cut_by is not None:
        parts.append("cut where the next deployment began")
    return ", ".join(parts)


def _of_errors(each: ErrorFinding) -> Headline:
    before, after = share_words(each.before), share_words(each.after)
    return Headline(
        f"Errors on {each.endpoint} went from {before} to {after} after this deployment.",
        f"{each.after.failed:,} of {each.after.requests:,} requests, "
        f"before {each.before.failed:,} of {each.before.requests:,}.",
    )


def _of_latency(each: LatencyFinding) -> Headline:
    slower = speed_words(each.shift) if each.shift else "slower"
    p95 = f"p95 {words.seconds(each.before.p95)} before, {words.seconds(each.after.p95)} after"
    return Headline(
        f"{each.endpoint} is {slower} after this deployment.",
        f"{p95}, over {each.after.measured:,} requests and {each.before.measured:,} before.",
    )


def _of_issue(each: IssueFinding) -> Headline:
    if each.is_new:
        return Headline(
            f"{each.title} is new since this deployment.", f"{words.plural(each.after, 'event')}, none before."
        )
    return Headline(
        f"{each.title} got louder after this deployment.",
        f"{words.plural(each.after, 'event')}, before {each.before:,} in as long.",
    )
