"""What was found clean lately: bytes that come again need not be looked at again."""

from collections.abc import Iterable

MAX_MET = 10_000
MAX_LENGTH = 300


class Met:
    """A bounded memory of two generations: when the younger is full it becomes the older, and what comes again moves
    back to the younger. What comes once, as ids and moments do, cannot push out what comes always.
    """

    def __init__(self) -> None:
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def unmet(self, pieces: Iterable[bytes]) -> set[bytes]:
        """Return those of `pieces` that were not met lately, each once."""
        left = set(pieces) - self._young
        again = left & self._old
        self._add(again)
        return left - again

    def meet(self, pieces: Iterable[bytes]) -> None:
        """Take `pieces` as clean from now on. Long ones are forgotten at once."""
        self._add({piece for piece in pieces if len(piece) <= MAX_LENGTH})

    def _add(self, pieces: set[bytes]) -> None:
        if len(self._young) + len(pieces) > MAX_MET:
            self._old, self._young = self._young, set()
        self._young |= pieces
