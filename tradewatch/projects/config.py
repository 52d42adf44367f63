"""A snapshot of all projects and keys, at most 2 s old: the edge and the digest never ask the database for them."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.projects.models import Project, ProjectKey

MAX_AGE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    id: int
    slug: str
    keeps_ip_addresses: bool
    scrub_fields: frozenset[str]
    quota_per_minute: int | None
    log_bytes_per_minute: int | None
    spike_limit_per_minute: int | None
    keys: frozenset[str]  # public keys that are not revoked
    event_days: int | None = None
    log_days: int | None = None


_lock = threading.Lock()
_snapshot: Mapping[int, ProjectConfig] = {}
_read_at = float("-inf")


def project_configs() -> Mapping[int, ProjectConfig]:
    """Return {project id: config}, read again when the snapshot is older than 2 s. Blocks on the database then."""
    global _snapshot, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        with _lock:
            if time.monotonic() - _read_at > MAX_AGE_SECONDS:
                _snapshot = _read_configs()
                _read_at = time.monotonic()
    return _snapshot


def cached_project_configs() -> Mapping[int, ProjectConfig]:
    """Return the snapshot as it is, without touching the database (for the event loop; a thread keeps it fresh)."""
    return _snapshot


def forget_configs() -> None:
    """Make the next call read the database (after a change, and in tests)."""
    global _read_at
    _read_at = float("-inf")


def _read_configs() -> dict[int, ProjectConfig]:
    keys: dict[int, set[str]] = {}
    for project_id, key in ProjectKey.objects.filter(revoked_at=None).values_list("project_id", "public_key"):
        keys.setdefault(project_id, set()).add(key)
    return {
        project.id: ProjectConfig(
            id=project.id,
            slug=project.slug,
            keeps_ip_addresses=project.keeps_ip_addresses,
            scrub_fields=frozenset(str(name).lower() for name in project.scrub_fields),
            quota_per_minute=project.quota_per_minute,
            log_bytes_per_minute=project.log_bytes_per_minute,
            spike_limit_per_minute=project.spike_limit_per_minute,
            keys=frozenset(keys.get(project.id, ())),
            event_days=project.event_days,
            log_days=project.log_days,
        )
        for project in Project.objects.all()
    }
