"""How sessions and their steps show: badges, ticks, the word at a step's end."""

from debugging.choices import Finding, SessionState, StepState
from debugging.models import DebugSession, SessionStep

_BADGES = {SessionState.OPEN: "sev warning", SessionState.RESOLVED: "ok", SessionState.CLOSED: "hollow"}
_TICKS = {StepState.DONE: "done", StepState.SKIPPED: "skip-it", StepState.TODO: ""}
_ENDS = {Finding.YES: "found", Finding.NO: "ruled out", Finding.UNKNOWN: "unknown"}
_STYLES = {Finding.YES: "bad", Finding.NO: "hollow", Finding.UNKNOWN: "hollow"}


def badge_of(session: DebugSession) -> str:
    return _BADGES[SessionState(session.state)]


def tick_of(step: SessionStep) -> str:
    return _TICKS[StepState(step.state)]


def finding_word(step: SessionStep) -> str:
    return _ENDS[Finding(step.finding)]


def finding_style(step: SessionStep) -> str:
    return _STYLES[Finding(step.finding)]
