"""The versions of a target: what each changed, who did, and why. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sla.models import TargetVersion
from tradewatch.dashboard.sla.words import exact_share, threshold_words

_VALUES = (("target_value", "target"), ("warning_threshold", "warning"), ("critical_threshold", "critical"))
_PLAIN = (
    ("environment", "environment"),
    ("indicator", "indicator"),
    ("slice_seconds", "slice seconds"),
    ("direction", "direction"),
    ("window", "window"),
    ("window_days", "days"),
    ("window_unit", "unit"),
    ("zone", "zone"),
    ("market", "market"),
    ("excluded_times", "left out"),
    ("least_events", "least events"),
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    valid_from: datetime
    actor: str
    reason: str
    changes: Sequence[str]


def version_rows(versions: Sequence[TargetVersion]) -> list[VersionRow]:
    """Return a row for each, the newest first, with what it changed of the one before."""
    earlier = [*versions[1:], None]
    return [
        VersionRow(
            version.number,
            version.valid_from,
            version.actor,
            version.reason,
            list(_changes(before, version)) if before else [_first(version)],
        )
        for version, before in zip(versions, earlier, strict=True)
    ]


def _first(version: TargetVersion) -> str:
    return f"target {threshold_words(version, version.target_value)}"


def _changes(before: TargetVersion, after: TargetVersion) -> Iterator[str]:
    for field, name in _VALUES:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield f"{name} {threshold_words(before, old)} → {threshold_words(after, new)}"
    if before.objective != after.objective:
        yield f"objective {exact_share(before.objective)} → {exact_share(after.objective)}"
    for field, name in _PLAIN:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield f"{name} {old or 'none'} → {new or 'none'}"
    for key in sorted({*before.definition, *after.definition}):
        old, new = before.definition.get(key), after.definition.get(key)
        if old != new:
            yield f"{key.replace('_', ' ')} {_told(old)} → {_told(new)}"


def _told(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return "none" if value is None else str(value)
