"""What an analysis found, before it is a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from debugging.choices import PatternKind


@dataclass(frozen=True, slots=True)
class Found:
    """`key` and `value` name it within its kind, so that what is found again is the same row.

    `strength`: how many times what was expected. `p`: after the correction for all that was tested; None where nothing
    was tested (likeness). `evidence`: the counts that both were made of, as JSON.
    """

    kind: PatternKind
    key: str
    summary: str
    strength: float
    value: str = ""
    p: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    other_id: int | None = None


def strength_words(kind: str, strength: float) -> str:
    """Return `32x`: as often as expected. Empty where it is a likeness or a regularity, and below what was expected."""
    is_times = kind not in (PatternKind.SIMILAR, PatternKind.PERIODIC) and strength >= 1
    return f"{strength:,.0f}x" if is_times else ""
