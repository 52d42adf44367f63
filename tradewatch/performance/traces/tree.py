"""One trace as a tree: spans of several services under each other, with what they took. Pure.

Whatever clients send has its place: each span is in the tree exactly once, under its parent where that is known. A
span whose parent did not come stands under its own transaction, a transaction without one is a root, and a circle is
cut at its earliest span. Nothing here calls itself: traces may be thousands of spans deep.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

# Clocks of two machines are never quite one; less than this is no reason to move anything.
SKEW_SECONDS = 0.001
GRACE_SECONDS = 0.01
WAITING_OPS = ("http.client", "rpc", "grpc")  # the caller waits for the answer: what it waits for ends before it
PAGE_OPS = ("pageload", "navigation")  # a page load begins before the request that names its trace


@dataclass(frozen=True, slots=True)
class Span:
    """A span or transaction as its client sent it. Times are epoch seconds on the clock of its machine.

    `segment` is the span id of its transaction; `category` what it waits for (`db`, `http`, `cache`, ...); `pattern`
    its name with literals and ids taken out; `host` its machine and `answer_bytes` the answer's size, where known.
    """

    span_id: str
    parent_id: str
    segment: str
    project_id: int
    service: str
    op: str
    name: str
    start: float
    end: float
    category: str = "other"
    pattern: str = ""
    status: str = ""
    is_failed: bool = False
    is_transaction: bool = False
    host: str = ""
    release: str = ""
    environment: str = ""
    event_id: str = ""
    answer_bytes: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # further data and tags

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ErrorMark:
    """An error event of the trace: an instant, not a stretch."""

    at: float
    span_id: str
    project_id: int
    title: str
    severity: str
    href: str
    event_id: str = ""
    issue_id: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A span in its place. `start` and `end` are on the trace's clock: the span's own, moved by `shift` seconds.

    `own_seconds`: what no child covers. `path_seconds`: its part of the slowest path, the chain of spans that decided
    how long the trace took; those parts add up to the length of the trace's main span.
    `is_orphan`: it names a parent that did not come.
    """

    number: int
    span: Span
    parent: int | None
    depth: int
    children: tuple[int, ...]
    start: float
    end: float
    shift: float = 0.0
    own_seconds: float = 0.0
    path_seconds: float = 0.0
    is_orphan: bool = False
    errors: tuple[ErrorMark, ...] = ()

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Trace:
    """`nodes` in the order of reading: each before its children, siblings by start; `Node.number` is the index there.

    `main` is the longest root or page load (which outlasts the request that it came from); None for a trace without
    spans. `loose` are errors of spans that are not here.
    """

    nodes: tuple[Node, ...]
    roots: tuple[int, ...]
    main: int | None
    start: float
    end: float
    loose: tuple[ErrorMark, ...] = ()

    @property
    def seconds(self) -> float:
        return self.end - self.start


def build_trace(spans: Iterable[Span], errors: Iterable[ErrorMark] = ()) -> Trace:
    """Return the tree of `spans`. One that came twice counts once."""
    given = _distinct(spans)
    parents, orphans = _parents(given)
    _cut_circles(given, parents)
    children = _children(given, parents)
    order, depths = _reading_order(given, children)
    shifts = _shifts(given, order, parents)
    numbers = {index: number for number, index in enumerate(order)}
    marks, loose = _marks(given, list(errors))
    nodes = [
        Node(
            number=number,
            span=given[index],
            parent=None if (parent := parents[index]) is None else numbers[parent],
            depth=depths[index],
            children=tuple(numbers[child] for child in children[index]),
            start=given[index].start + shifts[index],
            end=given[index].end + shifts[index],
            shift=shifts[index],
            is_orphan=index in orphans,
            errors=tuple(replace(mark, at=mark.at + shifts[index]) for mark in marks[index]),
        )
        for number, index in enumerate(order)
    ]
    roots = tuple(node.number for node in nodes if node.parent is None)
    main = _main(nodes)
    path = {} if main is None else slowest_path(nodes, main)
    return Trace(
        nodes=tuple(
            replace(node, own_seconds=_own_seconds(node, nodes), path_seconds=path.get(node.number, 0.0))
            for node in nodes
        ),
        roots=roots,
        main=main,
        start=min((node.start for node in nodes), default=0.0),
        end=max((node.end for node in nodes), default=0.0),
        loose=tuple(loose),
    )


def slowest_path(nodes: Sequence[Node], root: int) -> dict[int, float]:
    """Return {node: seconds} of the chain that decided how long `root` took; the seconds add up to its length.

    Read from the end backwards: a span waits for the child that ends last, before that one began for the child that
    ended last by then, and so on; what is left is its own.
    """
    path: defaultdict[int, float] = defaultdict(float)
    waiting = [(root, nodes[root].start, nodes[root].end)]
    while waiting:
        number, first, last = waiting.pop()
        cursor = last
        for child in sorted((nodes[each] for each in nodes[number].children), key=lambda each: -each.end):
            start, end = max(child.start, first), min(child.end, cursor)
            if start < end:
                path[number] += cursor - end
                waiting.append((child.number, start, end))
                cursor = start
        path[number] += cursor - first
    return dict(path)


def _main(nodes: Sequence[Node]) -> int | None:
    whole = [node for node in nodes if node.parent is None or node.span.op in PAGE_OPS]
    return max(whole, key=lambda node: (node.seconds, -node.number)).number if whole else None


def _distinct(spans: Iterable[Span]) -> list[Span]:
    """Leave out what was delivered again. Spans without an id are never the same."""
    found: dict[tuple[object, ...], Span] = {}
    for index, each in enumerate(spans):
        found.setdefault((each.span_id or index, each.project_id, each.start, each.end, each.op, each.name), each)
    return list(found.values())


def _parents(spans: Sequence[Span]) -> tuple[list[int | None], set[int]]:
    """Return the index of each span's parent, and the spans whose parent did not come."""
    by_id: dict[str, int] = {}
    for index, span in enumerate(spans):
        if span.span_id:
            by_id.setdefault(span.span_id, index)
    parents: list[int | None] = []
    orphans = set()
    for index, span in enumerate(spans):
        parent = by_id.get(span.parent_id) if span.parent_id else None
        if parent is None and span.parent_id:
            orphans.add(index)
        if parent is None and not span.is_transaction:
            parent = by_id.get(span.segment)
        parents.append(None if parent == index else parent)
    return parents, orphans


def _cut_circles(spans: Sequence[Span], parents: list[int | None]) -> None:
    """Make the earliest span of each circle a root."""
    settled: set[int] = set()
    for index in range(len(spans)):
        walked: dict[int, int] = {}
        at: int | None = index
        while at is not None and at not in settled and at not in walked:
            walked[at] = len(walked)
            at = parents[at]
        if at in walked:
            circle = [each for each, step in walked.items() if step >= walked[at]]
            parents[min(circle, key=lambda each: (spans[each].start, each))] = None
        settled.update(walked)


def _children(spans: Sequence[Span], parents: Sequence[int | None]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in spans]
    for index, parent in enumerate(parents):
        if parent is not None:
            children[parent].append(index)
    for siblings in children:
        siblings.sort(key=lambda each: _by_start(spans, each))
    return children


def _by_start(spans: Sequence[Span], index: int) -> tuple[float, float, int]:
    return spans[index].start, -spans[index].end, index


def _reading_order(spans: Sequence[Span], children: Sequence[Sequence[int]]) -> tuple[list[int], dict[int, int]]:
    """Return the indexes, each before its children, and how deep each stands."""
    below = {child for siblings in children for child in siblings}
    roots = sorted(
        (index for index in range(len(spans)) if index not in below), key=lambda each: _by_start(spans, each)
    )
    order, depths = [], dict.fromkeys(roots, 0)
    waiting = list(reversed(roots))
    while waiting:
        index = waiting.pop()
        order.append(index)
        depths.update(dict.fromkeys(children[index], depths[index] + 1))
        waiting.extend(reversed(children[index]))
    return order, depths


def _shifts(spans: Sequence[Span], order: Sequence[int], parents: Sequence[int | None]) -> dict[int, float]:
    """Return by how many seconds each span is moved onto the clock of its root.

    Within one transaction, and between two of one machine, there is one clock. Else a child is moved as little as
    makes it possible: it cannot begin before what called it, nor end after who waits for it.
    """
    shifts: dict[int, float] = {}
    for index in order:
        parent = parents[index]
        if parent is None:
            shifts[index] = 0.0
        elif _one_clock(spans[parent], spans[index]):
            shifts[index] = shifts[parent]
        else:
            shifts[index] = _shift_into(spans[parent], shifts[parent], spans[index])
    return shifts


def _one_clock(parent: Span, child: Span) -> bool:
    return parent.segment == child.segment or (bool(parent.host) and parent.host == child.host)


def _shift_into(parent: Span, parent_shift: float, child: Span) -> float:
    start, end = parent.start + parent_shift, parent.end + parent_shift
    if child.op in PAGE_OPS and child.end >= start and child.start <= end:
        return 0.0
    # Servers end their span a little after the caller has its answer: that alone says nothing of their clock.
    grace = max(GRACE_SECONDS, child.seconds / 2)
    is_early = child.start < start - SKEW_SECONDS
    is_late = child.end > end + grace and parent.op.startswith(WAITING_OPS)
    if child.seconds <= parent.seconds and (is_early or is_late):
        return start + (parent.seconds - child.seconds) / 2 - child.start  # the way there as long as the way back
    return start - child.start if is_early or (is_late and child.start > end) else 0.0


def _own_seconds(node: Node, nodes: Sequence[Node]) -> float:
    """Return what of `node` no child covers."""
    covered, reached = 0.0, node.start
    for child in sorted((nodes[each] for each in node.children), key=lambda each: each.start):
        start, end = max(child.start, reached), min(child.end, node.end)
        if start < end:
            covered += end - start
            reached = end
    return max(0.0, node.seconds - covered)


def _marks(spans: Sequence[Span], errors: Sequence[ErrorMark]) -> tuple[dict[int, list[ErrorMark]], list[ErrorMark]]:
    by_id: dict[str, int] = {}
    for index, span in enumerate(spans):
        by_id.setdefault(span.span_id, index)
    marks: defaultdict[int, list[ErrorMark]] = defaultdict(list)
    loose = []
    for mark in sorted(errors, key=lambda each: each.at):
        found = by_id.get(mark.span_id) if mark.span_id else None
        if found is None:
            loose.append(mark)
        else:
            marks[found].append(mark)
    return marks, loose
