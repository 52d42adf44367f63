"""Celery finds tasks here; each subject has its own."""

from sla.burning.tasks import tell_burns as tell_burns
from sla.burning.tasks import tell_states as tell_states
from sla.collecting.tasks import collect as collect
from sla.collecting.tasks import delete_old_minutes as delete_old_minutes
from sla.reports.tasks import close_periods as close_periods
from sla.reports.tasks import send_reports as send_reports
