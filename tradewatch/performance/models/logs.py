"""Logs as they are stored: not a row a line but a block of lines, written in columns and compressed.

See `performance.logs.columns` for what is in the bytes, and docs/logs.md for what that costs and saves.
"""

from django.db import models

from tradewatch.projects.models import Project


class LogBlock(models.Model):
    """Lines of one environment within one hour, in order of time. A delivered container makes one; they are packed
    together later.

    Moments are in microseconds since the epoch: they are compared and merged by arithmetic, never shown as they are.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    environment = models.CharField(max_length=64, blank=True)
    hour = models.IntegerField(help_text="hours since the epoch")
    first_us = models.BigIntegerField()
    last_us = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    levels = models.PositiveSmallIntegerField(help_text="one bit for each level that occurs")
    is_loose = models.BooleanField(default=True, help_text="waits to be packed with others of its hour")
    trace_ids = models.BinaryField(help_text="16 bytes each, none twice")
    heads = models.BinaryField()
    bodies = models.BinaryField()
    attributes = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "last_us"], name="log_block_time"),
            models.Index(
                fields=["project", "environment", "hour"], name="log_block_loose", condition=models.Q(is_loose=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_count} lines of hour {self.hour}"


class LogReceipt(models.Model):
    """That a container was taken: the same one delivered again changes nothing. The key is a hash of what came."""

    id = models.BigIntegerField(primary_key=True)
    hour = models.IntegerField(db_index=True, help_text="hours since the epoch")

    project_id = None  # a hash tells nothing of any project

    def __str__(self) -> str:
        return f"container {self.id:x}"
