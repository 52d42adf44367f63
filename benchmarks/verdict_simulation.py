"""How often verdicts are wrong. `python -m benchmarks.verdict_simulation [--deployments 500] [--seed 7]`

Deployments that change nothing, each with its looks at 5, 15 and 60 minutes, and the same with a real change: errors of
one endpoint from 0.4% to 2.1%, latency of one endpoint a quarter longer, a new issue. Traffic is of three sizes, with
drift over minutes; failures and issues come in clusters, latency moves from minute to minute, rare issues show up anew.
Judged by `releases.verdicts.judging` as looks do; only the reading of buckets is left out.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

LOOKS = (5, 15, 60)
HISTORY = 360  # minutes before the deployment, whose last hour is the longest stretch before
SIZES = {"small, 30 a minute": 30, "middle, 400 a minute": 400, "large, 3,000 a minute": 3000}
CHANGES = ("none", "errors 0.4% -> 2.1%", "latency +25%", "new issue")


@dataclass
class Service:
    """What a service is like: shares of traffic, error ratios and latencies of its endpoints, its known issues."""

    dice: np.random.Generator
    a_minute: int
    shares: np.ndarray = field(init=False)
    ratios: np.ndarray = field(init=False)
    medians: np.ndarray = field(init=False)
    spreads: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        count = int(self.dice.integers(3, 25))
        weights = 1.0 / np.arange(1, count + 1)
        self.shares = weights / weights.sum()
        self.ratios = np.exp(self.dice.uniform(np.log(0.0005), np.log(0.02), count))
        self.ratios[0] = 0.004
        self.medians = np.exp(self.dice.normal(np.log(0.12), 0.8, count))
        self.spreads = self.dice.uniform(0.3, 0.9, count)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--deployments", type=int, default=500)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--level", type=float, help="of a look and family, instead of the one in force")
    options.add_argument("--change", choices=CHANGES, action="append", help="only this one; without: all")
    options.add_argument("--plain", action="store_true", help="without asking how much each endpoint wanders")
    chosen = options.parse_args()
    started = time.perf_counter()
    for change in chosen.change or CHANGES:
        print(json.dumps(_rates(change, chosen.deployments, chosen.seed, chosen.level, not chosen.plain)), flush=True)
    print(json.dumps({"seconds": round(time.perf_counter() - started, 1)}))


def _rates(change: str, deployments: int, seed: int, level: float | None, wanders: bool) -> dict[str, object]:
    """Return how many deployments were called unhealthy at any look, in all and by size, and what made them so."""
    called: Counter[str] = Counter()
    looks: Counter[str] = Counter()
    why: Counter[str] = Counter()
    for number in range(deployments):
        size, a_minute = list(SIZES.items())[number % len(SIZES)]
        judged = list(_deployment(np.random.default_rng([seed, number]), a_minute, change, level, wanders))
        called["all"] += any(each.verdict == "unhealthy" for _, each in judged)
        called[size] += any(each.verdict == "unhealthy" for _, each in judged)
        looks.update(f"{each.verdict} at {minutes}" for minutes, each in judged)
        why.update({name for _, each in judged for name in _worse(each)})
    sizes = Counter(list(SIZES)[number % len(SIZES)] for number in range(deployments))
    shares = {size: f"{called[size] / count:.1%}" for size, count in sizes.items()}
    return {
        "change": change,
        "deployments": deployments,
        "unhealthy": called["all"],
        "share": f"{called['all'] / deployments:.2%}",
        **shares,
        "looks": dict(sorted(looks.items())),
        "because of": dict(why),
    }


def _worse(judged) -> Iterator[str]:
    for name in ("errors", "latencies", "issues"):
        if any(each.finding == "worse" for each in getattr(judged, name)):
            yield name


def _deployment(dice: np.random.Generator, a_minute: int, change: str, level: float | None, wanders: bool):
    """Yield (minutes, judgement) of each look."""
    from releases.verdicts.judging import judge
    from releases.verdicts.levels import LEVELS

    service = Service(dice, a_minute)
    minutes = HISTORY + 60
    traffic = a_minute * np.exp(_drift(dice, minutes, 0.12, 0.9))
    requests = dice.poisson(np.outer(traffic, service.shares))
    failed = _failures(dice, service, requests, change)
    levels_of_latency = _levels(dice, service, minutes, change)
    issues = _issues(dice, requests, change)
    for length in LOOKS:
        counted = _counted(dice, service, requests, failed, levels_of_latency, issues, length)
        levels = replace(LEVELS, level=level) if level else LEVELS
        first = judge(counted, levels)
        noise = _noise(dice, service, requests, failed, levels_of_latency, first, length) if wanders else None
        yield length, judge(replace(counted, noise=noise), levels) if noise else first


def _drift(dice: np.random.Generator, minutes: int, spread: float, memory: float) -> np.ndarray:
    """A first-order autoregressive walk around zero with that standard deviation."""
    steps = dice.normal(0, spread * np.sqrt(1 - memory**2), minutes)
    values = np.empty(minutes)
    values[0] = dice.normal(0, spread)
    for at in range(1, minutes):
        values[at] = memory * values[at - 1] + steps[at]
    return values


def _failures(dice: np.random.Generator, service: Service, requests: np.ndarray, change: str) -> np.ndarray:
    """Failures cluster: each endpoint's ratio wanders by a quarter from minute to minute."""
    minutes, endpoints = requests.shape
    wander = np.exp(np.stack([_drift(dice, minutes, 0.25, 0.5) for _ in range(endpoints)], axis=1))
    ratios = service.ratios * wander
    if change.startswith("errors"):
        ratios[HISTORY:, 0] *= 2.1 / 0.4
    return dice.binomial(requests, np.clip(ratios, 0, 1))


def _levels(dice: np.random.Generator, service: Service, minutes: int, change: str) -> np.ndarray:
    """Latency of each minute and endpoint, on the log scale: all move together by 3% within minutes and by 3% within the
    hour, each by itself by 3%."""
    together = (_drift(dice, minutes, 0.03, 0.8) + _drift(dice, minutes, 0.03, 0.98))[:, None]
    alone = np.stack([_drift(dice, minutes, 0.03, 0.6) for _ in service.medians], axis=1)
    found = np.log(service.medians) + together + alone
    if change.startswith("latency"):
        found[HISTORY:, 0] += np.log(1.25)
    return found


def _issues(dice: np.random.Generator, requests: np.ndarray, change: str) -> list[np.ndarray]:
    """Events a minute: steady issues, some that come in bursts, rare ones, and now and then one never seen before."""
    minutes = len(requests)
    traffic = requests.sum(axis=1) / requests.sum(axis=1).mean()
    found = [dice.poisson(traffic * np.exp(dice.uniform(np.log(0.002), np.log(2)))) for _ in range(25)]
    for _ in range(5):
        bursts = dice.random(minutes) < dice.uniform(0.01, 0.1)
        found.append(bursts * dice.poisson(dice.uniform(2, 12), minutes))
    if change == "new issue":
        found.append(np.concatenate([np.zeros(HISTORY, int), dice.poisson(1.5, minutes - HISTORY)]))
    return found


def _counted(dice, service, requests, failed, latency, issues, length):
    from releases.verdicts.samples import Counted, Endpoint, Sample

    before, after = slice(HISTORY - length, HISTORY), slice(HISTORY, HISTORY + length)
    sides = []
    for stretch in (before, after):
        samples = {}
        for number in range(len(service.shares)):
            counts = requests[stretch, number]
            if not counts.sum():
                continue
            bins = _bins(dice, np.repeat(latency[stretch, number], counts), service.spreads[number])
            total = int(counts.sum())
            name = Endpoint(f"endpoint {number}", "http.server")
            samples[name] = Sample(total, int(failed[stretch, number].sum()), total, bins)
        sides.append(samples)
    weights = [requests[stretch].sum() for stretch in (before, after)]
    shares = (0.5, float(weights[1] / sum(weights)))
    return Counted(sides[0], sides[1], tuple(_sampled(issues, before, after, length)), shares)


def _noise(dice, service, requests, failed, latency, judgement, length):
    """What `reading.history` reads of the six hours before, of the endpoints that seem worse."""
    from releases.verdicts.judging import worse_endpoints
    from releases.verdicts.reading.history import lag_of
    from releases.verdicts.samples import Noise
    from releases.verdicts.statistics.noise import dispersion, wandering

    blocks = [slice(start, start + 5) for start in range(0, HISTORY, 5)]
    failing, levels = {}, {}
    for name in worse_endpoints(judgement.errors):
        number = int(name.name.split()[1])
        counts = [(int(failed[each, number].sum()), int(requests[each, number].sum())) for each in blocks]
        failing[name] = dispersion([counts], lag_of(length))
    for name in worse_endpoints(judgement.latencies):
        number = int(name.name.split()[1])
        levels[name] = wandering(
            [[_level(dice, service, requests, latency, each, number) for each in blocks]], lag_of(length)
        )
    return Noise(failing, levels) if failing or levels else None


def _level(dice, service, requests, latency, block, number):
    from releases.verdicts.statistics.noise import level_of

    counts = requests[block, number]
    if not counts.sum():
        return None
    return level_of(_bins(dice, np.repeat(latency[block, number], counts), service.spreads[number]))


def _bins(dice: np.random.Generator, levels: np.ndarray, spread: float) -> dict[int, int]:
    from tradewatch.metrics.histogram import GAMMA

    durations = levels + dice.normal(0, spread, len(levels))
    values, counts = np.unique(np.ceil(durations / np.log(GAMMA)).astype(int), return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def _sampled(issues: list[np.ndarray], before: slice, after: slice, length: int):
    from releases.verdicts.reading.history import lag_of
    from releases.verdicts.samples import IssueSample
    from releases.verdicts.statistics.noise import dispersion

    for number, events in enumerate(issues):
        counts = int(events[before].sum()), int(events[after].sum())
        if not counts[1]:
            continue
        is_new = not events[:HISTORY].any()
        blocks = events[:HISTORY].reshape(-1, 5).sum(axis=1)
        spread = 1.0 if is_new else dispersion([[(int(each), 1) for each in blocks]], lag_of(length))
        yield IssueSample(number, f"issue {number}", "", *counts, is_new, spread)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    main()
