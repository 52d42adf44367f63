"""What higher parts want counted of transactions beyond what every project has: they say it here, once a batch."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class AskedTag(NamedTuple):
    """Transactions of a name (empty: of every name) that carry a tag of this value."""

    name: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """`latency_ms`: thresholds whose keeping is counted exactly; they stand beside the project's own eight."""

    latency_ms: frozenset[int] = frozenset()
    tags: frozenset[AskedTag] = frozenset()

    def plus(self, other: "Wanted") -> "Wanted":
        return Wanted(self.latency_ms | other.latency_ms, self.tags | other.tags)


Asker = Callable[[Collection[int], datetime], Mapping[int, Wanted]]
_askers: list[Asker] = []


def add_asker(asker: Asker) -> None:
    """Ask `asker` for {project id: what it wants} of each batch's projects; from an app's `ready`."""
    _askers.append(asker)


def wanted_of(project_ids: Collection[int], now: datetime) -> dict[int, Wanted]:
    found: dict[int, Wanted] = {}
    for asker in _askers:
        for project_id, wanted in asker(project_ids, now).items():
            found[project_id] = found.get(project_id, Wanted()).plus(wanted)
    return found
