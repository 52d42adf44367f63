"""A trace as lines of a waterfall: x and width in percent, repeated siblings folded into one line. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.findings import Finding
from tradewatch.performance.traces.tree import Node, Trace

FOLD_FROM = 5  # alike leaves under one parent
MOST_LINES = 1000
MOST_MEMBERS = 100  # lines inside a fold
TICKS = 5
STYLES = ("s1", "s2", "s3", "s4", "s5")  # a service each, the rest share the last
FAILED = "err"
# Percent of the width: what a label needs inside its bar, and from where on it no longer fits to the right of it.
LABEL_FITS, LABEL_ENDS = 24.0, 74.0
THINNEST, NO_GAP = 0.15, 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    style: str


@dataclass(frozen=True, slots=True)
class Label:
    """Where a line's words stand: `right` of its bar, `inside` at its end, or `left` of it."""

    x: float
    place: str


@dataclass(frozen=True, slots=True)
class Line:
    """One span, or leaves that are alike folded into one. `marks` are the places of its errors.

    `badge`: `N+1`, `slow`, `large`, or how many are folded (`×12`); `members` the lines of those, at most 100 of them.
    """

    nodes: tuple[Node, ...]
    depth: int
    style: str
    bars: tuple[Bar, ...]
    label: Label
    marks: tuple[float, ...] = ()
    badge: str = ""
    members: tuple["Line", ...] = ()

    @property
    def node(self) -> Node:
        return self.nodes[0]

    @property
    def is_fold(self) -> bool:
        return len(self.nodes) > 1

    @property
    def seconds(self) -> float:
        """Return how long any of its spans ran: side by side they take no longer than one of them."""
        covered, reached = 0.0, -math.inf
        for node in sorted(self.nodes, key=lambda each: each.start):
            covered += max(0.0, node.end - max(node.start, reached))
            reached = max(reached, node.end)
        return covered

    @property
    def is_failed(self) -> bool:
        return self.node.span.is_failed or bool(self.marks)


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    style: str
    spans: int


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`hidden`: how many spans have no line because the trace has more than can be shown; the shortest are left out."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    services: tuple[Service, ...]
    hidden: int


@dataclass(slots=True)
class _Pen:
    """Knows the scale and what is worth a word."""

    trace: Trace
    styles: Mapping[str, str]
    badges: Mapping[int, str] = field(default_factory=dict)

    def line(self, nodes: Sequence[Node], members: Sequence[Node] = ()) -> Line:
        first = nodes[0]
        style = FAILED if first.span.is_failed or first.errors else self.styles[first.span.service]
        bars = tuple(_merged([self.bar(node, style) for node in nodes]))
        known = next((self.badges[node.number] for node in nodes if node.number in self.badges), "")
        return Line(
            nodes=tuple(nodes),
            depth=first.depth,
            style=style,
            bars=bars,
            label=_label(bars),
            marks=tuple(self.x(mark.at) for node in nodes for mark in node.errors),
            badge=known or (f"×{len(nodes)}" if len(nodes) > 1 else ""),
            members=tuple(self.line([node]) for node in members),
        )

    def bar(self, node: Node, style: str) -> Bar:
        x = self.x(node.start)
        width = max(self.x(node.end) - x, THINNEST)
        return Bar(min(x, 100 - THINNEST), min(width, 100 - min(x, 100 - THINNEST)), style)

    def x(self, moment: float) -> float:
        share = (moment - self.trace.start) / self.trace.seconds if self.trace.seconds > 0 else 0.0
        return min(max(share * 100, 0.0), 100.0)


def draw(
    trace: Trace,
    findings: Iterable[Finding] = (),
    *,
    is_path_only: bool = False,
    only: Set[int] | None = None,
    most: int = MOST_LINES,
) -> Waterfall:
    """Lay out `trace`, or its slowest path alone, or the nodes of `only`, each on a line of its own.

    `findings` are those of its nodes' spans, in their order.
    """
    services = _services(trace)
    pen = _Pen(trace, {service.name: service.style for service in services}, _badges(findings))
    units = _units(trace) if only is None else [[node] for node in trace.nodes if node.number in only]
    if is_path_only:
        units = [unit for unit in units if any(node.path_seconds > 0 for node in unit)]
    shown = _worth_a_line(trace, units, most)
    lines = [
        pen.line(unit, unit[:MOST_MEMBERS] if len(unit) > 1 else ())
        for number, unit in enumerate(units)
        if number in shown
    ]
    hidden = sum(len(unit) for number, unit in enumerate(units) if number not in shown)
    return Waterfall(tuple(lines), tuple(_ticks(trace)), tuple(services), hidden)


def _services(trace: Trace) -> list[Service]:
    """Return the services in the order in which they come in, each with its colour."""
    counts = Counter(node.span.service for node in trace.nodes)
    first: dict[str, float] = {}
    for node in trace.nodes:
        first[node.span.service] = min(node.start, first.get(node.span.service, math.inf))
    names = sorted(counts, key=lambda name: (first[name], name))
    return [Service(name, STYLES[min(at, len(STYLES) - 1)], counts[name]) for at, name in enumerate(names)]


def _badges(findings: Iterable[Finding]) -> dict[int, str]:
    words = {
        FindingKind.N_PLUS_ONE: "N+1",
        FindingKind.SLOW_QUERY: "slow",
        FindingKind.SLOW_HTTP: "slow",
        FindingKind.LARGE_ANSWER: "large",
    }
    badges: dict[int, str] = {}
    for finding in findings:
        for number in finding.numbers:
            if finding.kind == FindingKind.N_PLUS_ONE or number not in badges:
                badges[number] = words[finding.kind]
    return badges


def _units(trace: Trace) -> list[list[Node]]:
    """Return what stands on a line each, in the order of reading: a span, or leaves that are alike, at their first."""
    alike: defaultdict[tuple[object, ...], list[Node]] = defaultdict(list)
    for node in trace.nodes:
        if node.parent is not None and not node.children and not node.errors and not node.span.is_failed:
            span = node.span
            # A page loads hundreds of files: what tells them apart is seldom why it is slow.
            name = "" if span.op.startswith("resource.") else span.pattern or span.name
            alike[node.parent, span.service, span.op, name].append(node)
    folds = {nodes[0].number: nodes for nodes in alike.values() if len(nodes) >= FOLD_FROM}
    folded = {node.number for nodes in folds.values() for node in nodes}
    return [folds.get(node.number, [node]) for node in trace.nodes if node.number in folds or node.number not in folded]


def _worth_a_line(trace: Trace, units: Sequence[Sequence[Node]], most: int) -> Set[int]:
    """Return which of `units` get a line: what failed and whole transactions first, then what took longest, each with
    those that it stands under."""
    if len(units) <= most:
        return set(range(len(units)))
    places = {node.number: number for number, unit in enumerate(units) for node in unit}

    def telling(number: int) -> tuple[bool, bool, float]:
        node = units[number][0]
        return bool(node.errors) or node.span.is_failed, node.span.is_transaction, sum(n.seconds for n in units[number])

    shown: set[int] = set()
    for number in sorted(range(len(units)), key=telling, reverse=True):
        above = list(_missing_above(trace, units[number][0], places, shown))
        if len(shown) + len(above) <= most:
            shown.update(above)
    return shown


def _missing_above(trace: Trace, node: Node, places: Mapping[int, int], shown: Set[int]) -> Iterator[int]:
    at: Node | None = node
    while at is not None and places.get(at.number) is not None and places[at.number] not in shown:
        yield places[at.number]
        at = trace.nodes[at.parent] if at.parent is not None else None


def _merged(bars: Sequence[Bar]) -> Iterator[Bar]:
    """Join bars that nobody could tell apart: a fold may hold thousands."""
    at: Bar | None = None
    for bar in sorted(bars, key=lambda each: each.x):
        if at is None:
            at = bar
        elif bar.x <= at.x + at.width + NO_GAP:
            at = Bar(at.x, max(at.x + at.width, bar.x + bar.width) - at.x, at.style)
        else:
            yield at
            at = bar
    if at is not None:
        yield at


def _label(bars: Sequence[Bar]) -> Label:
    start, end = bars[0].x, bars[-1].x + bars[-1].width
    if end <= LABEL_ENDS:
        return Label(end, "right")
    if bars[-1].width >= LABEL_FITS:
        return Label(end, "inside")
    return Label(start, "left") if start > LABEL_FITS else Label(end, "inside")


def _ticks(trace: Trace) -> Iterator[Tick]:
    """Yield round moments: multiples of 1, 2 or 5 of a power of ten, about five of them."""
    if trace.seconds <= 0:
        yield Tick(0.0, 0.0)
        return
    rough = trace.seconds / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    for number in range(int(trace.seconds / step * 0.97) + 1):
        yield Tick(number * step / trace.seconds * 100, number * step)
