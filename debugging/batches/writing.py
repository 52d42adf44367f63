"""What is written of a replay of a batch that was let go of, and what the replays of a batch have in common."""

import time
from datetime import datetime

from debugging.batches.ending import CUT_OFF, NEVER_SENT
from debugging.choices import ReplayState
from debugging.models import Replay
from debugging.replays.outcome import Outcome
from debugging.replays.recording import Job, Scene, begin, finish, give_up, scene_of

READ_AGAIN_SECONDS = 1.0


class Writer:
    """Begins and finishes the replays of one batch, on the database's thread.

    Session and target are read again each second: a target that is changed or switched off meanwhile gets no more.
    """

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._read_at = float("-inf")

    def begin(self, replay_id: int, *, now: datetime) -> Job | None:
        return begin(replay_id, now=now, scene=self._scene_of(replay_id))

    def finish(self, replay_id: int, outcome: Outcome, *, now: datetime) -> None:
        finish(replay_id, outcome, now=now, scene=self._scene_of(replay_id))

    def _scene_of(self, replay_id: int) -> Scene:
        if self._scene is None or time.monotonic() - self._read_at > READ_AGAIN_SECONDS:
            self._scene, self._read_at = scene_of(replay_id), time.monotonic()
        return self._scene


def cut_off(replay_id: int, *, may_have_arrived: bool, now: datetime) -> None:
    """Write that a replay was let go of: what nobody knows of, or what was not sent."""
    state, why = (ReplayState.UNKNOWN, CUT_OFF) if may_have_arrived else (ReplayState.CANCELLED, NEVER_SENT)
    give_up(Replay.objects.filter(pk=replay_id, state=ReplayState.RUNNING), state, why, now=now)
