"""The lines of a waterfall as HTML. Built here and not by a template: a trace may have a thousand of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tradewatch.dashboard.traces.wording import fine, status_words, tick
from tradewatch.performance.traces.tree import SKEW_SECONDS, ErrorMark
from tradewatch.performance.traces.waterfall import Bar, Line, Waterfall

DEEPEST = 12  # steps of indentation
MOST_FACTS = 16
MAX_VALUE = 300
NAME_SHOWN = 120
# What the line says already.
SAID = frozenset({"sentry.op", "sentry.origin", "status", "thread.id", "sentry.segment.id", "sentry.segment.name"})
DIAMOND = mark_safe('<path d="m0-6 6 6-6 6-6-6z"/>')


def lines_as_html(waterfall: Waterfall, *, started: float, projects: Mapping[int, str]) -> SafeString:
    """Return the `<li>` of every line. `started`: when the trace did; `projects`: names by id, if there are several."""
    pen = _Pen(started, projects)
    return format_html_join("\n", "{}", ((pen.line(line),) for line in waterfall.lines))


def chain_as_html(waterfall: Waterfall, *, href: str) -> SafeString:
    """Return the `<li>` of every line as a link to the whole trace."""
    pen = _Pen(waterfall.lines[0].node.start if waterfall.lines else 0.0, {})
    lines = ((pen.style(line), href, pen.name(line, 0), pen.picture(line)) for line in waterfall.lines)
    return format_html_join("\n", '<li class="{}"><a class="plain fall-row" href="{}">{}{}</a></li>', lines)


def axis_as_html(waterfall: Waterfall) -> SafeString:
    """Return the axis's texts."""
    texts = (("" if each.x < 1 else "mid", _percent(each.x), tick(each.seconds)) for each in waterfall.ticks)
    return format_html_join("", '<text class="{}" x="{}" y="50%">{}</text>', texts)


def grid_as_html(waterfall: Waterfall) -> SafeString:
    """Return the lines behind all bars, once for all of them."""
    lines = ((_percent(each.x),) * 2 for each in waterfall.ticks)
    return format_html_join("", '<line class="g" x1="{}" x2="{}" y1="0" y2="100%"/>', lines)


class _Pen:
    def __init__(self, started: float, projects: Mapping[int, str]) -> None:
        self.started, self.projects = started, projects

    def line(self, line: Line, *, below: int = 0) -> SafeString:
        return format_html(
            '<li class="{}"><details class="span"><summary class="fall-row">{}{}</summary>{}</details></li>',
            self.style(line),
            self.name(line, below),
            self.picture(line),
            self.fold(line) if line.is_fold else self.detail(line),
        )

    def style(self, line: Line) -> str:
        return "bad" if line.is_failed else ""

    def name(self, line: Line, below: int) -> SafeString:
        node, span = line.node, line.node.span
        names = {each.span.pattern for each in line.nodes}
        name = span.name if not line.is_fold else span.pattern if len(names) == 1 else "different files"
        return format_html(
            '<span class="clip d{}"><i class="svc {}"></i><span class="faint">{}</span> {}'
            '<span class="{}" title="{}">{}{}</span>'
            '<span class="sr">, {}, level {}, starts at {}, takes {}{}</span></span>',
            min(node.depth + below, DEEPEST),
            line.style,
            span.op,
            format_html('<span class="badge warning">{}</span> ', line.badge) if _is_verdict(line.badge) else "",
            "whole name" if span.is_transaction else "name",
            name[:MAX_VALUE],
            f"{len(line.nodes)} × " if line.is_fold else "",
            name[:NAME_SHOWN] or "unnamed",
            span.service,
            node.depth + 1,
            fine(node.start - self.started),
            self.took(line),
            ", failed" if line.is_failed else "",
        )

    def picture(self, line: Line) -> SafeString:
        marks = ((_percent(x), DIAMOND) for x in line.marks)
        return format_html(
            '<svg class="fall-t" aria-hidden="true">{}<text class="{}" x="{}" dx="{}" y="50%">{}</text>{}</svg>',
            format_html_join("", '<rect class="{}" x="{}" width="{}"/>', map(_bar, line.bars)),
            {"right": "", "inside": "in left", "left": "left"}[line.label.place],
            _percent(line.label.x),
            8 if line.label.place == "right" else -8,
            self.took(line),
            format_html_join("", '<svg class="at" x="{}" y="50%">{}</svg>', marks),
        )

    def took(self, line: Line) -> str:
        words = status_words(line.node)
        if line.is_fold:
            return f"{fine(line.seconds)} in {len(line.nodes)}"
        return f"{fine(line.seconds)}, {words}" if words else fine(line.seconds)

    def fold(self, line: Line) -> SafeString:
        more = len(line.nodes) - len(line.members)
        return format_html(
            '<ol class="fall folded">{}</ol>{}',
            format_html_join("\n", "{}", ((self.line(member, below=1),) for member in line.members)),
            format_html('<p class="span-more faint small">{} more are in the JSON.</p>', more) if more else "",
        )

    def detail(self, line: Line) -> SafeString:
        return format_html(
            '<div class="span-more">{}<dl class="kv mono">{}</dl></div>',
            format_html_join("", "{}", ((_error(mark),) for mark in line.node.errors)),
            format_html_join("", "<dt>{}</dt><dd>{}</dd>", self.facts(line)),
        )

    def facts(self, line: Line) -> Iterator[tuple[str, object]]:
        node, span = line.node, line.node.span
        if len(span.name) > NAME_SHOWN or span.category == "db":
            yield "name", span.name[:2000]
        yield "began", f"+{fine(node.start - self.started)}"
        yield "took", _lengths(node.seconds, node.own_seconds, node.path_seconds)
        yield "service", f"{span.service} {span.release.partition('@')[2]}".strip()
        if span.project_id in self.projects:
            yield "project", self.projects[span.project_id]
        if span.status:
            yield "status", span.status
        if abs(node.shift) >= SKEW_SECONDS:
            yield "clock", f"moved by {fine(node.shift)}: its machine's clock differs"
        if node.is_orphan:
            yield "parent", f"{span.parent_id}, which did not come"
        yield "span id", span.span_id or "none"
        yield from _facts(span.facts)


def _lengths(seconds: float, own: float, path: float) -> str:
    words = [fine(seconds)]
    if own < seconds - 5e-6:
        words.append(f"{fine(own)} of it its own")
    if path > 0:
        words.append(f"{fine(path)} on the slowest path")
    return ", ".join(words)


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    told = [(name, value) for name, value in facts.items() if name not in SAID and value not in ("", None, [], {})]
    for name, value in told[:MOST_FACTS]:
        yield name[:100], str(value)[:MAX_VALUE]
    if len(told) > MOST_FACTS:
        yield "", f"{len(told) - MOST_FACTS} more in the JSON"


def _error(mark: ErrorMark) -> SafeString:
    return format_html(
        '<p><i class="mark {}" title="{}"></i> <a href="{}"><b>{}</b></a></p>',
        mark.severity, mark.severity, mark.href, mark.title,
    )  # fmt: skip


def _is_verdict(badge: str) -> bool:
    return bool(badge) and not badge.startswith("×")


def _bar(bar: Bar) -> tuple[str, str, str]:
    return bar.style, _percent(bar.x), _percent(bar.width)


def _percent(value: float) -> str:
    return f"{value:.2f}%"
