"""Issues whose messages look alike: suggestions to merge, each with what differs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tradewatch.errors.likeness import Likeness, Look, likeness

ALIKE_FROM = 0.8  # an issue's page suggests from 0.5 on; what is told unasked has to be surer
COMPARED = 200  # of one type, the newest


@dataclass(frozen=True, slots=True)
class Known:
    """An issue as it is compared: issues are only alike within one `type`. `events` says which one is the main one."""

    id: int
    type: str
    look: Look
    events: int


@dataclass(frozen=True, slots=True)
class Alike:
    """`one`, the quieter issue, looks like `other`, the likest one that is louder. `differs` in words."""

    one: int
    other: int
    likeness: Likeness
    differs: str


def candidates(issues: Sequence[Known], *, only: int | None = None) -> list[tuple[Known, Known]]:
    """Return (quieter, louder) of those whose text is alike enough that their frames are worth reading."""
    by_type: dict[str, list[Known]] = {}
    for issue in sorted(issues, key=lambda each: -each.id):
        by_type.setdefault(issue.type, []).append(issue)
    found = []
    for of_type in by_type.values():
        compared = of_type[:COMPARED]
        for at, issue in enumerate(compared):
            for other in compared[at + 1 :]:
                is_asked = only is None or only in (issue.id, other.id)
                if is_asked and likeness(issue.look, other.look).score >= ALIKE_FROM:
                    louder = max(issue, other, key=lambda each: (each.events, -each.id))
                    found.append((issue if louder is other else other, louder))
    return found


def likest(pairs: Sequence[tuple[Known, Known]], frames: Mapping[int, frozenset[str]]) -> list[Alike]:
    """Return for each issue the likest louder one, its frames asked too where both are known."""
    best: dict[int, Alike] = {}
    for quiet, loud in pairs:
        looks = [replace(each.look, frames=frames.get(each.id, frozenset())) for each in (quiet, loud)]
        found = likeness(looks[0], looks[1])
        known = best.get(quiet.id)
        if found.score >= ALIKE_FROM and (known is None or found.score > known.likeness.score):
            best[quiet.id] = Alike(quiet.id, loud.id, found, differs(looks[0], looks[1]))
    return list(best.values())


def differs(one: Look, other: Look) -> str:
    """Return what one has and the other lacks, in words."""
    said = []
    if only := sorted(one.words - other.words):
        said.append(f"the message alone says {', '.join(only[:5])}")
    if missing := sorted(other.words - one.words):
        said.append(f"the other's says {', '.join(missing[:5])}")
    if one.culprit != other.culprit:
        said.append(f"culprit {one.culprit or 'not known'} instead of {other.culprit or 'not known'}")
    if one.frames and other.frames and (away := len(one.frames ^ other.frames)):
        said.append(f"{away} frames")
    return "; ".join(said) or "nothing that is compared"
