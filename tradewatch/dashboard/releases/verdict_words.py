"""How a verdict is shown: mark, badge, word. An end that says more than it (failed, rolled back) goes first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment
from tradewatch.dashboard import words

MARKS = {Verdict.HEALTHY: "ok", Verdict.UNHEALTHY: "critical", Verdict.INSUFFICIENT: "none"}
BADGES = {Verdict.HEALTHY: "ok", Verdict.UNHEALTHY: "bad", Verdict.INSUFFICIENT: "hollow"}
TICKS = {Verdict.HEALTHY: "done", Verdict.UNHEALTHY: "bad", Verdict.INSUFFICIENT: "skip-it"}
_STATE_MARKS = {
    DeploymentState.IN_PROGRESS: "info",
    DeploymentState.FAILED: "error",
    DeploymentState.ROLLED_BACK: "back",
    DeploymentState.ABANDONED: "none",
}
_STATE_BADGES = {
    DeploymentState.IN_PROGRESS: "info",
    DeploymentState.SUCCEEDED: "",
    DeploymentState.FAILED: "error",
    DeploymentState.ROLLED_BACK: "warning",
    DeploymentState.ABANDONED: "hollow",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """`mark`: a shape of the kit; `badge`: a colour of it; `word`: what both say."""

    mark: str
    badge: str
    word: str


def shown(row: Deployment) -> Shown:
    """Return how a deployment stands: its verdict once it has one, unless its end says more."""
    state = DeploymentState(row.state)
    if state == DeploymentState.SUCCEEDED and row.verdict:
        verdict = Verdict(row.verdict)
        return Shown(MARKS[verdict], BADGES[verdict], verdict.label)
    word = "No verdict yet" if state == DeploymentState.SUCCEEDED else state.label
    return Shown(_STATE_MARKS.get(state, "none"), _STATE_BADGES[state], word)


def verdict_of_end(row: Deployment) -> Shown | None:
    """Return the verdict of one that was rolled back: said beside its end. None: it had none, or it is said already."""
    if row.state != DeploymentState.ROLLED_BACK or not row.verdict:
        return None
    verdict = Verdict(row.verdict)
    return Shown(MARKS[verdict], BADGES[verdict], verdict.label)


def due_words(due_at: datetime, now: datetime) -> str:
    """Return `due in 42 min`; what is late waits for the next tick."""
    left = due_at - now
    return f"due in {words.span(left)}" if left > timedelta(0) else "due now"
