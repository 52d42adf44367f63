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
