"""What is over-represented among an issue's events against the project's traffic. Pure: tallies in, patterns out.

Each value is compared among those that carry its field at all, on both sides: events of orders alone name a symbol, and
requests without one say nothing of it. One-sided Fisher's exact test. Its p is multiplied by how many values could have
been told (Bonferroni), which are those that events and traffic together carry often enough for the floor: a count that
says nothing of the answer (Tarone, Biometrics 46, 1990).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.words import number_words, percent_words
from debugging.choices import PatternKind
from debugging.patterns.found import Found
from debugging.steps.features import Features
from debugging.steps.sharing import Shared
from debugging.steps.statistics import p_words
from releases.verdicts.statistics.tails import fisher

LEAST_EVENTS = 5  # that carry the value
LEAST_TRAFFIC = 20  # that carries the field
LEAST_SHARE = 0.2  # of the events that carry the field
LEAST_LIFT = 2.0
MOST_P = 0.01  # after the correction
MOST_FOUND = 20

Tally = Mapping[str, Mapping[str, int]]  # {field: {value: how many carry it}}


@dataclass(frozen=True, slots=True)
class Traffic:
    """`what` it is, in words: "requests", "requests that passed", "other errors".

    `is_whole`: it holds the events' own requests too. A value that it does not know is one that is not counted there.
    """

    what: str
    tally: Tally
    is_whole: bool = False


def tally_of(samples: Iterable[Features]) -> dict[str, Counter[str]]:
    tally: dict[str, Counter[str]] = {}
    for features in samples:
        for key, value in features.items():
            tally.setdefault(key, Counter())[value] += 1
    return tally


def over_represented(events: Tally, traffic: Sequence[Traffic]) -> list[Found]:
    """Return what stands out, the surest first. Each field is held against the first traffic that knows it."""
    fields = [(key, values, held) for key, values in events.items() if (held := _against(key, traffic))]
    tested = sum(_tellable(values, held.tally[key]) for key, values, held in fields)
    found = [
        (shared, held.what)
        for key, values, held in fields
        for shared in _shared(key, values, held.tally[key], tested)
        if shared.passing or not held.is_whole
    ]
    found.sort(key=lambda each: (each[0].p, -each[0].lift, each[0].key))
    return [_found(shared, what, tested) for shared, what in found[:MOST_FOUND]]


def _against(key: str, traffic: Sequence[Traffic]) -> Traffic | None:
    return next((each for each in traffic if sum(each.tally.get(key, {}).values()) >= LEAST_TRAFFIC), None)


def _tellable(values: Mapping[str, int], traffic: Mapping[str, int]) -> int:
    return sum(values.get(each, 0) + traffic.get(each, 0) >= LEAST_EVENTS for each in values.keys() | traffic.keys())


def _shared(key: str, values: Mapping[str, int], traffic: Mapping[str, int], tested: int) -> list[Shared]:
    of, traffic_of = sum(values.values()), sum(traffic.values())
    found = []
    for value, count in values.items():
        there = traffic.get(value, 0)
        if count < LEAST_EVENTS or count < LEAST_SHARE * of or count * traffic_of < LEAST_LIFT * there * of:
            continue
        p = min(1.0, tested * fisher(there, traffic_of, count, of))
        if p <= MOST_P:
            found.append(Shared(key, value, count, of, there, traffic_of, p))
    return found


def _found(shared: Shared, what: str, tested: int) -> Found:
    times = f"{number_words(shared.lift)}x as often, " if shared.passing else ""
    summary = (
        f"{shared.key} {shared.value}: {percent_words(shared.failing / shared.failing_of)} of {shared.failing_of:,} "
        f"events, {percent_words(shared.passing / shared.passing_of)} of {shared.passing_of:,} {what} "
        f"({times}{p_words(shared.p)})."
    )
    evidence = {
        "events": shared.failing,
        "events_of": shared.failing_of,
        "traffic": shared.passing,
        "traffic_of": shared.passing_of,
        "compared_with": what,
        "tested": tested,
    }
    # Half a request more where there is none: how many times as often has to stay a number.
    strength = (shared.failing / shared.failing_of) / (max(shared.passing, 0.5) / shared.passing_of)
    return Found(
        PatternKind.SHARE, shared.key, summary, round(strength, 2), value=shared.value, p=shared.p, evidence=evidence
    )
