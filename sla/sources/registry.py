"""The sources by indicator. Higher apps add theirs when they start."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sla.choices import Indicator
from sla.models import Measure
from sla.sources.values import Counted
from tradewatch.projects.models import Project

Definition = Mapping[str, Any]
Faults = dict[str, list[str]]  # {field: what is expected of it}


class NoSourceError(LookupError):
    """Nothing here counts that indicator."""


class Source(Protocol):
    """Reads minutes that are counted elsewhere. Reading twice gives the same, and changes nothing.

    `only_grows`: a minute's `received` never becomes less, so that less means that the source has lost some.
    """

    has_bins: bool
    only_grows: bool

    def faults(self, definition: Definition, project: Project) -> Faults: ...

    def canonical(self, definition: Definition) -> dict[str, Any]:
        """Return a sound definition with only the keys that count, equal for two that count the same."""
        ...

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        """Return {measure id: its minutes that begin within [start, end)}, epoch seconds; few queries for many."""
        ...

    def held_from(self, now: datetime) -> datetime:
        """Return since when the source still has everything that it counted."""
        ...


_sources: dict[str, Source] = {}


def add_source(indicator: Indicator | str, source: Source) -> None:
    """Let `source` count an indicator from now on; it takes the place of an earlier one."""
    _sources[str(indicator)] = source


def has_source(indicator: Indicator | str) -> bool:
    return str(indicator) in _sources


def source_of(indicator: Indicator | str) -> Source:
    """Raises `NoSourceError`."""
    try:
        return _sources[str(indicator)]
    except KeyError:
        raise NoSourceError(f"nothing counts {indicator} here") from None


def definition_faults(indicator: Indicator | str, definition: Definition, project: Project) -> Faults:
    """Return {field: what is expected}; empty for a sound definition."""
    if not has_source(indicator):
        return {"indicator": [f"Nothing counts {indicator} here."]}
    return source_of(indicator).faults(definition, project)
