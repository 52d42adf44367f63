"""What outcomes make of a check: written as a row of letters, ten seconds apart."""

import random
from datetime import timedelta

import pytest

from tests.performance.checks.builders import NOW, SECOND
from tradewatch.performance.checks.choices import CheckState, Level
from tradewatch.performance.checks.states import Limits, Standing, Step, Stretch, on_outcome

LEVELS = {"o": Level.OK, "s": Level.SLOW, "x": Level.FAILED, "?": Level.NOT_RUN}
HOLD = timedelta(seconds=45)


def walk(outcomes: str, *, retries: int = 1, recoveries: int = 1) -> tuple[Standing, list[Step]]:
    """Each letter is an outcome 10 s after the one before; a dot is 10 s without one."""
    standing, steps = Standing(), []
    for number, letter in enumerate(outcomes):
        if letter != ".":
            limits = Limits(retries, recoveries, HOLD)
            steps.append(on_outcome(limits, standing, LEVELS[letter], NOW + 10 * number * SECOND))
            standing = steps[-1].standing
    return standing, steps


def drawn(steps: list[Step], length: int) -> str:
    """Draw the proven time, a letter for each ten seconds: o up, s slow, x down, a dot unknown."""
    line = ["."] * length
    for stretch in (each for step in steps for each in step.stretches):
        first, last = ((at - NOW) // (10 * SECOND) for at in (stretch.start, stretch.end))
        for place in range(first, last):
            assert line[place] == ".", f"{place} is claimed twice"
            line[place] = {"up": "o", "slow": "s", "down": "x"}[stretch.state]
    return "".join(line)


@pytest.mark.parametrize(
    ("outcomes", "retries", "recoveries", "state", "proven"),
    [
        ("", 1, 1, "unknown", ""),
        ("o", 1, 1, "up", "."),
        ("ooo", 1, 1, "up", "oo."),
        ("oxo", 1, 1, "up", "oo."),  # a retry took it back: it never was down
        ("ox", 1, 1, "up", "o."),  # not confirmed yet: nothing is said about the time since
        ("oxx", 1, 1, "down", "ox."),  # confirmed: down since the first failure
        ("oxxo", 1, 1, "up", "oxx."),
        ("oxxoxx", 1, 2, "down", "oxxxx."),  # one good answer is no recovery when two are asked for
        ("oxxoo", 1, 2, "up", "oxxo."),
        ("oxoxoxox", 1, 1, "up", "ooooooo."),  # it flaps and stays up
        ("ox", 0, 1, "down", "o."),
        ("xx", 1, 1, "down", "x."),
        ("x", 1, 1, "unknown", "."),
        ("xo", 1, 1, "up", ".."),
        ("oss", 1, 1, "slow", "os."),
        ("oso", 1, 1, "up", "oo."),
        ("osso", 1, 1, "up", "oss."),
        ("ossxx", 1, 1, "down", "ossx."),
        ("oxss", 1, 1, "slow", "oss."),  # not good for three times: slow at least, since the first of them
        ("oxsxsxs", 1, 1, "slow", None),  # between slow and failing: never confirmed down, and not up either
        ("oxxs", 1, 1, "slow", "oxx."),
        ("oxxsso", 1, 2, "slow", "oxxss."),
        ("oxxssoo", 1, 2, "up", "oxxsso."),
        ("oo......oo", 1, 1, "up", "o.......o."),  # a minute of silence is unknown, not up
        ("oxx......xx", 1, 1, "down", "ox.......x."),
        ("oxx......oo", 1, 1, "up", "ox.......o."),
        ("ox......xo", 1, 1, "up", "o........."),  # failures before a silence and after it are not in a row
        ("o??o", 1, 1, "up", None),
        ("o?o", 1, 1, "up", "oo."),
        ("o???", 1, 1, "unknown", "...."),
    ],
)
def test_a_row_of_outcomes(outcomes: str, retries: int, recoveries: int, state: str, proven: str | None) -> None:
    standing, steps = walk(outcomes, retries=retries, recoveries=recoveries)
    assert standing.state == state
    if proven is not None:
        assert drawn(steps, len(outcomes)) == proven


def test_a_change_is_said_once_with_what_was_before() -> None:
    _, steps = walk("ooxxxxoo")
    assert [(step.before, step.standing.state) for step in steps if step.before is not None] == [
        (CheckState.UNKNOWN, CheckState.UP),
        (CheckState.UP, CheckState.DOWN),
        (CheckState.DOWN, CheckState.UP),
    ]
    down = next(step for step in steps if step.standing.state == CheckState.DOWN)
    assert down.standing.since == NOW + 20 * SECOND


def test_only_an_unconfirmed_change_asks_again_soon() -> None:
    _, steps = walk("oxoxxxo", recoveries=2)
    assert [step.is_open for step in steps] == [False, True, False, True, False, False, True]


def test_slow_that_turns_out_to_be_down_lasts_until_the_first_failure() -> None:
    _, steps = walk("osxx", retries=1)
    assert drawn(steps, 4) == "osx."
    _, steps = walk("osxxx", retries=2)
    assert drawn(steps, 5) == "osxx."
    assert steps[-1].standing.state == CheckState.DOWN


def test_a_clock_that_is_set_back_makes_no_negative_stretch() -> None:
    limits = Limits(1, 1, HOLD)
    standing = on_outcome(limits, Standing(), Level.OK, NOW).standing
    step = on_outcome(limits, standing, Level.OK, NOW - timedelta(hours=1))
    assert step.is_rewound
    assert step.stretches == (Stretch(CheckState.UP, NOW - timedelta(hours=1), NOW - timedelta(hours=1)),)
    after = on_outcome(limits, step.standing, Level.OK, NOW - timedelta(hours=1) + 10 * SECOND)
    assert not after.is_rewound
    assert [each.end - each.start for each in after.stretches] == [10 * SECOND]


def test_any_row_of_outcomes_proves_each_moment_once_and_in_order() -> None:
    luck = random.Random(5)
    for _ in range(3000):
        outcomes = "".join(luck.choice("oosxx?.") for _ in range(luck.randrange(1, 40)))
        standing, steps = walk(outcomes, retries=luck.randrange(4), recoveries=luck.randrange(1, 4))
        line = drawn(steps, len(outcomes))  # fails when a moment is claimed twice
        stretches = [each for step in steps for each in step.stretches]
        assert all(each.start <= each.end for each in stretches)
        assert stretches == sorted(stretches, key=lambda each: (each.start, each.end)), outcomes
        assert "x" not in line or "x" in outcomes
        assert standing.off >= standing.failures
