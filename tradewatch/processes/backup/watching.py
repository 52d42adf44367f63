"""An alert while scheduled backups fail or are overdue; it ends with the next good one."""

from datetime import datetime

from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity
from alerts.services.judging import observe_end
from alerts.services.opening import open_or_update
from alerts.trigger import Trigger
from tradewatch.core.backup_state import BROKEN, OK, BackupState, backup_state
from tradewatch.projects.models import Project
from tradewatch.projects.queries import first_project

KEY = "backup:scheduled"
SOURCE = "backup"


def tell_of_backups(now: datetime) -> None:
    """Open or end the alert, in the first project: backups are of the installation."""
    found = backup_state(now)
    if not found.is_trouble and found.state != OK:
        return
    project = first_project()
    if project is None:
        return
    with transaction.atomic():
        if found.is_trouble:
            open_or_update(_trigger(found, project, now), now=now)
        else:
            observe_end(project.pk, KEY, why="A backup was made.", by="TradeWatch", now=now)


def _trigger(found: BackupState, project: Project, now: datetime) -> Trigger:
    what = "Scheduled backups fail" if found.state == BROKEN else "A scheduled backup is overdue"
    return Trigger(
        project_id=project.pk,
        dedup_key=KEY,
        severity=AlertSeverity.ERROR,
        category=AlertCategory.SYSTEM,
        source=SOURCE,
        title="Scheduled backups are not made",
        message=f"{what}: {found.text}. The worker's log says why.",
        at=now,
        reasons=(f"{what}: {found.text}.",),
        occasion=f"{now:%Y-%m-%d}",
    )
