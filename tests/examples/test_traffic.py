import random
from collections import Counter

import pytest

from examples.trading_app.store import INSTRUMENTS, Store
from examples.trading_app.traffic import INTENTS, Call, Counts, plan


def test_a_seed_makes_the_same_plan_again() -> None:
    assert plan(7, 200) == plan(7, 200)
    assert plan(7, 200) != plan(8, 200)


def test_each_intent_comes_at_least_once_when_there_is_room() -> None:
    assert set(plan(1, len(INTENTS))) == set(INTENTS)
    assert len(plan(1, 3)) == 3


def test_ordinary_life_is_mostly_successes() -> None:
    intents = Counter(plan(1, 2000))
    fine = sum(intents[name] for name in ("quote", "slow quote", "account", "order", "institutional order"))
    assert fine / 2000 > 0.75


@pytest.mark.parametrize("name", INTENTS)
def test_calls_name_what_the_service_has(name: str) -> None:
    accounts = Store().accounts
    for call in INTENTS[name][1](random.Random(1)):
        if call.body and "symbol" in call.body:
            assert call.body["symbol"] in INSTRUMENTS
            assert call.body["account_id"] in accounts
        if call.endpoint == "/quotes/{symbol}":
            assert call.path.removeprefix("/quotes/") in INSTRUMENTS


def test_counts_are_by_endpoint_and_status() -> None:
    counts = Counts()
    placed = Call("POST", "/orders", "/orders")
    for status in ("201", "201", "500"):
        counts.note(placed, status)
    counts.note(Call("GET", "/quotes/{symbol}", "/quotes/ACME"), "200")
    assert counts.sent == 4
    assert counts.answers == {"POST /orders": {"201": 2, "500": 1}, "GET /quotes/{symbol}": {"200": 1}}
    assert counts.with_status("201", "200") == 3
