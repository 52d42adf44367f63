"""The lines of one trace: what stands beside an error, and under a waterfall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.performance.logs.lines import Line, microseconds
from tradewatch.performance.logs.reading import hex_id
from tradewatch.performance.logs.stored import Placed, Stretch, blocks_within

MARGIN = timedelta(hours=1)
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A line and whose it is."""

    project_id: int
    environment: str
    line: Line


@dataclass(frozen=True, slots=True)
class TraceLines:
    """In order of time. `has_more`: the trace has further lines in the time that was asked about."""

    lines: tuple[TraceLine, ...]
    has_more: bool


def logs_of_trace(
    project_ids: Sequence[int],
    trace_id: str,
    *,
    around: datetime,
    until: datetime | None = None,
    margin: timedelta = MARGIN,
    limit: int = MOST_LINES,
) -> TraceLines:
    """Return the lines of a trace (32 hex digits) from `margin` before `around` to `margin` after `until`.

    `until` is `around` where it is left out: give start and end of a trace that takes long. Of more lines than `limit`
    those nearest to `around` are returned. Lines need no sampled trace: they are there when the trace itself is not.
    """
    trace_id = hex_id(trace_id, 32)
    if not trace_id or not project_ids:
        return TraceLines((), has_more=False)
    start_us, end_us = microseconds(around - margin), microseconds((until or around) + margin)
    found = [
        each
        for placed in blocks_within(Stretch(project_ids, start_us, end_us, trace_id=trace_id))
        for each in _lines_of(placed, trace_id)
        if start_us <= each.line.at_us < end_us
    ]
    center = microseconds(around)
    nearest = sorted(found, key=lambda each: abs(each.line.at_us - center))[:limit]
    return TraceLines(tuple(sorted(nearest, key=lambda each: each.line.place)), has_more=len(found) > limit)


def _lines_of(placed: Placed, trace_id: str) -> list[TraceLine]:
    block, wanted = placed.block, bytes.fromhex(trace_id)
    ids = block.packed.trace_ids
    code = next((at // 16 + 1 for at in range(0, len(ids), 16) if ids[at : at + 16] == wanted), 0)
    if not code:
        return []  # the bytes of two neighbours that together look like it
    return [
        TraceLine(block.project_id, block.environment, block.line(at))
        for at, each in enumerate(block.heads.trace_codes)
        if each == code
    ]
