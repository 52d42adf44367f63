"""What came of a replay or a batch, as a badge: one word, and the style that goes with it."""

from dataclasses import dataclass

from debugging.choices import BatchState, ReplayState, Reproduced
from debugging.models import Replay, ReplayBatch


@dataclass(frozen=True, slots=True)
class Outcome:
    word: str
    style: str


_REPRODUCED = {
    Reproduced.YES: Outcome("Reproduced", "sev critical"),
    Reproduced.OTHER: Outcome("Another error", "sev error"),
    Reproduced.NO: Outcome("Not reproduced", "sev ok"),
    Reproduced.PENDING: Outcome("Not known yet", "hollow"),
    Reproduced.UNKNOWN: Outcome("Not known", "hollow"),
}
_STATES = {
    ReplayState.WAITING: Outcome("Waits", "sev warning"),
    ReplayState.QUEUED: Outcome("Queued", "hollow"),
    ReplayState.RUNNING: Outcome("Under way", "sev info"),
    ReplayState.FAILED: Outcome("No answer", "sev warning"),
    ReplayState.REFUSED: Outcome("Refused", "hollow"),
    ReplayState.CANCELLED: Outcome("Cancelled", "hollow"),
    ReplayState.UNKNOWN: Outcome("Unknown", "hollow"),
}
_BATCHES = {
    BatchState.WAITING: Outcome("Waits", "sev warning"),
    BatchState.QUEUED: Outcome("Queued", "hollow"),
    BatchState.RUNNING: Outcome("Under way", "sev info"),
    BatchState.DONE: Outcome("Done", "sev ok"),
    BatchState.CANCELLED: Outcome("Cancelled", "hollow"),
    BatchState.FAILED: Outcome("Failed", "sev warning"),
}


def outcome_of(replay: Replay) -> Outcome:
    """An error that came back counts more than how the answer looked: even one that timed out may have brought it."""
    found = Reproduced(replay.reproduced)
    state = ReplayState(replay.state)
    if state == ReplayState.ANSWERED or found in (Reproduced.YES, Reproduced.OTHER):
        return _REPRODUCED[found]
    return _STATES[state]


def outcome_of_batch(batch: ReplayBatch) -> Outcome:
    return _BATCHES[BatchState(batch.state)]
