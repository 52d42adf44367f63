from django.db import models


class Role(models.TextChoices):
    """What a member may do in a project; each role includes the ones before it."""

    VIEWER = "viewer", "Viewer"
    RESPONDER = "responder", "Responder"
    MANAGER = "manager", "Manager"


class Scope(models.TextChoices):
    """What an API token may do."""

    ERRORS_READ = "errors:read"
    ERRORS_WRITE = "errors:write"
    PERFORMANCE_READ = "performance:read"
    PERFORMANCE_WRITE = "performance:write"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    RELEASES_READ = "releases:read"
    RELEASES_WRITE = "releases:write"
    SLA_READ = "sla:read"
    SLA_WRITE = "sla:write"
    DEBUG_READ = "debug:read"
    DEBUG_WRITE = "debug:write"
    ADMIN = "admin"
    ALL = "*"
