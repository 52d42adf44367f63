"""What `alerts` stores, one file a subject."""

from alerts.models.alerts import Alert as Alert
from alerts.models.alerts import TimelineEntry as TimelineEntry
from alerts.models.channels import NotificationChannel as NotificationChannel
from alerts.models.contacts import ContactAddress as ContactAddress
from alerts.models.contacts import ContactRule as ContactRule
from alerts.models.contacts import FeedLink as FeedLink
from alerts.models.delivery import Notification as Notification
from alerts.models.escalation import EscalationPolicy as EscalationPolicy
from alerts.models.escalation import EscalationStep as EscalationStep
from alerts.models.escalation import EscalationTarget as EscalationTarget
from alerts.models.heartbeats import Heartbeat as Heartbeat
from alerts.models.heartbeats import HeartbeatEntry as HeartbeatEntry
from alerts.models.intake import IntakeSource as IntakeSource
from alerts.models.intake import TakenIn as TakenIn
from alerts.models.occurrences import OccurrenceRecord as OccurrenceRecord
from alerts.models.oncall import Override as Override
from alerts.models.oncall import Rotation as Rotation
from alerts.models.oncall import RotationMember as RotationMember
from alerts.models.oncall import Schedule as Schedule
from alerts.models.rules import AlertRule as AlertRule
