"""What sources have in common: a definition that is looked at by a table, and how long minutes are held."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sla.minutes.packing import MOST, Minute
from sla.sources.definitions import Definition, Faults, Look, faults_of
from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import Resolution
from tradewatch.projects.models import Project

MARGIN = timedelta(hours=2)  # what retention is about to delete is not read again


class Described:
    """`wanted` and `optional`: what a definition holds, and how each part is looked at.

    `only_grows`: what is counted in a minute never becomes less, so that less means that the source has lost some.
    """

    has_bins: bool = False
    only_grows: bool = True
    wanted: Mapping[str, Look] = {}
    optional: Mapping[str, Look] = {}

    def faults(self, definition: Definition, project: Project) -> Faults:
        return faults_of(definition, self.wanted, self.optional)

    def canonical(self, definition: Definition) -> dict[str, Any]:
        known = {**self.wanted, **self.optional}
        return {name: definition[name] for name in sorted(known) if definition.get(name) not in (None, "", {}, False)}

    def held_from(self, now: datetime) -> datetime:
        return now - bucket_ages()[Resolution.MINUTE] + MARGIN


def minute_of(valid: int, bad: int, received: int, received_bad: int, *, is_approximate: bool = False) -> Minute:
    """Return the counts within what a block holds, the bad never more than all."""
    valid, received = min(valid, MOST), min(received, MOST)
    return Minute(valid, min(bad, valid), received, min(received_bad, received), is_approximate)
