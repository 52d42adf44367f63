"""How the issues of a batch stood before it: their state, severity and counters, read at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.states import Resolution, Silence
from tradewatch.projects.releases import ReleaseOrder

_PLAIN_FIELDS = ("id", "project_id", "number", "title", "state", "severity", "category", "event_count", "user_count")
_TRIAGE_FIELDS = ("merged_into_id", "has_members", "is_regressed", "priority", "priority_by")
_ORDER_FIELDS = ("version", "order_key", "first_seen_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """An issue as it stood before the batch."""

    id: int
    project_id: int
    number: int
    title: str
    state: str
    severity: str
    category: str
    event_count: int = 0
    user_count: int = 0
    last_release: ReleaseOrder | None = None
    resolution: Resolution | None = None
    silence: Silence | None = None
    is_new: bool = False
    merged_into_id: int | None = None
    has_members: bool = False
    is_regressed: bool = False
    priority: str = ""
    priority_by: str = ""  # empty: computed


def read_standings(ids: set[int]) -> Mapping[int, Standing]:
    rows = Issue.objects.filter(pk__in=ids).values(
        *_PLAIN_FIELDS,
        *_TRIAGE_FIELDS,
        *("resolved_at", "resolves_in_next_release", "ignored_until", "ignored_until_events", "ignored_until_users"),
        *(f"{name}__{field}" for name in ("last_release", "resolved_in_release") for field in _ORDER_FIELDS),
    )
    return {row["id"]: _standing(row) for row in rows}


def _standing(row: Mapping[str, Any]) -> Standing:
    state = row["state"]
    return Standing(
        **{name: row[name] for name in (*_PLAIN_FIELDS, *_TRIAGE_FIELDS)},
        last_release=_order(row, "last_release"),
        resolution=_resolution(row) if state == IssueState.RESOLVED else None,
        silence=_silence(row) if state == IssueState.IGNORED else None,
    )


def _order(row: Mapping[str, Any], name: str) -> ReleaseOrder | None:
    version, key, first_seen_at = (row[f"{name}__{field}"] for field in _ORDER_FIELDS)
    return ReleaseOrder(version, key, first_seen_at) if version else None


def _resolution(row: Mapping[str, Any]) -> Resolution:
    return Resolution(
        resolved_at=row["resolved_at"],
        in_release=_order(row, "resolved_in_release"),
        in_next_release=bool(row["resolves_in_next_release"]),
    )


def _silence(row: Mapping[str, Any]) -> Silence:
    return Silence(row["ignored_until"], row["ignored_until_events"], row["ignored_until_users"])
