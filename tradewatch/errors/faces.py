"""What an issue shows of its events besides counts: first and last seen, the worst severity, its releases. Pure.

Counts can be added and taken out again; these are extremes, so an issue remembers its own while it has members.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from tradewatch.errors.choices import ErrorSeverity
from tradewatch.projects.releases import ReleaseOrder, is_after

_RANKS = {severity: rank for rank, severity in enumerate(ErrorSeverity.values)}


class StoredFace(TypedDict):
    """A face as JSON: moments in ISO 8601, releases by id."""

    first_seen_at: str
    last_seen_at: str
    severity: str
    first_release: int | None
    last_release: int | None


@dataclass(frozen=True, slots=True)
class Face:
    first_seen_at: datetime
    last_seen_at: datetime
    severity: str
    first_release: int | None = None
    last_release: int | None = None


def combine(faces: Iterable[Face], orders: Mapping[int, ReleaseOrder]) -> Face:
    """Return the face of all together, at least one. `orders` {release id: its place in the order}."""
    known = list(faces)
    earliest_first = sorted(known, key=lambda face: face.first_seen_at)
    return Face(
        first_seen_at=earliest_first[0].first_seen_at,
        last_seen_at=max(face.last_seen_at for face in known),
        severity=max((face.severity for face in known), key=_RANKS.__getitem__),
        first_release=next((face.first_release for face in earliest_first if face.first_release is not None), None),
        last_release=_newest((face.last_release for face in known), orders),
    )


def to_json(face: Face) -> StoredFace:
    return StoredFace(
        first_seen_at=face.first_seen_at.isoformat(),
        last_seen_at=face.last_seen_at.isoformat(),
        severity=face.severity,
        first_release=face.first_release,
        last_release=face.last_release,
    )


def from_json(stored: StoredFace) -> Face:
    return Face(
        first_seen_at=datetime.fromisoformat(stored["first_seen_at"]),
        last_seen_at=datetime.fromisoformat(stored["last_seen_at"]),
        severity=stored["severity"],
        first_release=stored["first_release"],
        last_release=stored["last_release"],
    )


def worst_of(severities: Iterable[str]) -> str:
    """Return the worst of known severities; the mildest there is for none."""
    return max(
        (each for each in severities if each in _RANKS), key=_RANKS.__getitem__, default=ErrorSeverity.DEBUG.value
    )


def _newest(ids: Iterable[int | None], orders: Mapping[int, ReleaseOrder]) -> int | None:
    newest: int | None = None
    for release in ids:
        if release is not None and release in orders and (newest is None or is_after(orders[release], orders[newest])):
            newest = release
    return newest
