"""Everything the page of one trace shows, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewatch.dashboard.traces.fall import axis_as_html, grid_as_html, lines_as_html
from tradewatch.dashboard.traces.found import history_words
from tradewatch.dashboard.traces.wording import FindingWords, finding_words, fine, status_words
from tradewatch.dashboard.words import plural
from tradewatch.performance.logs.lines import Line
from tradewatch.performance.logs.traces import TraceLine, logs_of_trace
from tradewatch.performance.models import TraceFinding
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.finding_queries import Place, known_findings
from tradewatch.performance.traces.findings import Finding
from tradewatch.performance.traces.parts import service_of
from tradewatch.performance.traces.tree import SKEW_SECONDS, ErrorMark, Node, Trace
from tradewatch.performance.traces.vitals import Vital
from tradewatch.performance.traces.waterfall import Waterfall, draw
from tradewatch.performance.traces.where import Share, where_time_went
from tradewatch.performance.traces.whole import Whole

FINDINGS_SHOWN = 5
RATINGS = {"good": "ok", "needs improvement": "warning", "poor": "bad"}
MARKS = {"warn": "warning", "error": "error", "fatal": "critical", "info": "info"}


@dataclass(frozen=True, slots=True)
class Head:
    """`badge` and `style` say how it ended."""

    title: str
    badge: str
    style: str
    started_at: datetime
    services: int


@dataclass(frozen=True, slots=True)
class Hero:
    level: str
    title: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Of the bar that says where the time went."""

    name: str
    words: str
    x: str
    width: str
    style: str


@dataclass(frozen=True, slots=True)
class Stat:
    name: str
    value: str
    detail: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    offset: str
    mark: str
    level: str
    service: str
    body: str
    is_hit: bool


def page_context(whole: Whole, project_ids: Sequence[int], *, is_path_only: bool) -> dict[str, Any]:
    trace = whole.trace
    waterfall = draw(trace, whole.findings, is_path_only=is_path_only)
    projects = {pk: project.name for pk, project in whole.projects.items()} if len(whole.projects) > 1 else {}
    words = [finding_words(finding, total_seconds=trace.seconds) for finding in whole.findings]
    known = known_findings(project_ids, [finding.pattern for finding in whole.findings])
    logs = logs_of_trace(project_ids, whole.trace_id, around=whole.started_at, until=whole.ended_at)
    return {
        "whole": whole,
        "trace": trace,
        "head": head_of(whole),
        "hero": hero_of(whole, words),
        "stats": stats_of(whole),
        "where": parts_of(trace, waterfall),
        "vitals": [_vital(each) for each in whole.vitals],
        "waterfall": waterfall,
        "lines": lines_as_html(waterfall, started=trace.start, projects=projects),
        "axis": axis_as_html(waterfall),
        "grid": grid_as_html(waterfall),
        "is_path_only": is_path_only,
        "notes": notes_of(whole, waterfall, is_path_only=is_path_only),
        "findings": [
            (each, _history(finding, whole, known))
            for each, finding in zip(words[:FINDINGS_SHOWN], whole.findings, strict=False)
        ],
        "findings_more": max(0, len(words) - FINDINGS_SHOWN),
        "errors": whole.errors,
        "logs": [_log_line(each, whole) for each in logs.lines],
        "logs_more": logs.has_more,
    }


def head_of(whole: Whole) -> Head:
    trace = whole.trace
    services = len({node.span.service for node in trace.nodes})
    if trace.main is None:
        return Head("Trace without spans", "error only", "bad", whole.started_at, services)
    main = _heading(trace)
    failed = main.span.is_failed
    words = status_words(main)
    badge = f"{'Failed' if failed else 'ok'} {words}".strip()
    return Head(
        main.span.name or main.span.op or "unnamed", badge, "bad" if failed else "ok", whole.started_at, services
    )


def hero_of(whole: Whole, findings: Sequence[FindingWords]) -> Hero | None:
    """Return what is to be seen first: the error, else what makes it slow; None when there is nothing to say."""
    if whole.errors:
        first = whole.errors[0]
        others = f" and {plural(len(whole.errors) - 1, 'other')}" if len(whole.errors) > 1 else ""
        return Hero("critical", first.title, _where_it_happened(whole, first) + others + ".", first.href)
    failed = [node for node in whole.trace.nodes if node.span.is_failed]
    if failed:
        deepest = max(failed, key=lambda node: (node.depth, -node.number))
        text = f"In {deepest.span.service}, after {fine(deepest.end - whole.start)}, without an error event."
        return Hero("warning", f"{deepest.span.name or deepest.span.op} failed: {status_words(deepest)}", text)
    if findings:
        return Hero("warning", findings[0].title, f"{findings[0].text} {findings[0].advice}".strip())
    return None


def stats_of(whole: Whole) -> list[Stat]:
    trace = whole.trace
    queries = [node for node in trace.nodes if node.span.category == "db"]
    alike = sum(found.count for found in whole.findings if found.kind == FindingKind.N_PLUS_ONE)
    services = {node.span.service for node in trace.nodes}
    detail = plural(len(queries), "query") + (f", {alike} alike" if alike else "")
    first = whole.errors[0].title.partition(":")[0] if whole.errors else "in this trace"
    return [
        Stat(
            "Took", fine(trace.seconds), plural(len(trace.roots), "root") if len(trace.roots) > 1 else "from end to end"
        ),
        Stat("Spans", f"{len(trace.nodes):,}", f"in {plural(len(services), 'service')}"),
        Stat("Database", fine(sum(node.seconds for node in queries)), detail),
        Stat("Errors", f"{len(whole.errors):,}", first, "up-bad" if whole.errors else ""),
    ]


def parts_of(trace: Trace, waterfall: Waterfall) -> list[Part]:
    styles = {service.name: service.style for service in waterfall.services}
    parts, at = [], 0.0
    for share in where_time_went(trace):
        words = f"{share.name} {share.ratio:.0%}"
        parts.append(Part(share.name, words, f"{at:.2f}%", f"{share.ratio * 100:.2f}%", _style(share, styles)))
        at += share.ratio * 100
    return parts


def notes_of(whole: Whole, waterfall: Waterfall, *, is_path_only: bool) -> list[str]:
    """Return what a reader must know of the picture: what was moved, left out, or did not come."""
    notes = []
    moved = {node.span.service: node.shift for node in whole.trace.nodes if abs(node.shift) >= SKEW_SECONDS}
    notes += [f"The clock of {service} differs by {fine(abs(shift))}; moved." for service, shift in moved.items()]
    orphans = sum(node.is_orphan for node in whole.trace.nodes)
    if orphans:
        notes.append(f"{plural(orphans, 'span')} named a parent that did not come, or is in a project you may not see.")
    if waterfall.hidden:
        notes.append(f"The {plural(waterfall.hidden, 'span')} that took least have no line; they are in the JSON.")
    if whole.left_out:
        notes.append(f"{plural(whole.left_out, 'span')} past the first 20,000 are left out.")
    return notes


def _history(finding: Finding, whole: Whole, known: Mapping[Place, TraceFinding]) -> list[str]:
    """Return how often it is met elsewhere, and whether it can be the cause of the trace's error."""
    row = known.get((finding.project_id, finding.transaction, finding.kind.value, finding.pattern[:500]))
    if row is None:
        return []
    passing = row.count - row.failed_count
    is_cause = [f"Not the cause of the error: {plural(passing, 'passing request')} had it too."]
    return [history_words(row), *(is_cause if whole.errors and passing else [])]


def _heading(trace: Trace) -> Node:
    """Return the span that names the trace: where it began, as far as that came."""
    return trace.nodes[trace.roots[0] if len(trace.roots) == 1 else trace.main or 0]


def _where_it_happened(whole: Whole, mark: ErrorMark) -> str:
    for node in whole.trace.nodes:
        if mark in node.errors:
            place = node.span.name or node.span.op
            return f"In {node.span.service}, {place[:80]}, {_after(mark.at - whole.start)}"
    return f"{_after(mark.at - whole.start)}, in a span that was not kept".capitalize()


def _after(seconds: float) -> str:
    return f"{fine(abs(seconds))} {'after' if seconds >= 0 else 'before'} the start"


def _style(share: Share, styles: Mapping[str, str]) -> str:
    if share.is_service:
        return styles.get(share.name, "s5")
    return {"database": "w-db", "network": "w-net"}.get(share.name, "w-more")  # greys: colours are services


def _vital(vital: Vital) -> Stat:
    value = fine(vital.value / 1000) if vital.is_time else f"{vital.value:.3f}"
    return Stat(vital.title, value, vital.rating, RATINGS[vital.rating])


def _log_line(found: TraceLine, whole: Whole) -> LogLine:
    line: Line = found.line
    at = line.at_us / 1e6 - whole.start
    level = line.level
    return LogLine(
        offset=("+" if at >= 0 else "") + fine(at),
        mark=MARKS.get(level, "none"),
        level=level,
        service=service_of(line.text("sentry.release"), _project_name(found.project_id, whole)),
        body=line.body[:1000],
        is_hit=level in ("error", "fatal"),
    )


def _project_name(project_id: int, whole: Whole) -> str:
    project = whole.projects.get(project_id)
    return project.name if project else ""
