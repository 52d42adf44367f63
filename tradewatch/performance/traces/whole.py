"""One trace put together from what is stored: the kept parts of every project, and the errors that happened in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tradewatch.errors.models import Event
from tradewatch.performance.models import KeptTransaction
from tradewatch.performance.reading import epoch_of
from tradewatch.performance.traces.findings import Finding, find
from tradewatch.performance.traces.kept_queries import document_of, transactions_of_trace
from tradewatch.performance.traces.parts import About, read_part
from tradewatch.performance.traces.thresholds import finding_limits
from tradewatch.performance.traces.tree import ErrorMark, Span, Trace, build_trace
from tradewatch.performance.traces.vitals import Vital, read_vitals
from tradewatch.projects.models import Project

MOST_SPANS = 20_000
MOST_ERRORS = 100
DRIFT_SECONDS = 60.0  # a difference to the row's own moment that only a corrected clock makes


@dataclass(frozen=True, slots=True)
class Whole:
    """`left_out`: spans past the bound on what is put together at once. `findings` name places in `trace.nodes`."""

    trace_id: str
    trace: Trace
    findings: tuple[Finding, ...]
    vitals: tuple[Vital, ...]
    left_out: int = 0
    projects: Mapping[int, Project] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def ended_at(self) -> datetime:
        return datetime.fromtimestamp(max(self.trace.end, self.start), UTC)

    @property
    def start(self) -> float:
        marks = [mark.at for mark in self.trace.loose]
        return self.trace.start if self.trace.nodes else min(marks, default=0.0)

    @property
    def errors(self) -> list[ErrorMark]:
        found = [*(mark for node in self.trace.nodes for mark in node.errors), *self.trace.loose]
        return sorted(found, key=lambda mark: mark.at)


def plain_trace_id(text: str) -> str:
    """Return a trace id as it is stored: 32 hex digits; empty for what is none."""
    plain = text.strip().replace("-", "").lower()
    return plain if len(plain) == 32 and set(plain) <= set("0123456789abcdef") and set(plain) != {"0"} else ""


def read_whole(project_ids: Sequence[int], trace_id: str) -> Whole | None:
    """Return the trace as far as the projects have a part in it; None when neither a part nor an error is there."""
    trace_id = plain_trace_id(trace_id)
    if not trace_id:
        return None
    parts = transactions_of_trace(project_ids, trace_id)
    errors = _errors(project_ids, trace_id)
    if not parts and not errors:
        return None
    documents = [document_of(part) for part in parts]
    spans = [
        span
        for part, document in zip(parts, documents, strict=True)
        for span in read_part(document, _about(part, document))
    ]
    trace = build_trace(spans[:MOST_SPANS], errors)
    return Whole(
        trace_id=trace_id,
        trace=trace,
        findings=tuple(find([node.span for node in trace.nodes], finding_limits(part.project_id for part in parts))),
        vitals=tuple(read_vitals(documents)),
        left_out=max(0, len(spans) - MOST_SPANS),
        projects=Project.objects.in_bulk({part.project_id for part in parts} | {mark.project_id for mark in errors}),
    )


def spans_of(part: KeptTransaction) -> list[Span]:
    """Return the spans of one kept part."""
    document = document_of(part)
    return read_part(document, _about(part, document))


def _about(part: KeptTransaction, document: dict[str, Any]) -> About:
    said = epoch_of(document.get("start_timestamp"))
    drift = part.started_at.timestamp() - said if said is not None else 0.0
    return About(part.project_id, part.project.name, drift if abs(drift) > DRIFT_SECONDS else 0.0)


def _errors(project_ids: Sequence[int], trace_id: str) -> list[ErrorMark]:
    events = Event.objects.filter(trace_id=trace_id, project__in=project_ids, is_simulated=False)
    events = events.select_related("issue", "stored").order_by("timestamp", "pk")[:MOST_ERRORS]
    return [_mark(event) for event in events]


def _mark(event: Event) -> ErrorMark:
    contexts = event.payload.get("contexts")
    trace = contexts.get("trace") if isinstance(contexts, dict) else None
    span_id = trace.get("span_id") if isinstance(trace, dict) else None
    return ErrorMark(
        at=event.timestamp.timestamp(),
        span_id=span_id if isinstance(span_id, str) else "",
        project_id=event.project_id,
        title=event.issue.title,
        severity=event.severity,
        href=event.get_absolute_url(),
        event_id=event.event_id.hex,
        issue_id=event.issue_id,
    )
