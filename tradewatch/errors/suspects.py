"""Which release an issue came with: the one it first appeared in, or the one since which it rises. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

RISES_FROM = 3.0  # times the rate before
EVENTS_NEEDED = 10


@dataclass(frozen=True, slots=True)
class ReleaseCount:
    """How often an issue happened in a release that was seen for `hours`, at least one."""

    version: str
    events: int
    hours: float


@dataclass(frozen=True, slots=True)
class SuspectRelease:
    version: str
    why: str


def suspect_release(counts: Sequence[ReleaseCount]) -> SuspectRelease | None:
    """Return the release that the issue is most likely due to. `counts`: the project's releases in their order.

    None when it has been there since the first known release without rising: then no release is to blame.
    """
    first = next((at for at, each in enumerate(counts) if each.events), None)
    if first is None:
        return None
    rise = _rise(counts[first:])
    if rise is not None:
        return rise
    if first == 0:
        return None
    before = "the release before had" if first == 1 else f"the {first} releases before had"
    return SuspectRelease(counts[first].version, f"first appeared in {counts[first].version}; {before} none")


def _rise(counts: Sequence[ReleaseCount]) -> SuspectRelease | None:
    """Return the release that parts the rate best into a low one before and a high one from it on."""
    best: tuple[float, int] | None = None
    for at in range(1, len(counts)):
        before, since = _rate(counts[:at]), _rate(counts[at:])
        ratio = since / before
        if ratio >= RISES_FROM and sum(each.events for each in counts[at:]) >= EVENTS_NEEDED:
            best = max(best or (0.0, 0), (ratio, at))
    if best is None:
        return None
    ratio, at = best
    version = counts[at].version
    before, since = _rate(counts[:at]), _rate(counts[at:])
    return SuspectRelease(version, f"{since:,.1f} events an hour since {version}, {before:,.1f} before: {ratio:.1f}x")


def _rate(counts: Sequence[ReleaseCount]) -> float:
    return sum(each.events for each in counts) / sum(each.hours for each in counts)
