"""What makes a transaction slow for a reason that can be named: N+1 queries, slow ones, large answers. Pure.

Read from the spans of one or more transactions, with the limits of their project.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.limits import DEFAULT_LIMITS, Limits
from tradewatch.performance.traces.tree import Span

# Statements that steer a connection: many of them are no loop over rows.
NO_QUERIES = ("begin", "commit", "rollback", "savepoint", "release", "pragma", "set ", "show ", "connect")


@dataclass(frozen=True, slots=True)
class Finding:
    """`numbers` are the places of its spans in what was read. `seconds`: what those took together; `cost_seconds`: what
    one query in place of the repeated ones would save, else the same as `seconds`. `answer_bytes`: the largest."""

    kind: FindingKind
    project_id: int
    service: str
    transaction: str
    op: str
    pattern: str
    numbers: tuple[int, ...]
    seconds: float
    cost_seconds: float
    answer_bytes: int = 0

    @property
    def count(self) -> int:
        return len(self.numbers)


Key = tuple[FindingKind, str, str, str]  # the kind, the transaction's span id, the parent's (N+1), the pattern


def find(spans: Sequence[Span], limits_of: Mapping[int, Limits] | None = None) -> list[Finding]:
    """Return what is found, the costliest first: for each transaction and pattern one, N+1 for each parent.

    `limits_of`: {project id: its limits}; the default ones for a project that is not among them.
    """
    known = limits_of or {}
    groups: defaultdict[Key, list[int]] = defaultdict(list)
    for number, span in enumerate(spans):
        for key in _keys(span, known.get(span.project_id, DEFAULT_LIMITS)):
            groups[key].append(number)
    names = {span.segment: span.name for span in spans if span.is_transaction}
    found = [
        _finding(kind, spans, numbers, names)
        for (kind, *_), numbers in groups.items()
        if kind != FindingKind.N_PLUS_ONE or _is_n_plus_one([spans[number] for number in numbers], known)
    ]
    return sorted(found, key=lambda each: (-each.cost_seconds, each.numbers))


def _keys(span: Span, limits: Limits) -> Iterator[Key]:
    pattern = span.pattern or span.name
    if span.category == "db" and _is_query(pattern):
        yield FindingKind.N_PLUS_ONE, span.segment, span.parent_id, pattern
        if _reaches(span.seconds, limits.query_seconds):
            yield FindingKind.SLOW_QUERY, span.segment, "", pattern
    if span.category == "http" and not span.is_transaction and _reaches(span.seconds, limits.http_seconds):
        yield FindingKind.SLOW_HTTP, span.segment, "", pattern
    if span.answer_bytes is not None and span.answer_bytes >= limits.answer_bytes:
        yield FindingKind.LARGE_ANSWER, span.segment, "", pattern


def _is_query(pattern: str) -> bool:
    return bool(pattern) and not pattern.lower().startswith(NO_QUERIES)


def _is_n_plus_one(spans: Sequence[Span], limits_of: Mapping[int, Limits]) -> bool:
    limits = limits_of.get(spans[0].project_id, DEFAULT_LIMITS)  # all are of one transaction
    return len(spans) >= limits.repeats and _reaches(sum(span.seconds for span in spans), limits.repeats_seconds)


def _reaches(seconds: float, limit: float) -> bool:
    return seconds > limit - 1e-6  # differences of epoch seconds are exact to a microsecond


def _finding(kind: FindingKind, spans: Sequence[Span], numbers: Sequence[int], names: Mapping[str, str]) -> Finding:
    first = spans[numbers[0]]
    seconds = sum(spans[number].seconds for number in numbers)
    is_loop = kind == FindingKind.N_PLUS_ONE
    return Finding(
        kind=kind,
        project_id=first.project_id,
        service=first.service,
        transaction=names.get(first.segment, ""),
        op=first.op,
        pattern=first.pattern or first.name,
        numbers=tuple(numbers),
        seconds=seconds,
        cost_seconds=seconds * (1 - 1 / len(numbers)) if is_loop else seconds,
        answer_bytes=max(spans[number].answer_bytes or 0 for number in numbers),
    )
