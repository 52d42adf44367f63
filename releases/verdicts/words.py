"""A look in words: one line a person can read at night. Values in, words out."""

from collections.abc import Iterator

from alerts.words import counted, one_line, percent_words, seconds_words
from releases.choices import Verdict
from releases.verdicts.evidence import ErrorFinding, Evidence, Finding, IssueFinding, Judgement, LatencyFinding

MOST_NAMED = 3


def summary_of(evidence: Evidence) -> str:
    """Return e.g. `errors 0.4% -> 2.1% on POST /orders, 312 of 14,800; new: KeyError in risk.check`."""
    judged = evidence.judgement
    if judged.verdict == Verdict.UNHEALTHY:
        parts = list(_worse(judged))
    elif judged.verdict == Verdict.HEALTHY:
        parts = [_healthy_words(judged), *_new_words(judged)]
    else:
        parts = [_insufficient_words(judged), *_new_words(judged)]
    return one_line("; ".join(parts), limit=500)


def error_words(each: ErrorFinding) -> str:
    before = "0%" if not each.before.failed else percent_words(each.before.ratio or 0.0)
    after = percent_words(each.after.ratio or 0.0)
    return f"errors {before} -> {after} on {each.endpoint}, {each.after.failed:,} of {each.after.requests:,}"


def latency_words(each: LatencyFinding) -> str:
    slower = f"{(each.shift or 1) - 1:.0%} slower"
    if each.before.p95 is None or each.after.p95 is None:
        return f"{each.endpoint} {slower}"
    p95 = f"p95 {seconds_words(each.before.p95)} -> {seconds_words(each.after.p95)}"
    return f"{each.endpoint} {slower}, {p95} over {each.after.measured:,}"


def issue_words(each: IssueFinding) -> str:
    """Return `KeyError in risk.check`, the words under which people find it."""
    place = each.culprit.replace(" in ", ".")
    return f"{each.title} in {place}" if place else each.title


def _worse(judged: Judgement) -> Iterator[str]:
    errors = [each for each in judged.errors if each.finding == Finding.WORSE]
    latencies = [each for each in judged.latencies if each.finding == Finding.WORSE]
    louder = [each for each in judged.issues if each.finding == Finding.WORSE and not each.is_new]
    yield from (error_words(each) for each in errors[:MOST_NAMED])
    yield from (latency_words(each) for each in latencies[:MOST_NAMED])
    if hidden := len(errors[MOST_NAMED:]) + len(latencies[MOST_NAMED:]):
        yield f"and {counted(hidden, 'more finding')}"
    yield from _new_words(judged)
    if louder:
        yield "louder: " + ", ".join(f"{issue_words(each)} ({each.before:,} -> {each.after:,})" for each in louder[:3])


def _new_words(judged: Judgement) -> Iterator[str]:
    """Yield the new issues: of a look that is unhealthy those first that made it so."""
    new = [each for each in judged.issues if each.is_new]
    if new:
        named = ", ".join(f"{issue_words(each)} ({each.after:,})" for each in new[:MOST_NAMED])
        more = f" and {len(new) - MOST_NAMED} more" if len(new) > MOST_NAMED else ""
        yield f"new: {named}{more}"


def _healthy_words(judged: Judgement) -> str:
    failed = sum(each.after.failed for each in judged.errors)
    every = sum(each.after.requests for each in judged.errors)
    share = f", {percent_words(failed / every)} failed" if every else ""
    return f"nothing got worse on {counted(judged.errors_asked, 'endpoint')}, {judged.requests_after:,} requests{share}"


def _insufficient_words(judged: Judgement) -> str:
    if not judged.requests_after:
        return "no request in the stretch after"
    if not judged.requests_before:
        return "no request in the stretch before to compare with"
    compared = f"{judged.requests_after:,} requests against {judged.requests_before:,} are too few"
    if judged.smallest is None:
        return compared
    if judged.smallest.ratio is None:
        return f"{compared}: on {judged.smallest.endpoint} not even all of them failing would have shown"
    ratio = percent_words(judged.smallest.ratio)
    return f"{compared}: only a rise to {ratio} or more on {judged.smallest.endpoint} would have shown"
