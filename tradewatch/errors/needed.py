"""Events that an app above still needs, such as one that a debugging session is about: retention leaves them out."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

EventIds = Callable[[], QuerySet[Any]]

_needed: dict[str, EventIds] = {}


def keep_events_of(name: str, event_ids: EventIds) -> None:
    """Let retention leave out the events whose keys a query of one column gives (from `AppConfig.ready`).

    The table that needs them points to events with RESTRICT: what came to be needed since the query is safe too.
    """
    _needed[name] = event_ids


def needed_events() -> list[QuerySet[Any]]:
    return [event_ids() for event_ids in _needed.values()]
