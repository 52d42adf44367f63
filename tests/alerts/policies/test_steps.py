import json
from datetime import timedelta

import pytest

from alerts.policies.snapshot import PolicySnapshot, Step, Target, from_json
from alerts.policies.steps import NextStep, describe, first_step, plan
from tests.calendars.oracle import utc

NOW = utc("2026-11-23T15:00")
JONAS = Target("user", 1, "Jonas Okafor")
ORDERS = Target("schedule", 7, "Order path")


def policy(*waits: int, repeats: int = 0) -> PolicySnapshot:
    return PolicySnapshot(3, "Trading", repeats, tuple(Step(n, wait, (ORDERS,)) for n, wait in enumerate(waits)))


def minutes_after(step: int, round_: int, minutes: float) -> NextStep:
    return NextStep(step, round_, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("snapshot", "step", "round_", "expected"),
    [
        (policy(0, 600, 600), 0, 0, minutes_after(1, 0, 10)),
        (policy(0, 600, 300), 1, 0, minutes_after(2, 0, 5)),
        (policy(0, 600), 1, 0, None),  # the last step of the last round
        (policy(0, 600, repeats=1), 1, 0, minutes_after(0, 1, 10)),
        (policy(0, 600, repeats=1), 1, 1, None),
        (policy(120, 600, repeats=1), 1, 0, minutes_after(0, 1, 2)),
        (policy(0, 0, repeats=5), 1, 2, minutes_after(0, 3, 1)),  # never twice within a tick
        (policy(0, repeats=5), 0, 0, minutes_after(0, 1, 1)),
    ],
)
def test_what_comes_next(snapshot: PolicySnapshot, step: int, round_: int, expected: NextStep | None) -> None:
    planned = plan(snapshot, step, round_, NOW)
    assert planned and planned.next == expected
    assert (planned.targets, planned.step_id) == ((ORDERS,), step)


@pytest.mark.parametrize(("step", "round_"), [(2, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_place_outside_the_policy_plans_nothing(step: int, round_: int) -> None:
    assert plan(policy(0, 600), step, round_, NOW) is None


def test_an_alert_begins_with_the_first_step_after_its_wait() -> None:
    assert first_step(policy(0, 600), NOW) == minutes_after(0, 0, 0)
    assert first_step(policy(300, 600), NOW) == minutes_after(0, 0, 5)
    assert first_step(policy(), NOW) is None


def test_a_whole_policy_runs_each_step_in_every_round_and_then_ends() -> None:
    snapshot, place, ran = policy(0, 600, 600, repeats=2), NextStep(0, 0, NOW), []
    while place:
        ran.append((place.round, place.step, (place.at - NOW).total_seconds() / 60))
        place = plan(snapshot, place.step, place.round, place.at).next
    assert ran == [
        (0, 0, 0),
        (0, 1, 10),
        (0, 2, 20),
        (1, 0, 30),
        (1, 1, 40),
        (1, 2, 50),
        (2, 0, 60),
        (2, 1, 70),
        (2, 2, 80),
    ]


def test_a_snapshot_comes_back_from_json_unchanged() -> None:
    before = PolicySnapshot(3, "Trading", 2, (Step(1, 600, (JONAS, ORDERS), True), Step(2, 0, ())))
    assert from_json(json.loads(json.dumps(before.as_json()))) == before


@pytest.mark.parametrize(
    ("targets", "is_round_robin", "text"),
    [
        ((), False, "nobody: it only waits"),
        ((JONAS,), False, "Jonas Okafor"),
        ((JONAS, ORDERS), False, "Jonas Okafor and who is on call for Order path"),
        (
            (Target("team", 1, "Desk"), Target("channel", 2, "#ops")),
            True,
            "the next of everybody in Desk and channel #ops",
        ),
    ],
)
def test_a_step_in_words(targets: tuple[Target, ...], is_round_robin: bool, text: str) -> None:
    assert describe(Step(1, 0, targets, is_round_robin)) == text
