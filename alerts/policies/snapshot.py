"""A policy as it was when an alert opened: plain values that go into JSON and come back unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` is user, schedule, team or channel; `name` is for sentences, as it read then."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """Wait `wait_seconds` for an answer to the step before, then notify `targets`. `id` counts round robin's turns."""

    id: int
    wait_seconds: int
    targets: tuple[Target, ...]
    is_round_robin: bool = False


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """`repeats`: how often it starts again after the last step; 0: it runs once."""

    policy_id: int
    name: str
    repeats: int
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "policy_id": self.policy_id,
            "name": self.name,
            "repeats": self.repeats,
            "steps": [
                {
                    "id": step.id,
                    "wait_seconds": step.wait_seconds,
                    "is_round_robin": step.is_round_robin,
                    "targets": [{"kind": target.kind, "id": target.id, "name": target.name} for target in step.targets],
                }
                for step in self.steps
            ],
        }


def from_json(stored: Mapping[str, Any]) -> PolicySnapshot:
    """Return the snapshot that `as_json` gave."""
    return PolicySnapshot(
        policy_id=stored["policy_id"],
        name=stored["name"],
        repeats=stored["repeats"],
        steps=tuple(
            Step(
                id=step["id"],
                wait_seconds=step["wait_seconds"],
                is_round_robin=step["is_round_robin"],
                targets=tuple(Target(one["kind"], one["id"], one["name"]) for one in step["targets"]),
            )
            for step in stored["steps"]
        ),
    )
