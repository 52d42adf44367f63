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


class Simulated(models.TextChoices):
    """How news, and the alert and group that come of it, are simulated; empty: they are real.

    Held: everything is decided, nothing leaves. Told: somebody asked that people are told all the same.
    """

    HELD = "held", "Simulated, nobody is told"
    TOLD = "told", "Simulated, people are told"


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
    HOST_SILENT = "host_silent", "Host silent"
    HOST_METRIC = "host_metric", "Host metric beyond a threshold"
    SLOW_CODE = "slow_code", "Code slower than its own threshold"
    CUSTOM_METRIC = "custom_metric", "Custom metric beyond a threshold"
    TRACE_FINDING = "trace_finding", "N+1 or slow query found"
    UPSTREAM = "upstream", "Upstream Sentry in trouble"
    OWN_HEALTH = "own_health", "TradeWatch's own health"
    CLOCK = "clock", "TradeWatch's clock stands"


class Comparison(models.TextChoices):
    ABOVE = "above", "Above"
    BELOW = "below", "Below"


class Aggregate(models.TextChoices):
    """How a metric rule sums up its window."""

    COUNT = "count", "Count in the window"
    PER_MINUTE = "per_minute", "Count a minute"
    RATIO = "ratio", "Share of another series"


class Statistic(models.TextChoices):
    """What a rule over a custom metric asks of its window."""

    RATE = "rate", "Rate a minute"
    SUM = "sum", "Sum"
    COUNT = "count", "Number of points"
    AVERAGE = "avg", "Average"
    LEAST = "min", "Least"
    GREATEST = "max", "Greatest"
    LAST = "last", "Last value"
    P50 = "p50", "p50"
    P75 = "p75", "p75"
    P90 = "p90", "p90"
    P95 = "p95", "p95"
    P99 = "p99", "p99"


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed for good"
    SUPERSEDED = "superseded", "Superseded"
    UNKNOWN = "unknown", "Unknown"


class DeliveryEvent(models.TextChoices):
    """What a notification tells of a group of alerts."""

    FIRING = "firing", "It fires"
    ACKNOWLEDGED = "acknowledged", "It is acknowledged"
    REMINDER = "reminder", "It is acknowledged and still fires"
    RESOLVED = "resolved", "It ended"
    DIGEST = "digest", "What was held"


class GroupState(models.TextChoices):
    FIRING = "firing", "Firing"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    ENDED = "ended", "Ended"


class SeverityChange(models.TextChoices):
    """What a classification rule does with its severity."""

    SET = "set", "Set it"
    RAISE = "raise", "Raise to it, never lower"
    LOWER = "lower", "Lower to it, never raise"


class EntryKind(models.TextChoices):
    """What a timeline entry tells."""

    FIRED = "fired", "Fired"
    RAISED = "raised", "Raised"
    CLASSIFIED = "classified", "Classified"
    ROUTED = "routed", "Routed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    UNACKNOWLEDGED = "unacknowledged", "Fires again"
    SNOOZED = "snoozed", "Snoozed"
    ASSIGNED = "assigned", "Assigned"
    NOTE = "note", "Note"
    RESOLVED = "resolved", "Resolved"
    DECIDED = "decided", "Message"
    STEP = "step", "Escalation"
    STOPPED = "stopped", "Escalation stopped"
    TOLD = "told", "Told"
    HELD = "held", "Held"
    RELEASED = "released", "No longer held"
    NOBODY = "nobody", "Nobody to tell"
    DELAYED = "delayed", "Delivery delayed"
    FAILED = "failed", "Delivery failed"
    UNKNOWN = "unknown", "Delivery unknown"
    SUPERSEDED = "superseded", "Delivery superseded"
    WATCHDOG = "watchdog", "Watchdog"


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
