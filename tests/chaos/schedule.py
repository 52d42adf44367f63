"""One disturbance after the other on a stage, with the invariants checked after each; by hand, a seeded choice of them.

python -m tests.chaos.schedule [--minutes 10] [--seed N] [--grown]
"""

import argparse
import random
import time
from collections.abc import Iterable, Iterator

from tests.backends import running_postgres
from tests.chaos.disturbances import EMBEDDED, GROWN, Disturbance
from tests.chaos.stage import Stage, embedded_stage, grown_stage

LONGEST_FACTOR = 5.0


def go_through(stage: Stage, disturbances: Iterable[Disturbance]) -> None:
    """Carry them out; AssertionError names the one after which something does not hold."""
    stage.settle()
    for each in disturbances:
        started = time.monotonic()
        if lack := each.lack(stage):
            print(f"        left out: {each.name}: {lack}", flush=True)
            continue
        stage.end_alerts()
        stage.disturbances += 1
        stage.traffic.resume()
        with each.at(stage):
            time.sleep(each.seconds)
        healed = time.monotonic()
        try:
            last = stage.settle()
        except Exception as error:
            raise AssertionError(f"{each.name}: {error}") from error
        lasted, settled = healed - started, time.monotonic() - healed
        waited_for = f" (last: {last[:150]})" if last else ""
        print(f"{lasted:6.1f} s, settled after {settled:5.1f} s: {each.name}{waited_for}", flush=True)


def chosen(disturbances: tuple[Disturbance, ...], *, seed: int, seconds: float) -> Iterator[Disturbance]:
    """Yield disturbances at random, each of a length of its own, until so many seconds are over."""
    draw, until = random.Random(seed), time.monotonic() + seconds
    while time.monotonic() < until:
        each = draw.choice(disturbances)
        yield Disturbance(each.name, each.at, each.seconds * draw.uniform(0.5, LONGEST_FACTOR), each.lack)


def told(stage: Stage) -> str:
    traffic = stage.traffic
    return (
        f"{len(traffic.errors)} errors, {len(traffic.transactions)} transactions, {len(traffic.logs)} log lines and "
        f"{len(stage.mailbox.mails)} mails; {traffic.unanswered} tries broke, {traffic.refused or 'none'} were refused"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--grown", action="store_true", help="PostgreSQL and Redis instead of SQLite")
    parser.add_argument("--only", default="", help="disturbances with this word in their name")
    asked = parser.parse_args()
    seed = random.randrange(1_000_000) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    if asked.grown:
        with running_postgres() as postgres, grown_stage(postgres) as stage:
            _run(stage, GROWN, seed, asked)
    else:
        with embedded_stage() as stage:
            _run(stage, EMBEDDED, seed, asked)


def _run(stage: Stage, disturbances: tuple[Disturbance, ...], seed: int, asked: argparse.Namespace) -> None:
    some = tuple(each for each in disturbances if asked.only in each.name)
    try:
        go_through(stage, chosen(some, seed=seed, seconds=60 * asked.minutes) if asked.minutes else some)
    except AssertionError:
        for name in stage.server.processes:
            print(f"--- {name}\n{stage.server.log(name)[-4000:]}")
        raise
    finally:
        print(f"seed {seed}: {told(stage)}", flush=True)


if __name__ == "__main__":
    main()
