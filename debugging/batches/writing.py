"""What is written of one replay of a batch beside what is written of any: whether it may begin, and that it was let go
of."""

from datetime import datetime

from debugging.batches.ending import CUT_OFF, NEVER_SENT
from debugging.choices import ReplayState
from debugging.models import Replay
from debugging.replays import recording
from debugging.replays.recording import Job, give_up


def begin(replay_id: int, *, now: datetime) -> Job | None:
    """Claim a queued replay for sending; None: it is not to be sent (any more)."""
    if not Replay.objects.filter(pk=replay_id, batch__cancel_asked_at=None).exists():
        return None
    return recording.begin(replay_id, now=now)


def cut_off(replay_id: int, *, may_have_arrived: bool, now: datetime) -> None:
    """Write that a replay was let go of: what nobody knows of, or what was not sent."""
    state, why = (ReplayState.UNKNOWN, CUT_OFF) if may_have_arrived else (ReplayState.CANCELLED, NEVER_SENT)
    give_up(Replay.objects.filter(pk=replay_id, state=ReplayState.RUNNING), state, why, now=now)
