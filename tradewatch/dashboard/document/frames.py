"""Stack frames: ours stand one by one, those of libraries fold, and the nearest ones get source and variables first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.shapes import Document, listed, mapping, pairs_of, text_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.highlight import coloured_lines, language_of
from tradewatch.dashboard.document.values import NO_HTML, pairs_html

_LIBRARY_ROOTS = re.compile(r"(?:site-packages|dist-packages|node_modules|lib/python[\d.]+)/")
_SCOPED_PACKAGE = re.compile(r"@[^/]+/[^/]+")
LINE_MARKUP = 230  # bytes around the words of a frame's line
MAX_VARIABLES_BYTES = 9_000
FEWEST_REPEATS = 3
LEAST_DETAIL = 600  # bytes without which no frame's details are tried
HIT = mark_safe(' class="hit"')


@dataclass(frozen=True, slots=True)
class Frame:
    """`source` and `variables` are finished HTML, empty when nothing was sent; `is_short`: they are in the raw JSON."""

    file: str
    function: str
    line: int | None
    is_ours: bool
    place: str = ""
    repeats: int = 1
    source: SafeString = NO_HTML
    variables: SafeString = NO_HTML
    is_short: bool = False
    raw: Document | None = None

    @property
    def has_detail(self) -> bool:
        return bool(self.source or self.variables)


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """Frames in a row. Ours stand one by one; those of libraries fold into one line named `label`.

    `is_first_detailed`: the frame to open first, the innermost of ours that has something to show.
    """

    is_ours: bool
    frames: list[Frame]
    label: str = ""
    is_first_detailed: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """The frames of one stack, the innermost first; `left_out` of them have no line on the page."""

    frames: list[Frame]
    left_out: int = 0

    @property
    def count(self) -> int:
        return sum(frame.repeats for frame in self.frames) + self.left_out

    def grouped(self, *, is_folded: bool) -> list[FrameGroup]:
        """Return the frames as shown: `is_folded` puts runs of library frames behind one line each."""
        has_ours = any(frame.is_ours for frame in self.frames)
        groups: list[FrameGroup] = []
        for is_ours, members in groupby(self.frames, key=lambda frame: frame.is_ours):
            run = list(members)
            if is_ours or len(run) == 1 or not is_folded or not has_ours:
                groups += [FrameGroup(is_ours or not has_ours, [frame]) for frame in run]
            else:
                groups.append(FrameGroup(False, run, label=_fold_label(run)))
        return _with_first(groups)


def read_stack(stacktrace: object, lines: Budget) -> Stack:
    """Return the stack with a line for each frame, as long as `lines` lasts; without source and variables yet."""
    frames: list[Frame] = []
    left_out = 0
    raw = listed(mapping(stacktrace).get("frames"))
    for frame in _without_repeats(_frame(mapping(each)) for each in reversed(raw)):
        if left_out or not lines.takes(frame.file + frame.function, markup=LINE_MARKUP):
            left_out += frame.repeats
        else:
            frames.append(frame)
    return Stack(frames, left_out)


def with_details(stacks: Sequence[Stack], budget: Budget, *, platform: str) -> list[Stack]:
    """Return the stacks with source and variables: our frames first, of the first stack first, from the innermost on.

    A frame whose details do not fit says that they are in the raw JSON.
    """
    places = [(number, place) for number, stack in enumerate(stacks) for place in range(len(stack.frames))]
    has_ours = [any(frame.is_ours for frame in stack.frames) for stack in stacks]

    def rank(at: tuple[int, int]) -> tuple[bool, int, int]:
        number, place = at
        return (has_ours[number] and not stacks[number].frames[place].is_ours, number, place)

    detailed = {at: _detailed(stacks[at[0]].frames[at[1]], budget, platform) for at in sorted(places, key=rank)}
    return [
        Stack([detailed[number, place] for place in range(len(stack.frames))], stack.left_out)
        for number, stack in enumerate(stacks)
    ]


# --- one frame -----------------------------------------------------------------------------------------------------
def _frame(frame: Document) -> Frame:
    line = frame.get("lineno")
    column = frame.get("colno")
    file = text_of(frame.get("filename")) or text_of(frame.get("module")) or text_of(frame.get("abs_path"))
    line = line if isinstance(line, int) and not isinstance(line, bool) else None
    return Frame(
        file=file or "unknown file",
        function=text_of(frame.get("function"), 120) or "unknown function",
        line=line,
        is_ours=bool(frame.get("in_app")),
        place="" if line is None else f":{line}" + (f":{column}" if isinstance(column, int) and column else ""),
        raw=frame,
    )


def _without_repeats(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield a frame that calls itself over and over once, with how often: a runaway recursion has hundreds."""
    for _, members in groupby(frames, key=lambda frame: (frame.file, frame.function, frame.line)):
        run = list(members)
        if len(run) < FEWEST_REPEATS:
            yield from run
        else:
            yield replace(run[0], repeats=len(run))


def _detailed(frame: Frame, budget: Budget, platform: str) -> Frame:
    raw = frame.raw or {}
    if budget.left < LEAST_DETAIL:
        is_short = raw.get("context_line") is not None or bool(raw.get("vars"))
        return replace(frame, is_short=is_short, raw=None)
    source = _source_html(raw, frame.line, language_of(frame.file, platform))
    room = Budget(min(MAX_VARIABLES_BYTES, budget.left - len(source.encode()) - LEAST_DETAIL // 2))
    variables = pairs_html(
        pairs_of(raw.get("vars")), room, style="vars", quotes="never" if platform == "python" else "always"
    )
    if (source or variables) and not budget.takes(source + variables, markup=80):
        return replace(frame, is_short=True, raw=None)
    return replace(frame, source=source, variables=variables, raw=None)


def _source_html(frame: Document, line: int | None, language: str) -> SafeString:
    """Return the lines around the call, numbered, the failing one marked; empty when the SDK sent none."""
    hit = frame.get("context_line")
    if hit is None:
        return NO_HTML
    before = listed(frame.get("pre_context"))[-20:]
    after = listed(frame.get("post_context"))[:20]
    lines = tuple(str(text) for text in [*before, hit, *after])
    first = None if line is None else line - len(before)
    items = [
        (
            NO_HTML if first is None else format_html(' data-n="{}"', max(first + offset, 0)),
            HIT if offset == len(before) else NO_HTML,
            html or " ",
        )
        for offset, html in enumerate(coloured_lines(lines, language))
    ]
    return format_html_join("", "<li{}{}>{}</li>", items)


def _with_first(groups: list[FrameGroup]) -> list[FrameGroup]:
    for place, group in enumerate(groups):
        if group.is_ours and group.frames[0].has_detail:
            return [*groups[:place], replace(group, is_first_detailed=True), *groups[place + 1 :]]
    return groups


# --- library frames ------------------------------------------------------------------------------------------------
def _fold_label(frames: Sequence[Frame]) -> str:
    names = dict.fromkeys(_library(frame.file) for frame in frames)
    shown = ", ".join([*names][:3]) + (" and others" if len(names) > 3 else "")
    return f"{sum(frame.repeats for frame in frames)} frames of {shown}"


def _library(file: str) -> str:
    tail = _LIBRARY_ROOTS.split(file.replace("\\", "/"))[-1].lstrip("/")
    if scoped := _SCOPED_PACKAGE.match(tail):
        return scoped[0]
    if tail.startswith("node:"):
        return "node"
    return tail.split("/")[0].removesuffix(".py") or file
