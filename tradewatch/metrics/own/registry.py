"""Which measures there are, and their values now: each group is read at once, and one that fails hides no other."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tradewatch.metrics.own.measures import Measure, Values

logger = logging.getLogger(__name__)

# Takes the present and returns the values that are known: a measure without any is left out.
Read = Callable[[datetime], Values]


@dataclass(frozen=True, slots=True)
class Group:
    """What is read together, in a few statements. `title` heads it on the page."""

    name: str
    title: str
    measures: Sequence[Measure]
    read: Read


@dataclass(frozen=True, slots=True)
class Readings:
    """`failed`: groups that could not be read; their measures are unknown."""

    values: Values = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    def state_of(self, measure: Measure) -> str:
        return measure.state_of(self.values.get(measure.name, {}).values())


_groups: dict[str, Group] = {}


def add_measures(name: str, title: str, measures: Sequence[Measure], read: Read) -> None:
    """Add a group, in the order in which the parts of TradeWatch stand. The same name again replaces it."""
    _groups[name] = Group(name, title, tuple(measures), read)


def all_groups() -> Sequence[Group]:
    return tuple(_groups.values())


def all_measures() -> Mapping[str, Measure]:
    """Return {name: measure}."""
    return {measure.name: measure for group in _groups.values() for measure in group.measures}


def read_own(now: datetime) -> Readings:
    """Return what all groups say now."""
    values: dict[str, Mapping[str, float]] = {}
    failed = []
    for group in all_groups():
        try:
            found = group.read(now)
        except Exception:
            logger.exception("own measures cannot be read group=%s", group.name)
            failed.append(group.name)
        else:
            values.update({name: by_label for name, by_label in found.items() if by_label})
    return Readings(values, tuple(failed))


def plain(**values: float | None) -> dict[str, dict[str, float]]:
    """Return the values of measures without a label, those that are not None."""
    return {name: {"": float(value)} for name, value in values.items() if value is not None}


def age_seconds(since: datetime | float | None, now: datetime) -> float | None:
    """Return the seconds since a moment, or epoch seconds; never negative, None for never."""
    if since is None:
        return None
    epoch = since.timestamp() if isinstance(since, datetime) else since
    return max(0.0, now.timestamp() - epoch)
