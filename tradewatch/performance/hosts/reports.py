"""What a host reports, checked: points that the metric store can hold, and the newest figures. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tradewatch.performance.hosts.points import UNITS, Point

LABELS = frozenset({"state", "minutes", "mount", "device", "interface"})
LONGEST_LABEL = 200
OLDEST_SECONDS = 86_400.0  # an agent buffers a day at most


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample as it came: `age_seconds` before now. By age, because the host's clock may be anywhere."""

    age_seconds: float
    points: Sequence[Point]
    late: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The newest of each; None where the sample does not say."""

    cpu_count: int | None
    cpu_ratio: float | None
    load_ratio: float | None
    memory_ratio: float | None
    swap_ratio: float | None
    disk_ratio: float | None
    disk_mount: str


def fault_of(point: Point) -> str:
    """Return what is wrong with a point; empty: nothing."""
    unit = UNITS.get(point.name)
    if unit is None:
        return "is no host metric: post it to /performance/metrics"
    if not math.isfinite(point.value) or point.value < 0:
        return "expected a number from 0 up"
    if unit == "ratio" and point.value > 1.0:
        return "expected a ratio from 0 to 1, e.g. 0.38 for 38%"
    if any(name not in LABELS for name, _ in point.labels):
        return f"attributes are {', '.join(sorted(LABELS))}"
    return ""


def figures_of(points: Iterable[Point]) -> Figures:
    found: dict[str, float] = {}
    fullest, mount = None, ""
    for point in points:
        where = dict(point.labels)
        if point.name == "disk" and (fullest is None or point.value > fullest):
            fullest, mount = point.value, where.get("mount", "")
        elif not where:
            found[point.name] = point.value
    count = int(found["cpu.count"]) if found.get("cpu.count") else None
    return Figures(
        cpu_count=count,
        cpu_ratio=found.get("cpu"),
        load_ratio=found.get("load.ratio"),
        memory_ratio=found.get("memory"),
        swap_ratio=found.get("swap"),
        disk_ratio=fullest,
        disk_mount=mount[:LONGEST_LABEL],
    )


def newest(samples: Sequence[Sampled]) -> Sampled:
    return min(samples, key=lambda sample: sample.age_seconds)


def labels_from(attributes: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(name)[:64], str(value)[:LONGEST_LABEL]) for name, value in attributes.items()))
