import orjson
import zstandard
from django.db import models

from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.models.issues import Issue
from tradewatch.errors.normalise import settled
from tradewatch.projects.models import Project, Release


class Event(models.Model):
    """One report of an error. Narrow on purpose: the document lives in `EventPayload`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="events", db_index=False)
    event_id = models.UUIDField()
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    severity = models.CharField(max_length=8, choices=ErrorSeverity.choices)
    environment = models.CharField(max_length=64)
    release = models.ForeignKey(Release, null=True, on_delete=models.SET_NULL, db_index=False)
    transaction = models.CharField(max_length=200, blank=True)
    trace_id = models.CharField(max_length=32, blank=True)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "event_id"], name="event_once")]
        indexes = [
            models.Index(fields=["issue", "-timestamp"], name="event_of_issue"),
            models.Index(fields=["project", "-timestamp"], name="event_newest"),
            models.Index(fields=["trace_id"], name="event_trace", condition=~models.Q(trace_id="")),
        ]

    def __str__(self) -> str:
        return self.event_id.hex

    def get_absolute_url(self) -> str:
        return f"/issues/{self.issue_id}/events/{self.event_id.hex}"

    @property
    def payload(self) -> dict[str, object]:
        """The stored document: scrubbed, in the canonical shape of `errors.normalise`."""
        return settled(orjson.loads(zstandard.decompress(self.stored.data)))


class EventPayload(models.Model):
    event = models.OneToOneField(Event, primary_key=True, on_delete=models.CASCADE, related_name="stored")
    data = models.BinaryField(help_text="zstd level 3 of the JSON document")

    def __str__(self) -> str:
        return f"payload of {self.event_id}"
