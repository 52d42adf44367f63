"""Which commits take which back. Values in, values out.

Forms: git's `Revert "subject"` and, of a revert, `Reapply "subject"` (https://git-scm.com/docs/git-revert), both with
"This reverts commit SHA."; hosts write the same without the line; `revert: subject` with that line, or with `Refs:` as
Conventional Commits suggests.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from releases.notes.conventional import Message

_QUOTED = re.compile(r'Revert "(?P<subject>.*)"(?: \(#\d+\))?')
_REAPPLIED = re.compile(r'Reapply "(?P<subject>.*)"(?: \(#\d+\))?')
_NAMED = re.compile(r"\bThis reverts commit ([0-9a-fA-F]{7,64})\b")
_SHA = re.compile(r"\b[0-9a-fA-F]{7,64}\b")


@dataclass(frozen=True, slots=True)
class Revert:
    """`shas`: which commits it takes back, at least their first seven digits; else it is known by `subject` alone."""

    shas: tuple[str, ...]
    subject: str


Commit = tuple[str, str, Revert | None]  # sha, first line, what it takes back


def revert_of(message: Message, text: str) -> Revert | None:
    """Return what a commit takes back; None where its first line is not that of a revert."""
    first = text.strip().split("\n", 1)[0].strip()
    if quoted := _QUOTED.fullmatch(first):
        return Revert(_named_in(text), quoted["subject"])
    if reapplied := _REAPPLIED.fullmatch(first):
        return Revert(_named_in(text), f'Revert "{reapplied["subject"]}"')
    if message.type == "revert":
        return Revert(_named_in(text) or tuple(_referred_to(message)), message.description)
    return None


def pairs_of(commits: Sequence[Commit]) -> list[tuple[str, str]]:
    """Return (revert, what it took back), where both are there. `commits`: without merges, the newest first.

    The newest revert comes first, so that one that was itself taken back takes nothing back. One that names several
    commits, or one that is not there, has no pair: it stays, and so does what it names.
    """
    by_start, by_subject = _indexed(commits)
    gone: set[str] = set()
    pairs = []
    for place, (sha, _, revert) in enumerate(commits):
        if revert is None or sha in gone:
            continue
        found = _by_sha(revert.shas, by_start) if revert.shas else _older(place, by_subject.get(revert.subject), gone)
        if found is not None and found != sha and found not in gone:
            gone |= {sha, found}
            pairs.append((sha, found))
    return pairs


def _indexed(commits: Sequence[Commit]) -> tuple[Mapping[str, list[str]], Mapping[str, deque[tuple[int, str]]]]:
    by_start: defaultdict[str, list[str]] = defaultdict(list)
    by_subject: defaultdict[str, deque[tuple[int, str]]] = defaultdict(deque)
    for place, (sha, first, _) in enumerate(commits):
        by_start[sha[:7].lower()].append(sha)
        by_subject[first].append((place, sha))
    return by_start, by_subject


def _by_sha(shas: Sequence[str], by_start: Mapping[str, list[str]]) -> str | None:
    if len(shas) != 1:
        return None
    wanted = shas[0].lower()  # either may be told by its first digits alone
    found = [
        sha for sha in by_start.get(wanted[:7], ()) if sha.lower().startswith(wanted) or wanted.startswith(sha.lower())
    ]
    return found[0] if len(found) == 1 else None


def _older(place: int, named: deque[tuple[int, str]] | None, gone: set[str]) -> str | None:
    """Return the nearest commit after `place` that is not gone. Those passed over are of no use to later reverts."""
    while named and (named[0][0] <= place or named[0][1] in gone):
        named.popleft()
    return named[0][1] if named else None


def _named_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAMED.findall(text)))


def _referred_to(message: Message) -> Iterator[str]:
    for footer in message.footers:
        if footer.token.lower() == "refs":
            yield from _SHA.findall(footer.value)
