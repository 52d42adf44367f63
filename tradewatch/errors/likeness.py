"""How alike two issues of one type look, with what they share. Pure; suggestions are made of it, never merges."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import re2

from tradewatch.errors.parameterise import parameterise

ALIKE_FROM = 0.5
_MESSAGE, _CULPRIT, _FRAMES = 0.4, 0.2, 0.4
_WORD = re2.compile(r"[A-Za-z_]+")


@dataclass(frozen=True, slots=True)
class Look:
    """`words` of the parameterised message, `culprit`, `frames` as `module in function` (empty: not known)."""

    words: frozenset[str]
    culprit: str
    frames: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` from 0.0 to 1.0; `why` in words."""

    score: float
    why: str


def look_of(message: str, culprit: str, frames: Set[str] = frozenset()) -> Look:
    words = frozenset(word.lower() for word in _WORD.findall(parameterise(message)))
    return Look(words, culprit, frozenset(frames))


def frames_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the places of all frames of an event's exceptions; of ours alone where there are any."""
    exceptions = [each for each in (document.get("exception") or {}).get("values") or () if each]
    frames = [frame for each in exceptions for frame in (each.get("stacktrace") or {}).get("frames") or () if frame]
    ours = [frame for frame in frames if frame.get("in_app")]
    return frozenset(
        f"{frame.get('module') or frame.get('filename') or '?'} in {frame.get('function') or '?'}"
        for frame in ours or frames
    )


def likeness(one: Look, other: Look) -> Likeness:
    """Return how alike two issues of one exception type look. Frames count only where both are known."""
    message = _overlap(one.words, other.words) if one.words or other.words else 1.0
    culprit = float(bool(one.culprit) and one.culprit == other.culprit)
    parts = [(_MESSAGE, message), (_CULPRIT, culprit)]
    knows_frames = bool(one.frames and other.frames)
    frames = _overlap(one.frames, other.frames)
    if knows_frames:
        parts.append((_FRAMES, frames))
    score = sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
    return Likeness(round(score, 2), _why(message, culprit, frames if knows_frames else 0.0))


def _overlap(one: Set[str], other: Set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _why(message: float, culprit: float, frames: float) -> str:
    reasons: Sequence[str] = [
        "same type",
        *([_share(message, "message")] if message >= ALIKE_FROM else []),
        *(["same culprit"] if culprit else []),
        *([_share(frames, "frames")] if frames >= ALIKE_FROM else []),
    ]
    return ", ".join(reasons)


def _share(ratio: float, what: str) -> str:
    return f"same {what}" if ratio == 1.0 else f"{what} {ratio:.0%} alike"
