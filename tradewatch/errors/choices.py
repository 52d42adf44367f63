from django.db import models


class ErrorSeverity(models.TextChoices):
    DEBUG = "debug", "Debug"
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"
    CRITICAL = "critical", "Critical"  # an SDK's `fatal`


class ErrorCategory(models.TextChoices):
    ORDER_EXECUTION = "order_execution", "Order execution"
    MARKET_DATA = "market_data", "Market data"
    RISK = "risk", "Risk"
    SETTLEMENT = "settlement", "Settlement"
    AUTHENTICATION = "authentication", "Authentication"
    DATABASE = "database", "Database"
    NETWORK = "network", "Network"
    EXTERNAL_API = "external_api", "External API"
    VALIDATION = "validation", "Validation"
    BUSINESS_LOGIC = "business_logic", "Business logic"
    SECURITY = "security", "Security"
    SYSTEM = "system", "System"
    PERFORMANCE = "performance", "Performance"
    UNKNOWN = "unknown", "Unknown"


class IssueState(models.TextChoices):
    UNRESOLVED = "unresolved", "Unresolved"
    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"


class IssueSort(models.TextChoices):
    """Orders of the issue list, each the greatest or newest first."""

    LAST_SEEN = "last_seen", "Last seen"
    FIRST_SEEN = "first_seen", "First seen"
    FREQUENCY = "frequency", "Frequency"
    USERS = "users", "Users"
    TREND = "trend", "Trend"


class IssuePriority(models.TextChoices):
    """What to take up first."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class ActivityKind(models.TextChoices):
    """What can happen to an issue. Those that TradeWatch does itself come last."""

    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"
    REOPENED = "reopened", "Reopened"
    ASSIGNED = "assigned", "Assigned"
    PRIORITY = "priority", "Priority"
    NOTE = "note", "Note"
    MERGED = "merged", "Merged"
    UNMERGED = "unmerged", "Unmerged"
    UNDONE = "undone", "Taken back"
    REGRESSED = "regressed", "Came back"
    WOKEN = "woken", "No longer ignored"
