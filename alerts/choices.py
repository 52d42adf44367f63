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
