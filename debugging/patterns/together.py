"""Issues that come together. Pure: the minutes of each issue in, pairs out.

Minutes of an incident are not independent of each other, so its beginnings count: an issue's rows of minutes, of which
each begins an onset. A pair comes together when the other issue was there around most onsets, on both sides. By chance
an onset meets the other one as often as that one's minutes (widened by the lag that is allowed) cover the minutes with
traffic, or the two hours around the onset where they cover more of those: so what only follows the traffic, or one bad
day, proves nothing. Binomial, p multiplied by the number of pairs.

Minutes are bits of one large number: a million pairs are an AND and a count each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from releases.verdicts.statistics.tails import binomial

LEAST_ONSETS = 4  # at which both came
LEAST_MINUTES = 5  # of each
LEAST_SHARE = 0.6  # of the rarer one's onsets, and of its minutes
LEAST_LIFT = 5.0
MOST_P = 0.01
LAG = 2  # minutes that the other may come before or after
MOST_LAG = 5
_APART = 15  # minutes without it, from which on the next is an onset
_AROUND = 60

Bits = int


@dataclass(frozen=True, slots=True)
class Pair:
    """`one` is the rarer issue: in `both` of `minutes` of its minutes, and `onsets` of `onsets_of` times that it came,
    the other was there. `expected`: the chance of that at one onset. `lag`: minutes by which `other` came later
    (negative: earlier)."""

    one: int
    other: int
    both: int
    minutes: int
    onsets: int
    onsets_of: int
    expected: float
    lag: int
    p: float

    @property
    def lift(self) -> float:
        return (self.onsets / self.onsets_of) / self.expected


def bits_of(minutes: Iterable[int], start: int) -> Bits:
    """Return the minutes (epoch seconds) as bits, the one of `start` being bit 0."""
    data = bytearray()
    for at in minutes:
        place = (at - start) // 60
        if place >> 3 >= len(data):
            data.extend(bytes((place >> 3) - len(data) + 4096))
        data[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(data, "little")


def come_together(issues: Mapping[int, Bits], traffic: Bits, *, only: int | None = None) -> list[Pair]:
    """Return the pairs, the surest first. `traffic`: the minutes in which the project had any. `only`: pairs of it."""
    open_minutes = max(1, traffic.bit_count())
    wide = {pk: widened(bits, LAG) for pk, bits in issues.items() if bits.bit_count() >= LEAST_MINUTES}
    wide = {pk: bits for pk, bits in wide.items() if not is_everywhere(bits, open_minutes)}
    known = {pk: issues[pk] for pk in wide}
    begun = {pk: onsets(bits) for pk, bits in known.items()}
    tries = max(1, len(known) * (len(known) - 1) // 2)  # the same whether one asks for all or for one
    found = []
    for one, other in _pairs(known, only):
        if begun[one].bit_count() > begun[other].bit_count():
            one, other = other, one
        met = begun[one] & wide[other]
        if met.bit_count() < LEAST_ONSETS or met.bit_count() < LEAST_SHARE * begun[one].bit_count():
            continue
        if pair := _judge(one, other, known, wide, begun, open_minutes, tries=tries):
            found.append(pair)
    return sorted(found, key=lambda each: (each.p, -each.lift))


def is_everywhere(wide: Bits, open_minutes: int) -> bool:
    """Return whether an issue is there so much of the time that nothing can come with it more than by chance."""
    return wide.bit_count() * LEAST_LIFT > open_minutes


def widened(bits: Bits, by: int) -> Bits:
    wide = bits
    for step in range(1, by + 1):
        wide |= bits << step | bits >> step
    return wide


def onsets(bits: Bits) -> Bits:
    """Return the minutes before which there was a quarter of an hour without."""
    before = 0
    for step in range(1, _APART + 1):
        before |= bits << step
    return bits & ~before


def _pairs(known: Mapping[int, Bits], only: int | None) -> Iterator[tuple[int, int]]:
    if only is None:
        yield from combinations(sorted(known), 2)
    elif only in known:
        yield from ((only, each) for each in sorted(known) if each != only)


def _judge(
    one: int,
    other: int,
    known: Mapping[int, Bits],
    wide: Mapping[int, Bits],
    begun: Mapping[int, Bits],
    open_minutes: int,
    *,
    tries: int,
) -> Pair | None:
    met, of = (begun[one] & wide[other]).bit_count(), begun[one].bit_count()
    both, minutes = (known[one] & wide[other]).bit_count(), known[one].bit_count()
    if both < LEAST_SHARE * minutes:
        return None
    expected = chance_at(begun[one], wide[other], open_minutes)
    if expected <= 0 or met / of < LEAST_LIFT * expected:
        return None
    p = min(1.0, tries * binomial(of - met, met, expected))
    if p > MOST_P:
        return None
    return Pair(one, other, both, minutes, met, of, expected, lag_of(begun[one], known[other]), p)


def chance_at(begun: Bits, wide: Bits, open_minutes: int) -> float:
    """Return the mean chance that an onset meets the other issue: by all the window, or by the hours around it.

    The quarter of an hour at the onset itself is left out of those: it is what is asked.
    """
    everywhere = min(1.0, wide.bit_count() / open_minutes)
    mask = ((1 << (2 * _AROUND + 1)) - 1) & ~(((1 << (2 * _APART + 1)) - 1) << (_AROUND - _APART))
    chances = []
    for place in places(begun):
        around = wide >> (place - _AROUND) if place >= _AROUND else wide << (_AROUND - place)
        chances.append(max(everywhere, (around & mask).bit_count() / (2 * (_AROUND - _APART))))
    return sum(chances) / len(chances) if chances else 0.0


def lag_of(begun: Bits, other: Bits) -> int:
    """Return by how many minutes the other mostly comes later, nought where it is as good."""
    found = {
        lag: (begun & (other >> lag if lag >= 0 else other << -lag)).bit_count()
        for lag in range(-MOST_LAG, MOST_LAG + 1)
    }
    return max(found, key=lambda lag: (found[lag], -abs(lag)))


def places(bits: Bits) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
