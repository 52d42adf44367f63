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
    """What a rule watches: news that producers hand over, or what `metrics` counted, measured each minute."""

    NEW_ISSUE = "new_issue", "New issue"
    REGRESSION = "regression", "Regression"
    CRITICAL_ERROR = "critical_error", "Critical error"
    HEARTBEAT = "heartbeat", "Heartbeat missed"
    CHECK = "check", "Health check failed"
    SLA_BURN = "sla_burn", "SLA budget burns"
    DEPLOYMENT = "deployment", "Deployment unhealthy"
    ERROR_RATE = "error_rate", "Error rate"
    ERROR_RATE_RISE = "error_rate_rise", "Error rate above its usual"
    METRIC = "metric", "Metric beyond a threshold"
    LATENCY = "latency", "Latency percentile"
    ISSUE_FREQUENCY = "issue_frequency", "Events of one issue"
    USERS_AFFECTED = "users_affected", "Users that meet one issue"
    ABSENCE = "absence", "No data"


class Comparison(models.TextChoices):
    ABOVE = "above", "Above"
    BELOW = "below", "Below"


class Aggregate(models.TextChoices):
    """How a metric rule sums up its window."""

    COUNT = "count", "Count in the window"
    PER_MINUTE = "per_minute", "Count a minute"
    RATIO = "ratio", "Share of another series"


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


class RotationKind(models.TextChoices):
    """How long a shift lasts on the clock."""

    HOURLY = "hourly", "Hourly"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    CUSTOM = "custom", "Custom length"


class TargetKind(models.TextChoices):
    """Whom a step of an escalation policy notifies."""

    USER = "user", "Person"
    SCHEDULE = "schedule", "Who is on call"
    TEAM = "team", "Team"
    CHANNEL = "channel", "Channel"


class ContactMethod(models.TextChoices):
    """How a person is reached."""

    EMAIL = "email", "E-mail"
    CHANNEL = "channel", "Channel of one's own"
