"""The lines that are wanted, the newest first, a page at a time; and how many there are, by level and time.

A search has a bounded time. What it did not get to it says: up to which moment everything was searched, and where to go
on.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tradewatch.core.faults import Invalid
from tradewatch.performance.logs.blocks import Block
from tradewatch.performance.logs.lines import level_of
from tradewatch.performance.logs.search.checks import places_of
from tradewatch.performance.logs.search.wanted import Wanted
from tradewatch.performance.logs.stored import Placed, Stretch, blocks_within
from tradewatch.performance.logs.traces import TraceLine

LONGEST_SECONDS = 2.0
_CURSOR = re.compile(r"(\d{1,18})\.([0-9a-f]{1,9})")
_AFTER_ALL = 1 << 32  # greater than any checksum


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands in time (`Line.place`); what a page ends with and the next one starts after."""

    at_us: int
    check: int = _AFTER_ALL

    def __str__(self) -> str:
        return f"{self.at_us}.{self.check:x}"


def read_place(text: str) -> Place:
    """Return the place that a cursor names. Raises `Invalid`."""
    found = _CURSOR.fullmatch(text)
    if not found:
        raise Invalid("bad cursor", errors={"cursor": ["take it from `next` of the page before"]})
    return Place(int(found[1]), min(int(found[2], 16), _AFTER_ALL))


@dataclass(frozen=True, slots=True)
class Found:
    """`lines` in order, the newest first. `next`: where the following page starts; None: there is nothing further.

    `counts`: {(start of the step in epoch seconds, level): lines}, where they were asked for. `is_complete` False: time
    was up, and only what is later than `searched_to_us` was looked at.
    """

    lines: tuple[TraceLine, ...]
    next: Place | None
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    is_complete: bool = True
    searched_to_us: int = 0
    searched_lines: int = 0


def find(
    wanted: Wanted,
    stretch: Stretch,
    *,
    size: int,
    after: Place | None = None,
    step_seconds: int | None = None,
    longest_seconds: float = LONGEST_SECONDS,
) -> Found:
    """Return the newest `size` lines of `stretch` that stand after `after`; lines that are alike in all stay together.

    `step_seconds`: count all lines of the stretch too, in steps of that width.
    """
    narrowed = replace(stretch, levels=wanted.levels, trace_id=wanted.trace_id)
    if after is not None and step_seconds is None:
        narrowed = replace(narrowed, end_us=min(stretch.end_us, after.at_us + 1))
    search = _Search(wanted, narrowed, size, after, step_seconds)
    ends_at = time.monotonic() + longest_seconds
    for placed in blocks_within(narrowed):
        if search.is_done(placed.last_us):
            return search.result()
        if time.monotonic() > ends_at:
            return search.unfinished(placed.last_us)
        search.look_at(placed)
    return search.result()


def lines_of(wanted: Wanted, stretch: Stretch, *, most: int, longest_seconds: float = 60.0) -> Iterator[TraceLine]:
    """Yield the newest `most` lines, for a download."""
    after, ends_at = None, time.monotonic() + longest_seconds
    while most > 0 and time.monotonic() < ends_at:
        found = find(wanted, stretch, size=min(most, 1000), after=after)
        yield from found.lines
        most -= len(found.lines)
        after = found.next
        if after is None:
            return


_Hit = tuple[int, TraceLine]  # its moment first: most are only compared by it


class _Search:
    def __init__(
        self, wanted: Wanted, stretch: Stretch, size: int, after: Place | None, step_seconds: int | None
    ) -> None:
        self._wanted, self._stretch, self._size, self._after = wanted, stretch, size, after
        self._step_us = step_seconds * 1_000_000 if step_seconds else 0
        self._hits: list[_Hit] = []  # pruned to what a page may need
        self._floor_us = 0  # older ones can no longer come onto the page
        self._has_dropped = False  # some fit, but come later than this page
        self._counts: Counter[tuple[int, int]] = Counter()
        self._searched = 0

    def is_done(self, next_us: int) -> bool:
        """Return whether the page is full of lines that are later than all that follow."""
        if self._step_us or len(self._hits) <= self._size or self._floor_us <= next_us:
            return False
        self._has_dropped = True  # perhaps: an empty page at the end is no harm
        return True

    def look_at(self, placed: Placed) -> None:
        block, stretch = placed.block, self._stretch
        self._searched += block.line_count
        places = places_of(self._wanted.checks, block)
        if not places:
            return
        moments = block.heads.at_us
        if placed.first_us < stretch.start_us or placed.last_us >= stretch.end_us:
            places = [at for at in places if stretch.start_us <= moments[at] < stretch.end_us]
        if self._step_us:
            self._count(block, places)
        self._collect(block, places)

    def _count(self, block: Block, places: Sequence[int]) -> None:
        moments, severities, step = block.heads.at_us, block.heads.severities, self._step_us
        self._counts.update([(moments[at] // step, severities[at]) for at in places])

    def _collect(self, block: Block, places: Sequence[int]) -> None:
        """Take the block's newest lines that may come onto the page; as lines, so that the block can be let go."""
        moments = block.heads.at_us
        latest = self._after.at_us if self._after else self._stretch.end_us
        taken, last_us = 0, -1
        for at in reversed(places):
            moment = moments[at]
            if moment < self._floor_us or (taken > self._size and moment != last_us):
                self._has_dropped = True
                break  # the lines of a block are in order of time
            if moment > latest or (moment == latest and not self._is_after(block, at)):
                continue
            self._hits.append((moment, TraceLine(block.project_id, block.environment, block.line(at))))
            taken, last_us = taken + 1, moment
        self._prune()

    def _is_after(self, block: Block, at: int) -> bool:
        return self._after is None or block.line(at).place < (self._after.at_us, self._after.check)

    def _prune(self) -> None:
        """Keep the newest `size` + 1 and those of the same moment as the last of them."""
        if len(self._hits) <= self._size + 1:
            return
        self._hits.sort(key=lambda hit: hit[0], reverse=True)
        self._floor_us = self._hits[self._size][0]
        while self._hits[-1][0] < self._floor_us:
            self._hits.pop()
            self._has_dropped = True

    def result(self) -> Found:
        return self._found(self._hits, is_complete=True, searched_to_us=self._stretch.start_us)

    def unfinished(self, next_us: int) -> Found:
        """Return what is certain: the lines later than all that was not looked at."""
        certain = [hit for hit in self._hits if hit[0] > next_us]
        found = self._found(certain, is_complete=False, searched_to_us=next_us)
        if found.next is not None:
            return found
        return replace(found, next=min(Place(next_us), self._after or Place(next_us)))

    def _found(self, hits: Sequence[_Hit], *, is_complete: bool, searched_to_us: int) -> Found:
        lines = [line for _, line in hits]
        lines.sort(key=lambda each: each.line.place, reverse=True)
        page, rest = lines[: self._size], lines[self._size :]
        if page:
            end = page[-1].line.place
            page += [each for each in rest if each.line.place == end]
        has_more = self._has_dropped or len(lines) > len(page)
        return Found(
            lines=tuple(page),
            next=Place(*page[-1].line.place) if page and has_more else None,
            counts=self._by_level(),
            is_complete=is_complete,
            searched_to_us=searched_to_us,
            searched_lines=self._searched,
        )

    def _by_level(self) -> Counter[tuple[int, str]]:
        counts: Counter[tuple[int, str]] = Counter()
        for (step, severity), count in self._counts.items():
            counts[(step * self._step_us // 1_000_000, level_of(severity))] += count
        return counts


def newer_than(wanted: Wanted, stretch: Stretch, place: Place, *, most: int) -> int:
    """Return how many lines stand before `place`, up to `most`: what came since a page was made."""
    found = find(wanted, replace(stretch, start_us=max(stretch.start_us, place.at_us)), size=most)
    return sum(Place(*each.line.place) > place for each in found.lines)
