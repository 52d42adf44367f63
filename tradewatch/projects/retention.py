"""How long each project keeps what: its own days where it has some, else the installation's."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from tradewatch.projects.models import Project

# The project's field: the setting that holds where the field is empty.
DAYS: Mapping[str, str] = {
    "event_days": "EVENT_RETENTION",
    "trace_days": "TRACE_RETENTION",
    "log_days": "LOG_RETENTION",
    "context_days": "DEBUG_CONTEXT_RETENTION",
    "recording_days": "REPLAY_RETENTION",
    "attachment_days": "KEPT_ITEM_RETENTION",
}


def how_long(days: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if days is None else timedelta(days=days)


def kept_from(field: str, now: datetime) -> dict[int, datetime]:
    """Return {project id: what is older than this has had its time}, for one of `DAYS`."""
    otherwise: timedelta = getattr(settings, DAYS[field])
    days = Project.objects.order_by("pk").values_list("pk", field)
    return {project_id: now - how_long(own, otherwise) for project_id, own in days}
