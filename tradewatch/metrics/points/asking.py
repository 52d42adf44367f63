"""What is asked of the store, and what it answers, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """Which numbers of which metric. `environment` None: all. `type` and `unit` None: those with the most points.

    `filters` are {attribute: accepted values}; a series without the attribute has the value "".
    `aggregation` is one of `aggregations.BY_TYPE`; empty: the first of the metric's type.
    """

    project_ids: Sequence[int]
    name: str
    aggregation: str = ""
    environment: str | None = None
    type: str | None = None
    unit: str | None = None
    group_by: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One value a slot (None: nothing there), and the same over the whole interval. `label` is the attribute's value;
    `series` says how many series are in it."""

    label: str
    values: list[float | None]
    whole: float | None
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`starts` are the slots' starts in epoch seconds, `step` apart. `groups` are the lines of the greatest groups,
    with the rest of them as the last line, "other"; empty when nothing was grouped.
    """

    name: str
    type: str
    unit: str
    aggregation: str
    step: int
    starts: list[int]
    total: Line
    groups: list[Line] = field(default_factory=list)
    group_count: int = 0
