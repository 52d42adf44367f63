from django.db import models


class AlertSeverity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"
    CRITICAL = "critical", "Critical"


class AlertCategory(models.TextChoices):
    ERROR = "error", "Error"
    PERFORMANCE = "performance", "Performance"
    SYSTEM = "system", "System"
    SLA = "sla", "SLA"
    RELEASE = "release", "Release"
    SECURITY = "security", "Security"
    BUSINESS = "business", "Business"
    HEARTBEAT = "heartbeat", "Heartbeat"


class AlertState(models.TextChoices):
    FIRING = "firing", "Firing"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"


class RuleKind(models.TextChoices):
    """What a rule watches. The first four are fed by occurrences or by a tick; later capabilities add theirs."""

    NEW_ISSUE = "new_issue", "New issue"
    REGRESSION = "regression", "Regression"
    CRITICAL_ERROR = "critical_error", "Critical error"
    ERROR_RATE = "error_rate", "Error rate"


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed for good"
    SUPERSEDED = "superseded", "Superseded"
    UNKNOWN = "unknown", "Unknown"


class DeliveryEvent(models.TextChoices):
    """What a mail tells of an alert."""

    FIRING = "firing", "It fires"
    RESOLVED = "resolved", "It ended"


class EntryKind(models.TextChoices):
    """What a timeline entry tells."""

    FIRED = "fired", "Fired"
    RAISED = "raised", "Raised"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"
    TOLD = "told", "Told"
    HELD = "held", "No mail"
    NOBODY = "nobody", "Nobody to tell"
    DELAYED = "delayed", "Mail delayed"
    FAILED = "failed", "Mail failed"
    UNKNOWN = "unknown", "Mail unknown"
    SUPERSEDED = "superseded", "Mail superseded"


SEVERITY_RANK = {severity: rank for rank, severity in enumerate(AlertSeverity)}
