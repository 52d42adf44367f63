from django.db import models


class CheckKind(models.TextChoices):
    HTTP = "http", "HTTP"
    TCP = "tcp", "TCP"
    DNS = "dns", "DNS"
    POSTGRES = "postgres", "PostgreSQL"
    REDIS = "redis", "Redis"


class CheckState(models.TextChoices):
    UNKNOWN = "unknown", "No data"
    UP = "up", "Up"
    SLOW = "slow", "Slow"
    DOWN = "down", "Down"
    PAUSED = "paused", "Paused"


class Level(models.TextChoices):
    """What one run found. Not run: nothing was asked (the guard refused the address), so nothing is known."""

    OK = "ok", "Good"
    SLOW = "slow", "Slow"
    FAILED = "failed", "Failed"
    NOT_RUN = "not_run", "Not run"


class Method(models.TextChoices):
    GET = "GET", "GET"
    HEAD = "HEAD", "HEAD"
    POST = "POST", "POST"
    OPTIONS = "OPTIONS", "OPTIONS"


class RecordType(models.TextChoices):
    A = "A", "A"
    AAAA = "AAAA", "AAAA"
    CNAME = "CNAME", "CNAME"
    MX = "MX", "MX"
    NS = "NS", "NS"
    SRV = "SRV", "SRV"
    TXT = "TXT", "TXT"


# The states in which something was known; uptime is the share of the first two.
KNOWN = (CheckState.UP, CheckState.SLOW, CheckState.DOWN)
