"""A pair of issues that come together, in words: by minutes, by traces, or both."""

from alerts.words import counted
from debugging.choices import PatternKind
from debugging.patterns.found import Found
from debugging.patterns.together import Pair
from debugging.patterns.tracing import Traced
from debugging.steps.statistics import p_words
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Project


def pair_found(project: Project, other: Issue, pair: Pair | None, traced: Traced | None) -> Found:
    """Return the pattern of the rarer issue. One of `pair` and `traced` is there."""
    name = f"{project.slug.upper()}-{other.number}"
    said = [*([_traced_words(traced)] if traced else []), *([_pair_words(pair)] if pair else [])]
    evidence: dict[str, object] = {}
    if pair:
        evidence |= {
            "minutes": pair.both,
            "minutes_of": pair.minutes,
            "times": pair.onsets,
            "times_of": pair.onsets_of,
            "expected": round(pair.expected, 4),
            "lag_minutes": pair.lag,
        }
    if traced:
        evidence |= {
            "traces": traced.both,
            "traces_of": traced.traces,
            "other_traces": traced.other_traces,
            "every_trace": traced.every,
        }
    ps = [each.p for each in (pair, traced) if each]
    lifts = [each.lift for each in (pair, traced) if each]
    summary = f"Comes together with {name}: {'; '.join(said)} ({p_words(min(ps))}). {other.title[:150]}"
    return Found(
        PatternKind.TOGETHER, str(other.pk), summary[:500], round(max(lifts), 2), p=min(ps), evidence=evidence,
        other_id=other.pk,
    )  # fmt: skip


def _pair_words(pair: Pair) -> str:
    when = ""
    if pair.lag:
        when = f", {counted(abs(pair.lag), 'minute')} {'before' if pair.lag > 0 else 'after'} it"
    times = f"{pair.onsets} of {pair.onsets_of} times it came"
    return f"in {pair.both:,} of {pair.minutes:,} minutes, {times}{when}"


def _traced_words(traced: Traced) -> str:
    return f"in {traced.both:,} of {traced.traces:,} traces"
