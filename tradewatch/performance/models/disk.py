from django.db import models


class DiskSample(models.Model):
    """How much of the disk TradeWatch used at a moment, by kind of data."""

    at = models.DateTimeField(unique=True)
    sizes = models.JSONField(help_text="bytes by kind")
    free_bytes = models.BigIntegerField(help_text="on the file system of TRADEWATCH_HOME")
    total_bytes = models.BigIntegerField()
    is_exact = models.BooleanField(help_text="measured by table; else estimated from rows")

    project_id = None  # of the installation

    def __str__(self) -> str:
        return f"disk at {self.at:%Y-%m-%d %H:%M}"

    @property
    def used_bytes(self) -> int:
        return sum(self.sizes.values())


class DiskWatch(models.Model):
    """The one row of what is cleared for room, now or the last time. `cleared` {kind: rows}."""

    began_at = models.DateTimeField(null=True, help_text="of the clearing under way, else of the last one")
    ended_at = models.DateTimeField(null=True, help_text="empty while it is under way")
    cleared = models.JSONField(default=dict)
    # Neither is written any more: what lies free is asked of PostgreSQL. They go with a later release.
    reclaimed_bytes = models.BigIntegerField(default=0, help_text="estimated, within PostgreSQL's files")
    size_bytes = models.BigIntegerField(default=0, help_text="of the database, when it was cleared last")

    project_id = None  # of the installation

    def __str__(self) -> str:
        return "the disk's clearing"

    @property
    def is_clearing(self) -> bool:
        return self.began_at is not None and self.ended_at is None
