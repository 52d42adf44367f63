"""The order of commits, and what lies between two of them. Values in, values out."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Told(Protocol):
    """What an order needs of a commit."""

    sha: str
    parents: list[str]
    committed_at: datetime | None


Row = TypeVar("Row", bound=Told)
Parents = Mapping[str, Sequence[str]]  # by sha, of the commits that are stored


def newest_first(commits: Sequence[Row]) -> list[Row]:
    """Return them as `git log --date-order`: none before its children, else by date, else as they were given.

    Where one has no date the given order stands in for all dates.
    """
    by_sha = {commit.sha: commit for commit in commits}
    ranks = _ranks(commits)
    waiting = dict.fromkeys(by_sha, 0)  # how many children are still to come
    for commit in by_sha.values():
        for parent in set(commit.parents) & by_sha.keys():
            waiting[parent] += 1
    ready = [(ranks[sha], sha) for sha, children in waiting.items() if not children]
    heapq.heapify(ready)
    found: list[Row] = []
    while ready:
        commit = by_sha[heapq.heappop(ready)[1]]
        found.append(commit)
        for parent in set(commit.parents) & by_sha.keys():
            waiting[parent] -= 1
            if not waiting[parent]:
                heapq.heappush(ready, (ranks[parent], parent))
    return found if len(found) == len(by_sha) else list(by_sha.values())  # told parents that go round in a circle


def ancestors(heads: Iterable[str], parents: Parents) -> set[str]:
    """Return the heads and all that is known to be before them, with the first that nobody stored."""
    found: set[str] = set()
    waiting = list(heads)
    while waiting:
        sha = waiting.pop()
        if sha not in found:
            found.add(sha)
            waiting.extend(parents.get(sha, ()))
    return found


def between(older: Iterable[str], newer: Iterable[str], parents: Parents) -> set[str] | None:
    """Return what `git log older..newer` would: all before or at `newer` that is not before or at `older`.

    None where that cannot be told: the way from `newer` leads to a commit that nobody stored, or whose parents
    nobody told.
    """
    known = ancestors(older, parents)
    reached = ancestors((sha for sha in newer if sha not in known), {**parents, **dict.fromkeys(known, ())}) - known
    return reached if all(parents.get(sha) for sha in reached) else None


def _ranks(commits: Sequence[Row]) -> dict[str, tuple[float, int]]:
    has_dates = all(commit.committed_at for commit in commits)
    return {
        commit.sha: (-commit.committed_at.timestamp() if has_dates and commit.committed_at else 0.0, at)
        for at, commit in enumerate(commits)
    }
