"""How often pattern analysis finds what is not there. `python -m benchmarks.patterns_noise [--issues 2000] [--seed 7]`

Issues whose events are like the project's traffic in everything: users by a long tail, hosts, tags, symbols; minutes that
follow traffic with its hours, opens and weekends, steady, in clusters of a few, or in rows of an incident; and pairs of such issues. Judged by
the pure modules as an analysis does; only the reading is left out. And the same with something planted.
"""

import argparse
import json
import random
import time
from collections import Counter
from itertools import accumulate
from typing import Any

DAY, HOUR, MINUTE = 86_400, 3600, 60
DAYS = 84
END = 1_764_201_600 // DAY * DAY  # a midnight
FIELDS = {"user": 2000, "host": 12, "tag venue": 8, "tag desk": 9, "body symbol": 60, "tag side": 2, "release": 5}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--issues", type=int, default=2000)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    started = time.perf_counter()
    dice = random.Random(chosen.seed)
    print(json.dumps(_shares(dice, chosen.issues)), flush=True)
    print(json.dumps(_times(dice, chosen.issues // 4)), flush=True)
    print(json.dumps(_pairs(dice, rounds=max(2, chosen.issues // 200), issues=100)), flush=True)
    print(json.dumps({"seconds": round(time.perf_counter() - started, 1)}))


def _features(dice: random.Random) -> dict[str, str]:
    return {name: str(int(dice.random() ** 2 * many)) for name, many in FIELDS.items()}


def _shares(dice: random.Random, issues: int) -> dict[str, Any]:
    from debugging.patterns.shares import Traffic, over_represented, tally_of

    wrong, values, found = 0, 0, 0
    for number in range(issues):
        size = (8, 30, 200, 1000)[number % 4]
        traffic = [Traffic("requests that passed", tally_of(_features(dice) for _ in range(300)))]
        events = [_features(dice) for _ in range(size)]
        false = over_represented(tally_of(events), traffic)
        wrong, values = wrong + bool(false), values + len(false)
        for event in events:
            if dice.random() < 0.7:
                event["user"] = "1999"  # one of 2,000
        found += any(each.value == "1999" for each in over_represented(tally_of(events), traffic))
    return {"what": "shares", "issues": issues, "with a false one": wrong, "false": values, "planted found": found}


def _day(at: int) -> float:
    """Traffic at a moment: little at night and on weekends, most at the open."""
    hour, weekday = at % DAY / HOUR, (at // DAY + 3) % 7
    if weekday >= 5:
        return 0.1
    return 3.0 if 14 <= hour < 15 else 1.5 if 15 <= hour < 21 else 0.3


def _moments(dice: random.Random, a_day: float, kind: str) -> list[int]:
    """Moments within 84 days that follow the traffic."""
    hours = list(range(END - DAYS * DAY, END, HOUR))
    sums = list(accumulate(map(_day, hours)))
    size = {"steady": 1, "clusters": 4, "rows": 15}[kind]
    chosen = dice.choices(hours, cum_weights=sums, k=max(1, round(a_day * DAYS / size)))
    starts = [hour + dice.randrange(HOUR) for hour in chosen]
    if kind == "steady":
        return starts
    spread = MINUTE if kind == "clusters" else 8 * MINUTE
    return [at + dice.randrange(spread) for at in starts for _ in range(dice.randint(1, 2 * size - 1))]


def _times(dice: random.Random, issues: int) -> dict[str, Any]:
    from debugging.patterns.bursts import exposure, find_bursts
    from debugging.patterns.hours import in_its_hours
    from debugging.patterns.periods import find_periodic

    start = END - DAYS * DAY
    traffic = {at: round(1000 * _day(at)) for at in range(start, END, HOUR)}
    week, month = END - 7 * DAY, END - 30 * DAY
    around = exposure(week, END, traffic)
    counted: Counter[str] = Counter()
    for number in range(issues):
        kind = ("steady", "clusters", "rows")[number % 3]
        moments = [at for at in _moments(dice, (2, 20, 200)[number // 3 % 3], kind) if start <= at < END]
        hours = Counter(at // HOUR * HOUR for at in moments)
        minutes = Counter(at // MINUTE * MINUTE for at in moments)
        recent = {at: n for at, n in minutes.items() if at >= week}
        counted["hours false"] += bool(in_its_hours(hours, traffic, "requests"))
        counted[f"bursts of {kind}"] += bool(find_bursts(recent, around, END))
        counted["periodic false"] += bool(find_periodic({at for at in minutes if at >= month}, traffic))
        clock = {at // HOUR * HOUR + 7 * MINUTE for at in range(month, END, HOUR)}
        counted["clock found"] += bool(find_periodic(clock, traffic))
        planted = Counter(recent)
        planted[END - 2 * DAY] += 60 + 40 * max(recent.values(), default=0)
        counted["burst found"] += any(each.key for each in find_bursts(planted, around, END))
    return {"what": "times", "issues": issues, **dict(sorted(counted.items()))}


def _pairs(dice: random.Random, *, rounds: int, issues: int) -> dict[str, Any]:
    """Each round is a project of so many issues, every pair of which is asked."""
    from debugging.patterns.together import bits_of, come_together

    month = END - 30 * DAY
    wrong, pairs, found = 0, 0, 0
    traffic = bits_of(range(month, END, MINUTE), month)
    for _ in range(rounds):
        known = {}
        for number in range(issues):
            kind = ("steady", "clusters", "rows")[number % 3]
            moments = (at // MINUTE * MINUTE for at in _moments(dice, (1, 5, 30)[number // 3 % 3], kind))
            known[number] = bits_of({at for at in moments if month <= at < END}, month)
        wrong += len(come_together(known, traffic))
        pairs += issues * (issues - 1) // 2
        beginnings = [month + dice.randrange(30 * DAY) // MINUTE * MINUTE for _ in range(8)]
        known[issues] = bits_of([at + n * MINUTE for at in beginnings for n in range(4)], month)
        known[issues + 1] = bits_of([at + n * MINUTE for at in beginnings for n in range(1, 4)], month)
        found += any(each.one + each.other == 2 * issues + 1 for each in come_together(known, traffic))
    return {"what": "pairs", "projects": rounds, "pairs": pairs, "false": wrong, "planted found": found}


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    main()
