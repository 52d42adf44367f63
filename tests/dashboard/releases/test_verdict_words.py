from datetime import timedelta

import pytest

from releases.choices import DeploymentState as State
from releases.choices import Verdict
from releases.models import Deployment
from tests.releases.builders import MINUTE, NOW
from tradewatch.dashboard.releases.verdict_words import due_words, shown, verdict_of_end


@pytest.mark.parametrize(
    ("state", "verdict", "mark", "badge", "word"),
    [
        (State.SUCCEEDED, "", "none", "", "No verdict yet"),
        (State.SUCCEEDED, Verdict.HEALTHY, "ok", "ok", "Healthy"),
        (State.SUCCEEDED, Verdict.UNHEALTHY, "critical", "bad", "Unhealthy"),
        (State.SUCCEEDED, Verdict.INSUFFICIENT, "none", "hollow", "Insufficient data"),
        (State.IN_PROGRESS, "", "info", "info", "In progress"),
        (State.FAILED, "", "error", "error", "Failed"),
        (State.ROLLED_BACK, Verdict.UNHEALTHY, "back", "warning", "Rolled back"),
        (State.ABANDONED, "", "none", "hollow", "Abandoned"),
    ],
)
def test_a_verdict_is_shown_unless_the_end_says_more(
    state: State, verdict: str, mark: str, badge: str, word: str
) -> None:
    found = shown(Deployment(state=state, verdict=verdict))
    assert (found.mark, found.badge, found.word) == (mark, badge, word)


def test_what_was_rolled_back_keeps_its_verdict_beside_it() -> None:
    back = Deployment(state=State.ROLLED_BACK, verdict=Verdict.UNHEALTHY)
    assert (found := verdict_of_end(back)) and found.word == "Unhealthy"
    assert verdict_of_end(Deployment(state=State.ROLLED_BACK)) is None
    assert verdict_of_end(Deployment(state=State.SUCCEEDED, verdict=Verdict.UNHEALTHY)) is None


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (42 * MINUTE, "due in 42 min"),
        (timedelta(seconds=20), "due in 20 s"),
        (timedelta(0), "due now"),
        (-MINUTE, "due now"),
    ],
)
def test_when_a_look_is_due(left: timedelta, words: str) -> None:
    assert due_words(NOW + left, NOW) == words
