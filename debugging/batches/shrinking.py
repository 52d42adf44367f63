"""The search for the smallest request that still fails the same way. Pure: it asks, and is told.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002:
ddmin) over headers, query parameters and, level by level from the outside in, what a JSON body holds (Misherghi and
Su, "HDD: Hierarchical Delta Debugging", ICSE 2006). Then single steps (see `simplifying`) until none of them fails.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise

from debugging.batches.simplifying import steps, taken
from debugging.batches.trees import BODY, HEADERS, QUERY, Path, Tree, key_of, removable, without

MOST_TRIES = 200


class Verdict(StrEnum):
    """Fails: in the same way as the one that is made smaller. Unknown: there was no answer; it is not built upon."""

    FAILS = "fails"
    PASSES = "passes"
    UNKNOWN = "unknown"


class Ending(StrEnum):
    """Minimal: nothing can be taken away and no value made simpler. Bound: more tries would have been needed.

    Passes, unknown: the request that was to be made smaller does not fail at all, or gave no answer.
    """

    MINIMAL = "minimal"
    BOUND = "bound"
    PASSES = "passes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Shrunk:
    tree: Tree
    ending: Ending
    tries: int


Round = tuple[Tree, ...]
Rounds = Generator[Round, Sequence[Verdict], None]


class _BoundReached(Exception):
    pass


class Search:
    """`rounds()` yields requests to be tried at the same time, `width` at most, and takes a verdict on each.

    The same verdicts lead to the same search. Nothing is tried twice. `found` is there when it has ended; `smallest`
    fails, as far as is known yet.
    """

    def __init__(self, tree: Tree, *, most_tries: int = MOST_TRIES, width: int = 1) -> None:
        self.smallest = tree
        self.found: Shrunk | None = None
        self._most_tries, self._width = most_tries, width
        self.verdicts: dict[str, Verdict] = {}

    @property
    def tries(self) -> int:
        return len(self.verdicts)

    def rounds(self) -> Rounds:
        ending = Ending.BOUND
        try:
            if (yield from self._first_failing([self.smallest])) is None:
                ending = Ending(self.verdicts[key_of(self.smallest)])
            else:
                yield from self._take_away()
                yield from self._step_down()
                ending = Ending.MINIMAL
        except _BoundReached:
            pass
        self.found = Shrunk(self.smallest, ending, self.tries)

    def _take_away(self) -> Rounds:
        yield from self._ddmin(HEADERS, 1)
        yield from self._ddmin(QUERY, 1)
        depth = 1
        while removable(self.smallest, BODY, depth):
            yield from self._ddmin(BODY, depth)
            depth += 1

    def _ddmin(self, part: str, depth: int) -> Rounds:
        """Take away as much of one level as can be; what is left is needed, each of it."""
        whole, needed = self.smallest, removable(self.smallest, part, depth)
        everything = frozenset(needed)
        pieces = 1  # the first question is whether any of it is needed
        while needed:
            choices = _choices(needed, pieces)
            place = yield from self._first_failing(without(whole, everything - set(kept)) for kept in choices)
            if place is not None:
                needed = next(islice(_choices(needed, pieces), place, None))
                if len(needed) <= 1:  # none of them has been tried
                    return
                pieces = min(2 if place < pieces else max(pieces - 1, 2), len(needed))
            elif pieces < len(needed):
                pieces = min(2 * pieces, len(needed))
            else:
                return

    def _step_down(self) -> Rounds:
        """Take single steps, round and round, until all of them in a row lead to what does not fail."""
        at = quiet = 0
        while quiet < (count := len(possible := steps(self.smallest))):
            ahead = [possible[(at + ahead) % count] for ahead in range(min(self._width, count - quiet))]
            place = yield from self._first_failing(taken(self.smallest, step) for step in ahead)
            at, quiet = (at + len(ahead), quiet + len(ahead)) if place is None else (at + place, 0)

    def _first_failing(self, trees: Iterable[Tree]) -> Generator[Round, Sequence[Verdict], int | None]:
        """Return the place of the first that fails, which is then the smallest; None: none of them does."""
        place, rest = 0, iter(trees)
        while part := list(islice(rest, self._width)):
            yield from self._try(part)
            for tree in part:
                verdict = self.verdicts.get(key_of(tree))
                if verdict is None:
                    raise _BoundReached
                if verdict == Verdict.FAILS:
                    self.smallest = tree
                    return place
                place += 1
        return None

    def _try(self, trees: Sequence[Tree]) -> Rounds:
        new = {key: tree for tree in trees if (key := key_of(tree)) not in self.verdicts}
        asked = dict(islice(new.items(), max(0, self._most_tries - self.tries)))
        if asked:
            verdicts = yield tuple(asked.values())
            self.verdicts |= zip(asked, verdicts, strict=True)


def _choices(items: Sequence[Path], pieces: int) -> Iterator[list[Path]]:
    """Yield what is kept: nothing (one piece); else each piece alone, then all but each piece."""
    if pieces == 1:
        yield []
        return
    bounds = [len(items) * piece // pieces for piece in range(pieces + 1)]
    spans = list(pairwise(bounds))
    yield from (list(items[start:end]) for start, end in spans)
    if pieces > 2:  # of two pieces, each is all but the other
        yield from ([*items[:start], *items[end:]] for start, end in spans)
