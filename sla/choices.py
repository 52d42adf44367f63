from django.db import models


class Indicator(models.TextChoices):
    """What a target counts. The order is that of forms."""

    AVAILABILITY = "availability", "Availability: requests that did not fail"
    ERROR_RATE = "error_rate", "Error rate: requests that failed"
    PERCENTILE = "percentile", "Response time: a percentile"
    LATENCY = "latency", "Latency: requests within a threshold"
    UPTIME = "uptime", "Uptime of checks"
    CUSTOM_RATIO = "custom_ratio", "Custom metrics: good of all"
    CUSTOM_VALUE = "custom_value", "Custom metric: values within a threshold"
    CRASH_FREE = "crash_free", "Crash-free sessions"
    DEPLOYMENT = "deployment", "Deployments that succeeded in time"
    ALERT_RESPONSE = "alert_response", "Alerts acknowledged in time"


class Direction(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"


class WindowKind(models.TextChoices):
    ROLLING = "rolling", "Rolling days"
    CALENDAR = "calendar", "Calendar periods"
    MARKET = "market", "Market sessions"


class CalendarUnit(models.TextChoices):
    """Local midnights of the version's zone; a week begins on Monday."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"


class CorrectionKind(models.TextChoices):
    MAINTENANCE = "maintenance", "Maintenance"
    DEPLOYMENT = "deployment", "Deployment"
    OUTSIDE_HOURS = "outside_hours", "Outside hours"
    OTHER = "other", "Other"


class TargetState(models.TextChoices):
    """`missed`: worse than the target, not yet at the warning threshold."""

    MET = "met", "Met"
    MISSED = "missed", "Missed"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"
    NO_DATA = "no_data", "No data"


class Cadence(models.TextChoices):
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly, on Monday"
    MONTHLY = "monthly", "Monthly, on the first"
    MARKET_CLOSE = "market_close", "After each market close"
