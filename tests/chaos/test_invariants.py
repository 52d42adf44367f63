"""Each promise that is broken is told in words; and nothing is told where all hold."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.facts import Delivery, Facts
from tests.chaos.invariants import REPEAT, Accepted, broken

ACCEPTED = Accepted(
    errors=frozenset("ab"),
    transactions=frozenset("t"),
    logs=frozenset("lmn"),
    telling=["BadError"],
    mails={"n-1": ["BadError"], "n-2": ["Ended: BadError"]},
    relayed=["a", "b", "t"],
    most_again=1,
)
TOLD = Delivery("BadError: x", "firing", "sent", 1, False, "n-1")
ENDED = Delivery("BadError: x", "resolved", "sent", 1, False, "n-2")
FACTS = Facts(
    errors=["a", "b"],
    error_counts={"issues": 2},
    transaction_counts={"hours": 1},
    log_counts={"blocks": 3},
    alerts={"BadError: x": 1},
    ended=frozenset(["BadError: x"]),
    deliveries=[TOLD, ENDED],
    waiting=0,
    dead=0,
    spooled=0,
    let_go={},
    damage=[],
    unready=[],
)


def test_where_all_hold_nothing_is_told() -> None:
    assert broken(ACCEPTED, FACTS) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"errors": ["a"]}, "lost: 1 accepted errors, such as b"),
        ({"errors": ["a", "b", "b"]}, "doubled: 1 errors"),
        ({"errors": ["a", "b", "z"]}, "never accepted"),
        ({"error_counts": {"issues": 3}}, "errors: 2 accepted, 3 in issues"),
        ({"transaction_counts": {"hours": 0}}, "transactions: 1 accepted, 0 in hours"),
        ({"log_counts": {"blocks": 4}}, "log lines: 3 accepted, 4 in blocks"),
        ({"alerts": {}}, "0 alerts instead of one"),
        ({"alerts": {"BadError: x": 2}}, "2 alerts instead of one"),
        ({"deliveries": [ENDED]}, "nobody was told that it is firing"),
        ({"deliveries": [TOLD]}, "nobody was told that it is resolved"),
        ({"deliveries": [replace(TOLD, state="pending"), ENDED]}, "is still pending"),
        ({"waiting": 1}, "1 envelopes are not digested"),
        ({"dead": 1}, "1 dead letters"),
        ({"spooled": 1}, "wait in the relay's spool"),
        ({"let_go": {"dropped by the relay": {"error": 1}}}, "dropped by the relay"),
        ({"damage": ["page 7"]}, "page 7"),
        ({"unready": ["down"]}, "down"),
    ],
)
def test_what_is_stored_wrongly_is_told(change: dict[str, Any], words: str) -> None:
    assert any(words in each for each in broken(ACCEPTED, replace(FACTS, **change)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"relayed": ["a", "t"]}, "upstream lacks 1 of 3"),
        ({"relayed": ["a", "b", "t", "z"]}, "never accepted"),
        ({"relayed": ["a", "a", "a", "b", "t"]}, "2 again, where 1 could be"),
        ({"mails": {"n-1": ["BadError", "BadError"], "n-2": ["x"]}}, "2 mails of one message"),
        ({"mails": {"n-2": ["x"]}}, "never arrived"),
        ({"mails": {**ACCEPTED.mails, "n-9": ["x"]}}, "mails of no notification"),
    ],
)
def test_what_arrived_wrongly_is_told(change: dict[str, Any], words: str) -> None:
    assert any(words in each for each in broken(replace(ACCEPTED, **change), FACTS))


def test_a_mail_may_come_again_where_that_was_not_known_and_says_so() -> None:
    told = replace(TOLD, attempts=2, may_be_repeat=True)
    facts = replace(FACTS, deliveries=[told, ENDED])
    twice = {"n-1": ["BadError", f"BadError {REPEAT}"], "n-2": ["x"]}
    assert broken(replace(ACCEPTED, mails=twice), facts) == []
    silently = {"n-1": ["BadError", "BadError"], "n-2": ["x"]}
    assert "does not say so" in broken(replace(ACCEPTED, mails=silently), facts)[0]
