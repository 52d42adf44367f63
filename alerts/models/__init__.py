"""What `alerts` stores, one file a subject."""

from alerts.models.alerts import Alert as Alert
from alerts.models.alerts import TimelineEntry as TimelineEntry
from alerts.models.delivery import Notification as Notification
from alerts.models.occurrences import OccurrenceRecord as OccurrenceRecord
from alerts.models.rules import AlertRule as AlertRule
