"""Which stretch after a deployment is compared with which before. Values in, values out.

Counts are kept by the minute: stretches are whole minutes, the first after the end and the last before the start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.verdicts.evidence import Basis, Stretch
from tradewatch.calendars.sessions import Market, Phase, state_at

LOOKS = (5, 15, 60)  # minutes after the end
SESSIONS_BACK = 5  # a week of trading: an older one is another market
_MINUTE = timedelta(minutes=1)
_SAME = {Phase.HOLIDAY: Phase.CLOSED}  # to whoever deploys both are a closed market
_WORDS = {
    Phase.PRE: "before the open",
    Phase.OPEN: "in the session",
    Phase.BREAK: "in the break",
    Phase.CLOSED: "closed",
}

Profile = tuple[tuple[Phase, int], ...]  # (phase, whole seconds), in order


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared. `phase` in words, empty where no market is known."""

    before: Stretch
    after: Stretch
    basis: Basis
    why: str
    phase: str = ""


def after_of(finished_at: datetime, minutes: int, *, followed_at: datetime | None) -> Stretch | None:
    """Return the stretch after, cut where the next deployment began; None: not a whole minute is left."""
    start = _ceiled(finished_at)
    end = start + timedelta(minutes=minutes)
    if followed_at is not None:
        end = min(end, _floored(followed_at))
    return Stretch(start, end) if start < end else None


def is_look_of_its_own(minutes: int, after: Stretch) -> bool:
    """Return whether a look sees more than the one before it did: of those that are cut only the first does."""
    earlier = max((each for each in LOOKS if each < minutes), default=0)
    return after.minutes > earlier


def pair_of(after: Stretch, started_at: datetime, *, anchor: datetime, market: Market | None) -> Pair:
    """Return what stands for before: as long as after, and in the same phase of the market.

    It ends where the deployment began; at `anchor` where earlier deployments were unhealthy. Where an open or a close
    lies between the two, it is the same phase of the session before.
    """
    length, end = after.end - after.start, _floored(anchor)
    direct = Stretch(end - length, end)
    basis = Basis.DIRECT if anchor == started_at else Basis.UNHEALTHY
    why = _direct_words(basis)
    if market is None:
        return Pair(direct, after, basis, why)
    profile = _profile(market, after)
    if profile is None:
        return Pair(direct, after, basis, f"{why}; the calendar {market.code} has no data for it")
    phase = _phase_words(market, profile)
    if len(profile) == 1 and _profile(market, Stretch(direct.start, after.end)) == (
        (profile[0][0], _seconds(direct.start, after.end)),
    ):
        return Pair(direct, after, basis, why, phase)
    for moved in _sessions_back(market, after, end):
        if _profile(market, moved) == profile:
            day = f"{moved.start:%-d %b}"
            return Pair(moved, after, Basis.SESSION, f"the same phase of the {market.code} session of {day}", phase)
    return Pair(direct, after, basis, f"{why}; no earlier session of {market.code} has that phase for so long", phase)


def _sessions_back(market: Market, after: Stretch, until: datetime) -> Iterator[Stretch]:
    """Yield the stretch as far from the opens, and then the closes, of sessions before as it is from its own."""
    for edges in ([each.opens_at for each in market.sessions], [each.closes_at for each in market.sessions]):
        own = max((each for each in edges if each <= after.end), default=None)
        if own is None:
            continue
        for edge in [each for each in reversed(edges) if each < own][:SESSIONS_BACK]:
            moved = Stretch(edge + (after.start - own), edge + (after.end - own))
            if moved.end <= until:
                yield moved


def _profile(market: Market, stretch: Stretch) -> Profile | None:
    """Return the phases of the stretch; None where the calendar does not reach."""
    found: list[tuple[Phase, int]] = []
    at = stretch.start
    while at < stretch.end:
        state = state_at(market, at)
        if state is None:
            return None
        end = min(state.until or stretch.end, stretch.end)
        phase = _SAME.get(state.phase, state.phase)
        if found and found[-1][0] == phase:
            found[-1] = phase, found[-1][1] + _seconds(at, end)
        else:
            found.append((phase, _seconds(at, end)))
        at = end
    return tuple(found)


def _direct_words(basis: Basis) -> str:
    if basis == Basis.UNHEALTHY:
        return "the stretch before an earlier deployment that was called unhealthy"
    return "the stretch directly before"


def _phase_words(market: Market, profile: Profile) -> str:
    return f"{market.code}: " + ", then ".join(dict.fromkeys(_WORDS[phase] for phase, _ in profile))


def _seconds(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds())


def _floored(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _ceiled(at: datetime) -> datetime:
    floored = _floored(at)
    return floored if floored == at else floored + _MINUTE
