"""The line that says what debugging takes of the database."""

from collections.abc import Collection
from typing import Any

from django.conf import settings

from debugging.storage import storage_of


def storage_line(project_ids: Collection[int]) -> dict[str, Any]:
    """Return {"kinds": those there is something of, "bytes": of all together, and for how many days they stay}."""
    found = storage_of(project_ids)
    return {
        "kinds": [each for each in found if each.rows],
        "bytes": sum(each.bytes for each in found),
        "session_days": settings.DEBUG_SESSION_RETENTION.days,
        "context_days": settings.DEBUG_CONTEXT_RETENTION.days,
    }
