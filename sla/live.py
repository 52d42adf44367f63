"""Tells open pages that the figures of targets moved: a topic's name, nothing of what moved."""

from datetime import datetime

from sla.models import Target
from tradewatch.core.live import push


def push_targets(now: datetime) -> None:
    """Push for every project with a target; called each minute, once its newest minutes are counted."""
    targets = Target.objects.filter(archived_at=None).order_by("project")
    for project_id in targets.values_list("project", flat=True).distinct():
        push("sla", project_id)
