from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sla.burning.steps import Step, burn_step, state_step
from sla.choices import TargetState
from sla.figures.budget import figures
from sla.figures.pairs import pairs_for
from sla.figures.values import Burning
from tests.calendars.oracle import utc
from tests.sla.figures.builders import counts, make_version

NOW = utc("2026-11-26T12:00")
JUST_NOW, LONG_AGO, AHEAD = (NOW + timedelta(minutes=minutes) for minutes in (-1, -15, 3))


def standing(*firing: int, long: str | None = "0.1", short: str | None = "0.1") -> list[Burning]:
    """The four pairs of 30 days; those whose numbers are given fire."""
    found = []
    for number, pair in enumerate(pairs_for(30 * 86_400)):
        fires = number in firing
        burns = ("99", "99") if fires else (long, short)
        slow, fast = (None if burn is None else Decimal(burn) for burn in burns)
        found.append(Burning(pair, slow, fast, 5, fires, fires and number > min(firing)))
    return found


@pytest.mark.parametrize(
    ("told", "told_at", "burning", "step"),
    [
        ("", None, standing(), Step.WAIT),
        ("", None, standing(0), Step.TELL),
        ("", None, standing(2), Step.TELL),
        ("page", JUST_NOW, standing(0), Step.WAIT),
        ("page", JUST_NOW, standing(0, 1, 2), Step.WAIT),
        ("page", LONG_AGO, standing(0), Step.TELL),
        ("page", AHEAD, standing(0), Step.TELL),  # the clock was set back
        ("ticket", JUST_NOW, standing(3), Step.WAIT),
        ("ticket", JUST_NOW, standing(1, 3), Step.TELL),  # it became a page
        ("page", JUST_NOW, standing(3), Step.WAIT),  # it became a ticket: the alert is open as it is
        ("page", JUST_NOW, standing(), Step.END),
        ("page", JUST_NOW, standing(long="20", short="0.1"), Step.END),
        ("page", JUST_NOW, standing(long="20", short=None), Step.WAIT),  # silent in the middle of a burn
        ("page", JUST_NOW, standing(long="0.9", short=None), Step.END),
        ("page", JUST_NOW, standing(long=None, short=None), Step.END),
        ("page", JUST_NOW, [], Step.END),
    ],
)
def test_when_alerts_are_told_of_a_burn(
    told: str, told_at: datetime | None, burning: list[Burning], step: Step
) -> None:
    assert burn_step(told, told_at, burning, NOW) == step


@pytest.mark.parametrize(
    ("told", "told_at", "valid", "bad", "least", "step"),
    [
        ("", None, 1000, 20, 0, Step.TELL),
        ("", None, 100, 2, 0, Step.WAIT),  # two bad are no state of affairs
        ("", None, 1000, 20, 2000, Step.WAIT),
        ("", None, 1000, 12, 0, Step.WAIT),  # missed, no threshold reached
        ("warning", JUST_NOW, 1000, 15, 0, Step.WAIT),
        ("warning", JUST_NOW, 1000, 20, 0, Step.TELL),  # it became critical
        ("critical", JUST_NOW, 1000, 15, 0, Step.WAIT),
        ("critical", LONG_AGO, 1000, 20, 0, Step.WAIT),  # told again once a day
        ("critical", NOW - timedelta(days=1), 1000, 20, 0, Step.TELL),
        ("critical", JUST_NOW, 1000, 14, 0, Step.END),
        ("critical", JUST_NOW, 1000, 0, 0, Step.END),
        ("critical", JUST_NOW, 0, 0, 0, Step.END),
    ],
)
def test_when_alerts_are_told_of_a_state(
    told: str, told_at: datetime | None, valid: int, bad: int, least: int, step: Step
) -> None:
    found = figures(make_version(), counts(valid, bad), {}, expected=60)
    assert state_step(TargetState(told) if told else "", told_at, found, least, NOW) == step
