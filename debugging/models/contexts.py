import orjson
import zstandard
from django.db import models

from tradewatch.errors.models import Issue
from tradewatch.errors.normalise import settled
from tradewatch.projects.models import Project


class ErrorContext(models.Model):
    """An error that code captured for debugging. It is no event: nothing counts it, no rule sees it.

    `issue`: the one that events of the same fingerprint belong to, if there was one; `hashes` are the fingerprint's.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="error_contexts", db_index=False)
    error_id = models.UUIDField(unique=True)
    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.SET_NULL, related_name="contexts")
    hashes = models.JSONField(default=list)
    title = models.CharField(max_length=250)
    exception_type = models.CharField(max_length=200, blank=True)
    culprit = models.CharField(max_length=250, blank=True)
    environment = models.CharField(max_length=64)
    release = models.CharField(max_length=250, blank=True)
    transaction = models.CharField(max_length=200, blank=True)
    trace_id = models.CharField(max_length=32, blank=True)
    captured_at = models.DateTimeField()
    captured_by = models.CharField(max_length=200)
    data = models.BinaryField(help_text="zstd level 3 of the JSON document, in the shape of an event's")

    class Meta:
        ordering = ["-captured_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-captured_at", "-id"], name="context_newest"),
            models.Index(fields=["captured_at"], name="context_age"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def payload(self) -> dict[str, object]:
        """The stored document: scrubbed, in the canonical shape of `errors.normalise`."""
        return settled(orjson.loads(zstandard.decompress(bytes(self.data))))
