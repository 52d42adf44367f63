"""The passes over everything that make an erasure, one step at a time; where it stands is a value that JSON can hold.

1. `look`: nothing is written. What is found makes the report of a dry run; what else the person is called in their own
   records (an e-mail beside the id) becomes a candidate.
2. `doubt`, where there are candidates: one that somebody else's record has as well is not the person's alone, and is
   left. The others are sought from now on like those that were given. A dry run looks once more.
3. `erase`, and again until a pass finds nothing: what was being digested while the first one went by is stored behind
   it.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from tradewatch.processes.erasing.columns import walks
from tradewatch.processes.erasing.job import Found, Job, person_as_json, person_from_json
from tradewatch.processes.erasing.person import Person
from tradewatch.processes.erasing.steps import step

LOOK, DOUBT, LOOK_AGAIN, ERASE, END = "look", "doubt", "look again", "erase", "end"
_NAMES = ("given", "also", "candidates", "shared", "common")
MOST_ERASING = 4  # who goes on using the application is in new events all the time


@dataclass
class Standing:
    """`label` and `after`: the table and key that were done last. `erased`: what the passes before changed."""

    job: Job
    is_dry: bool
    phase: str = LOOK
    label: str = ""
    after: Any = None
    round: int = 0
    looked: Found = field(default_factory=Found)
    erased: Found = field(default_factory=Found)

    def as_json(self) -> dict[str, Any]:
        """Return all but the names of anybody: those are stored apart."""
        return {
            "phase": self.phase,
            "label": self.label,
            "after": self.after,
            "round": self.round,
            "hashes": sorted(self.job.hashes),
            "own_hashes": sorted(self.job.own_hashes),
            "found": self.job.found.as_json(),
            "looked": self.looked.as_json(),
            "erased": self.erased.as_json(),
        }

    def names(self) -> dict[str, Any]:
        job = self.job
        return {name: person_as_json(getattr(job, name)) for name in _NAMES}

    @classmethod
    def begin(cls, person: Person, project_id: int | None, *, is_dry: bool) -> Self:
        return cls(Job(person, project_id), is_dry)

    @classmethod
    def from_json(cls, stored: dict[str, Any], names: dict[str, Any], project_id: int | None, *, is_dry: bool) -> Self:
        people: dict[str, Any] = {name: person_from_json(names.get(name, {})) for name in _NAMES}
        job = Job(
            project_id=project_id,
            writes=stored["phase"] == ERASE,
            hashes=set(stored["hashes"]),
            own_hashes=set(stored.get("own_hashes", ())),
            found=Found.from_json(stored["found"]),
            **people,
        )
        return cls(
            job,
            is_dry,
            phase=stored["phase"],
            label=stored["label"],
            after=stored["after"],
            round=stored["round"],
            looked=Found.from_json(stored["looked"]),
            erased=Found.from_json(stored["erased"]),
        )


def go_on(standing: Standing) -> None:
    """Do one step."""
    todo = walks(standing.job.project_id)
    labels = [walk.label for walk in todo]
    at = labels.index(standing.label) if standing.label else 0
    standing.label, standing.job.learns = labels[at], standing.phase == LOOK
    standing.after = step(todo[at], standing.job, standing.after)
    if standing.after is not None:
        return
    if at + 1 < len(todo):
        standing.label = labels[at + 1]
        return
    standing.label = ""
    _next_phase(standing)


def _next_phase(standing: Standing) -> None:
    job = standing.job
    found, job.found, job.gone = job.found, Found(), set()
    match standing.phase:
        case "look":
            standing.looked = found
            job.candidates = job.candidates - job.person
            standing.phase = DOUBT if job.candidates else _after_looking(standing)
        case "doubt":
            job.also, job.candidates = job.also | (job.candidates - job.shared), Person()
            standing.phase = LOOK_AGAIN if job.also else _after_looking(standing)
        case "look again":
            standing.looked, job.candidates = found, Person()
            standing.phase = _after_looking(standing)
        case _:
            standing.round += 1
            _add(standing.erased, found)
            standing.phase = END if not found.touched or standing.round == MOST_ERASING else ERASE
    job.writes = standing.phase == ERASE


def _after_looking(standing: Standing) -> str:
    return END if standing.is_dry else ERASE


def _add(to: Found, found: Found) -> None:
    for name in ("changed", "deleted"):
        getattr(to, name).update(getattr(found, name))
    to.looked_at += found.looked_at
