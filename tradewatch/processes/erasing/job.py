"""What an erasure looks for, and what it came to so far. Values alone, as JSON between two steps."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tradewatch.processes.erasing.person import Person

Tally = Counter[str]  # "label|project id", the id empty where there is none


def place(label: str, project_id: int | None) -> str:
    return f"{label}|{'' if project_id is None else project_id}"


def places(tally: Mapping[str, int]) -> list[tuple[str, int | None, int]]:
    """Return (label, project id, count), largest first."""
    found = []
    for key, count in tally.items():
        label, _, project = key.rpartition("|")
        found.append((label, int(project) if project else None, count))
    return sorted(found, key=lambda each: (-each[2], each[0]))


@dataclass
class Found:
    """Rows of one pass, each tally {place: rows}.

    `changed`: the person was replaced; `deleted`: rows about them alone; `kept`: what is told and not touched;
    `in_doubt`: recordings of somebody who is called as the person is, by a name that others may have: they stay;
    `longer`: their name is part of a longer word there and stays; `unreadable`: bytes that nobody can look into.
    """

    changed: Tally = field(default_factory=Counter)
    deleted: Tally = field(default_factory=Counter)
    kept: Tally = field(default_factory=Counter)
    in_doubt: Tally = field(default_factory=Counter)
    longer: Tally = field(default_factory=Counter)
    unreadable: Tally = field(default_factory=Counter)
    looked_at: int = 0

    @property
    def touched(self) -> int:
        return sum(self.changed.values()) + sum(self.deleted.values())

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        tallies: dict[str, Any] = {name: Counter(each) for name, each in stored.items() if name != "looked_at"}
        return cls(**tallies, looked_at=stored["looked_at"])


@dataclass
class Job:
    """`given` is who was named; `also` what else they alone are called.

    `candidates`: what else the person was seen to be called, until it is known whether that is theirs alone; `shared`:
    what was found not to be; `common`: what stood beside the given name and means others as well (`42`, `guest`), which
    is not followed. `hashes` are those of `errors.facts.identity_hash`, of all that the person's records call them,
    also what others may be called (`Alex`); `own_hashes` those of the names of `person`, as they were written.
    `gone`: (label, key) of rows that went, or would, with another one. `note` is called in each transaction that
    changes rows: it stores what was found so far.
    """

    given: Person
    project_id: int | None = None
    writes: bool = False
    learns: bool = False
    also: Person = field(default_factory=Person)
    candidates: Person = field(default_factory=Person)
    shared: Person = field(default_factory=Person)
    common: Person = field(default_factory=Person)
    hashes: set[int] = field(default_factory=set)
    own_hashes: set[int] = field(default_factory=set)
    found: Found = field(default_factory=Found)
    gone: set[tuple[str, Any]] = field(default_factory=set)
    note: Callable[[], None] = lambda: None

    @property
    def person(self) -> Person:
        return self.given | self.also

    @property
    def seeks(self) -> Person:
        """Whoever a row must speak of to be looked at: all names of the person, and those that are in doubt."""
        return self.person | self.candidates


def person_as_json(person: Person) -> dict[str, list[str]]:
    return {"ids": sorted(person.ids), "emails": sorted(person.emails)}


def person_from_json(stored: Mapping[str, list[str]]) -> Person:
    return Person.of(ids=stored.get("ids", ()), emails=stored.get("emails", ()))
