"""Celery finds tasks here; each subject has its own."""

from sla.collecting.tasks import collect as collect
from sla.collecting.tasks import delete_old_minutes as delete_old_minutes
