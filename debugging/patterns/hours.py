"""Hours of the day, weekdays and market sessions in which an issue comes more than the traffic does. Pure.

A count of events would be fooled by one bad afternoon. So days are counted (weeks, for weekdays): those on which at
least twice the traffic's share of the issue's events fell into the hour. If the issue came as the traffic does, each is
such a day with a chance of one half at most, however its events cluster (Markov's inequality): a sign test.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.words import number_words, percent_words
from debugging.choices import PatternKind
from debugging.patterns.found import Found
from debugging.steps.statistics import p_words
from releases.verdicts.statistics.tails import binomial

HOUR, DAY, WEEK = 3600, 86_400, 604_800
MONDAY = 4 * DAY  # 5 January 1970: weeks are counted from it
LEAST_EVENTS, LEAST_TRAFFIC = 20, 100
LEAST_LIFT, LEAST_SHARE = 2.0, 0.2
MOST_P = 0.01
MOST_FOUND = 3

Hours = Mapping[int, int]  # {start of the hour, epoch seconds: how many}


@dataclass(frozen=True, slots=True)
class Question:
    """`class_of` puts an hour into a class (None: it is not known); `unit_of` into a day or week. `key` names them."""

    key: str
    class_of: Callable[[int], str | None]
    unit_of: Callable[[int], int]
    unit: str


def hour_of_day(start: int) -> str:
    return f"{start // HOUR % 24:02}:00-{(start // HOUR + 1) % 24:02}:00 UTC"


def weekday(start: int) -> str:
    return f"{datetime.fromtimestamp(start, UTC):%A}"


def day_of(start: int) -> int:
    return start // DAY


def week_of(start: int) -> int:
    return (start - MONDAY) // WEEK


CLOCK = (Question("hour", hour_of_day, day_of, "day"), Question("weekday", weekday, week_of, "week"))


def in_its_hours(events: Hours, traffic: Hours, what: str, questions: Iterable[Question] = CLOCK) -> list[Found]:
    """Return the hours, weekdays and sessions that stand out. `traffic` are `what`."""
    if sum(events.values()) < LEAST_EVENTS or sum(traffic.values()) < LEAST_TRAFFIC:
        return []
    found = [each for question in questions for each in _ask(question, events, traffic, what)]
    return sorted(found, key=lambda each: (each.p or 0.0, -each.strength))[: MOST_FOUND * 2]


def _ask(question: Question, events: Hours, traffic: Hours, what: str) -> list[Found]:
    usual, known = _by_class(question, traffic), Counter[str]()
    units: dict[int, Counter[str]] = defaultdict(Counter)
    for start, count in events.items():
        if count and (name := question.class_of(start)) is not None:
            units[question.unit_of(start)][name] += count
            known[name] += count
    of, usual_of = sum(known.values()), sum(usual.values())
    if of < LEAST_EVENTS or usual_of < LEAST_TRAFFIC:
        return []
    found = []
    for name, count in known.items():
        expected = (usual[name] + 1) / (usual_of + len(usual))
        share = count / of
        if share < LEAST_SHARE or share < LEAST_LIFT * expected:
            continue
        hits = sum(each[name] >= LEAST_LIFT * expected * each.total() for each in units.values())
        p = min(1.0, max(len(usual), len(known)) * binomial(len(units) - hits, hits, 0.5))
        if p <= MOST_P:
            found.append(
                _found(question, name, (count, of, hits, len(units)), (usual[name], usual_of, what), expected, p)
            )
    return sorted(found, key=lambda each: each.p or 0.0)[:MOST_FOUND]


def _by_class(question: Question, hours: Hours) -> Counter[str]:
    counted = Counter[str]()
    for start, count in hours.items():
        if (name := question.class_of(start)) is not None:
            counted[name] += count
    return counted


def _found(
    question: Question,
    name: str,
    seen: tuple[int, int, int, int],
    usual: tuple[int, int, str],
    expected: float,
    p: float,
) -> Found:
    count, of, hits, units = seen
    share = count / of
    summary = (
        f"{question.key} {name}: {percent_words(share)} of {of:,} events, {percent_words(usual[0] / usual[1])} of "
        f"{usual[1]:,} {usual[2]}; so on {hits} of {units} {question.unit}s "
        f"({number_words(share / expected)}x as often, {p_words(p)})."
    )
    evidence = {
        "events": count,
        "events_of": of,
        "traffic": usual[0],
        "traffic_of": usual[1],
        "compared_with": usual[2],
        f"{question.unit}s": hits,
        f"{question.unit}s_of": units,
    }
    strength = round(share / expected, 2)
    return Found(PatternKind.SHARE, question.key, summary, strength, value=name, p=p, evidence=evidence)
