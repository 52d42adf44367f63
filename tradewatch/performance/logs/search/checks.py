"""What may be asked of a line, asked of a whole block at once: which of its lines fit.

Each check first asks whether anything in the block fits at all: most blocks are done with then, at the speed of one
search through a text or of a few comparisons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tradewatch.performance.logs.blocks import Block
from tradewatch.performance.logs.columns import BETWEEN
from tradewatch.performance.logs.lines import Scalar

Places = Sequence[int]  # of lines in their block, ascending
Fits = Callable[[Scalar], bool]


class Check(Protocol):
    def places(self, block: Block) -> Places | None:
        """Return which lines fit; None: all of them."""
        ...


@dataclass(frozen=True, slots=True)
class OfLevel:
    severities: frozenset[int]

    def places(self, block: Block) -> Places | None:
        found = block.heads.severities
        met = frozenset(found)
        if met <= self.severities:
            return None
        wanted = met & self.severities
        return [at for at, severity in enumerate(found) if severity in wanted] if wanted else ()


@dataclass(frozen=True, slots=True)
class WithText:
    """`parts` in lower case, one after the other in the message, anything between them."""

    parts: tuple[str, ...]

    def places(self, block: Block) -> Places | None:
        text = block.lower_text
        if not all(part in text for part in self.parts):
            return ()
        bodies = text.split(BETWEEN)
        if len(self.parts) == 1:
            part = self.parts[0]
            return [at for at, body in enumerate(bodies) if part in body]
        return [at for at, body in enumerate(bodies) if _stand_in_order(self.parts, body)]


def _stand_in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


@dataclass(frozen=True, slots=True)
class OfTrace:
    ids: frozenset[bytes]

    def places(self, block: Block) -> Places | None:
        data = block.packed.trace_ids
        codes = {at // 16 + 1 for at in range(0, len(data), 16) if data[at : at + 16] in self.ids}
        return _with_codes(block.heads.trace_codes, codes)


@dataclass(frozen=True, slots=True)
class OfSpan:
    ids: frozenset[bytes]

    def places(self, block: Block) -> Places | None:
        spans = block.heads.spans
        ids: frozenset[object] = self.ids
        return _with_codes(spans.codes, {at for at, span in enumerate(spans.values, start=1) if span in ids})


@dataclass(frozen=True, slots=True)
class WithAttribute:
    """Of a list any entry may fit."""

    name: str
    fits: Fits

    def places(self, block: Block) -> Places | None:
        column = block.attributes.get(self.name)
        if column is None:
            return ()
        return _with_codes(column.codes, {at for at, value in enumerate(column.values, start=1) if self._is_met(value)})

    def _is_met(self, value: Scalar) -> bool:
        if isinstance(value, list):
            return any(self.fits(each) for each in value)  # type: ignore[arg-type]  # of scalars
        return self.fits(value)


@dataclass(frozen=True, slots=True)
class OfEnvironment:
    fits: Fits

    def places(self, block: Block) -> Places | None:
        return None if self.fits(block.environment) else ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    checks: tuple[Check, ...]

    def places(self, block: Block) -> Places | None:
        found: set[int] = set()
        for check in self.checks:
            places = check.places(block)
            if places is None:
                return None
            found.update(places)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Not:
    check: Check

    def places(self, block: Block) -> Places | None:
        places = self.check.places(block)
        if places is None:
            return ()
        if not places:
            return None
        known = set(places)
        return [at for at in range(block.line_count) if at not in known]


def places_of(checks: Sequence[Check], block: Block) -> Places:
    """Return the lines that fit all of the checks. Give the cheap and the choosy ones first."""
    found: Places | None = None
    for check in checks:
        places = check.places(block)
        if places is None:
            continue
        if found is None:
            found = places
        else:
            known = set(places)
            found = [at for at in found if at in known]
        if not found:
            return ()
    return range(block.line_count) if found is None else found


def _with_codes(codes: Sequence[int], wanted: set[int]) -> Places | None:
    if not wanted:
        return ()
    if len(wanted) == 1:
        [code] = wanted
        if codes.count(code) == len(codes):
            return None
        return [at for at, each in enumerate(codes) if each == code]
    return [at for at, each in enumerate(codes) if each in wanted]
