"""What the API and the facade answer of replays: the same, whoever asks."""

from typing import Any

from debugging.models import Replay
from debugging.replays.recording import read_replay
from debugging.replays.serializers import DryRunAnswer, OneReplayAnswer, ReplayAnswer
from debugging.replays.services import DryRun


def replay_answer(found: Replay | DryRun) -> Any:
    """Return the answer of `POST /debug/session/{id}/replay`."""
    if isinstance(found, Replay):
        return ReplayAnswer(found).data
    return DryRunAnswer(
        {
            "replay_id": None,
            "target": found.target.name,
            "needs_second_person": found.needs_second_person,
            "request": found.request,
            "response": None,
            "diff": None,
            "reproduced": None,
        }
    ).data


def one_replay_answer(replay_id: int) -> Any:
    return OneReplayAnswer(read_replay(replay_id)).data
