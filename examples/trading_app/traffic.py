"""The ordinary life of the trading service: mostly successes, and each failure it has on purpose.

`python -m examples.trading_app.traffic URL --seconds 10 --rate 20 --seed 1` prints JSON counts of what was sent and
answered, by endpoint and status, so that they can be compared with what TradeWatch shows.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

MOST_AT_ONCE = 20
ANSWER_SECONDS = 15
SETTLE_SECONDS = 20
# uvicorn closes a connection after an unhandled error: a request sent on it at that moment would be lost uncounted.
NO_REUSE = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True)
class Call:
    method: str
    endpoint: str  # as the service names it: /quotes/{symbol}
    path: str
    body: dict[str, Any] | None = None


@dataclass
class Counts:
    """What was sent and came back. `answers` is {"POST /orders": {"201": 12, "500": 1}}."""

    sent: int = 0
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    intents: dict[str, int] = field(default_factory=dict)
    settlements: dict[str, int] = field(default_factory=dict)

    def note(self, call: Call, status: str) -> None:
        self.sent += 1
        by_status = self.answers.setdefault(f"{call.method} {call.endpoint}", {})
        by_status[status] = by_status.get(status, 0) + 1

    def with_status(self, *statuses: str) -> int:
        return sum(by_status.get(status, 0) for by_status in self.answers.values() for status in statuses)


def quote(symbol: str) -> list[Call]:
    return [Call("GET", "/quotes/{symbol}", f"/quotes/{symbol}")]


def order(account: str, symbol: str, quantity: int) -> list[Call]:
    body = {"account_id": account, "symbol": symbol, "side": "buy", "quantity": quantity}
    return [Call("POST", "/orders", "/orders", body)]


def opposite_transfers() -> list[Call]:
    """Two at once that lock the same accounts the other way round."""
    there = {"source": "acc-1", "target": "acc-2", "amount": "10"}
    back = {"source": "acc-2", "target": "acc-1", "amount": "10"}
    return [Call("POST", "/transfers", "/transfers", body) for body in (there, back)]


Intent = Callable[[random.Random], list[Call]]

INTENTS: dict[str, tuple[int, Intent]] = {  # name: (weight, calls)
    "quote": (36, lambda dice: quote(dice.choice(["ACME", "BOLT", "CRUX"]))),
    "slow quote": (4, lambda dice: quote("NIPPON")),
    "account": (10, lambda dice: [Call("GET", "/accounts/{account_id}", f"/accounts/acc-{dice.randint(1, 4)}")]),
    "order": (28, lambda dice: order(f"acc-{dice.randint(1, 3)}", dice.choice(["ACME", "BOLT"]), dice.randint(1, 90))),
    "institutional order": (6, lambda dice: order("acc-4", "ACME", dice.randint(100, 900))),
    "invalid order": (5, lambda dice: order("acc-1", "ACME", -dice.randint(1, 5))),
    "too big an order": (3, lambda dice: order("acc-1", "ACME", dice.randint(300, 900))),
    "late venue": (2, lambda dice: order("acc-2", "LATE", dice.randint(1, 9))),
    "dropping venue": (2, lambda dice: order("acc-3", "DROP", dice.randint(1, 9))),
    "unsettleable order": (2, lambda dice: order("acc-3", "ORBT", dice.randint(1, 9))),
    "positions report": (3, lambda dice: [Call("GET", "/reports/positions", "/reports/positions")]),
    "highs report": (1, lambda dice: [Call("GET", "/reports/highs", "/reports/highs")]),
    "opposite transfers": (2, lambda dice: opposite_transfers()),
}


def plan(seed: int, length: int) -> list[str]:
    """Return `length` intents: each once when there is room, the rest by weight, in an order that `seed` decides."""
    dice = random.Random(seed)
    names, weights = list(INTENTS), [weight for weight, _ in INTENTS.values()]
    chosen = [*names, *dice.choices(names, weights, k=max(0, length - len(names)))][:length]
    dice.shuffle(chosen)
    return chosen


async def drive(url: str, *, seconds: float, rate: float, seed: int) -> Counts:
    """Send `seconds * rate` intents at `rate` a second and return the counts, with what the settlement worker did."""
    counts, dice = Counts(), random.Random(seed)
    gate = asyncio.Semaphore(MOST_AT_ONCE)
    intents = plan(seed, max(1, round(seconds * rate)))
    counts.intents = dict(Counter(intents))
    began = time.monotonic()
    async with (
        httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS, limits=NO_REUSE) as http,
        asyncio.TaskGroup() as tasks,
    ):
        for number, intent in enumerate(intents):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            for call in INTENTS[intent][1](dice):
                tasks.create_task(_send(http, call, counts, gate))
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS, limits=NO_REUSE) as http:
        await _wait_for_settlements(http, counts)
    return counts


async def _send(http: httpx.AsyncClient, call: Call, counts: Counts, gate: asyncio.Semaphore) -> httpx.Response | None:
    async with gate:
        try:
            answer = await http.request(call.method, call.path, json=call.body)
        except httpx.HTTPError as error:
            counts.note(call, type(error).__name__)
            return None
    counts.note(call, str(answer.status_code))
    return answer


async def _wait_for_settlements(http: httpx.AsyncClient, counts: Counts) -> None:
    asked, gate = Call("GET", "/settlements", "/settlements"), asyncio.Semaphore(1)
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        answer = await _send(http, asked, counts, gate)
        if answer is not None:
            counts.settlements = answer.json()
            if counts.settlements["filled"] == 0:
                return
        await asyncio.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="intents a second")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    counts = asyncio.run(drive(given.url, seconds=given.seconds, rate=given.rate, seed=given.seed))
    print(json.dumps(asdict(counts), indent=2))


if __name__ == "__main__":
    main()
