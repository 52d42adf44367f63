"""A trace as JSON: what the endpoint answers and the page lets download. Times are ISO 8601, lengths seconds."""

from datetime import UTC, datetime
from typing import Any

from tradewatch.performance.traces.findings import Finding
from tradewatch.performance.traces.tree import ErrorMark, Node
from tradewatch.performance.traces.where import where_time_went
from tradewatch.performance.traces.whole import Whole


def trace_as_json(whole: Whole) -> dict[str, Any]:
    trace = whole.trace
    return {
        "trace_id": whole.trace_id,
        "started_at": _moment(whole.start),
        "seconds": _seconds(trace.seconds),
        "main_span_id": None if trace.main is None else trace.nodes[trace.main].span.span_id,
        "where": [
            {"name": share.name, "seconds": _seconds(share.seconds), "ratio": round(share.ratio, 4)}
            for share in where_time_went(trace)
        ],
        "web_vitals": {vital.name: {"value": vital.value, "rating": vital.rating} for vital in whole.vitals},
        "findings": [_finding(finding, whole) for finding in whole.findings],
        "errors": [_error(mark, whole) for mark in whole.errors],
        "spans": [_span(node, whole) for node in trace.nodes],
        "spans_left_out": whole.left_out,
    }


def _span(node: Node, whole: Whole) -> dict[str, Any]:
    span = node.span
    return {
        "span_id": span.span_id,
        "parent_span_id": span.parent_id or None,
        "is_transaction": span.is_transaction,
        "has_lost_parent": node.is_orphan,
        "project": _slug(span.project_id, whole),
        "service": span.service,
        "op": span.op,
        "name": span.name,
        "pattern": span.pattern,
        "status": span.status or None,
        "is_failed": span.is_failed,
        "started_at": _moment(node.start),
        "seconds": _seconds(node.seconds),
        "own_seconds": _seconds(node.own_seconds),
        "path_seconds": _seconds(node.path_seconds),
        "shifted_seconds": _seconds(node.shift),
        "depth": node.depth,
        "event_id": span.event_id or None,
        "release": span.release or None,
        "environment": span.environment or None,
        "data": dict(span.facts),
    }


def _error(mark: ErrorMark, whole: Whole) -> dict[str, Any]:
    return {
        "event_id": mark.event_id,
        "issue_id": mark.issue_id,
        "project": _slug(mark.project_id, whole),
        "title": mark.title,
        "severity": mark.severity,
        "occurred_at": _moment(mark.at),
        "span_id": mark.span_id or None,
    }


def _finding(finding: Finding, whole: Whole) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "project": _slug(finding.project_id, whole),
        "service": finding.service,
        "transaction": finding.transaction,
        "op": finding.op,
        "pattern": finding.pattern,
        "count": finding.count,
        "seconds": _seconds(finding.seconds),
        "cost_seconds": _seconds(finding.cost_seconds),
        "answer_bytes": finding.answer_bytes or None,
        "span_ids": [whole.trace.nodes[number].span.span_id for number in finding.numbers],
    }


def _slug(project_id: int, whole: Whole) -> str:
    project = whole.projects.get(project_id)
    return project.slug if project else ""


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="microseconds")


def _seconds(seconds: float) -> float:
    return round(seconds, 6)
