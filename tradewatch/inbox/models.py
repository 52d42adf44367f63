from uuid import uuid4

from django.db import models

from tradewatch.projects.models import Project


class QueuedEnvelope(models.Model):
    """The inbox on PostgreSQL. On SQLite the inbox is a file of its own with the same columns (see queue_sqlite)."""

    project_id = models.IntegerField()
    received_at = models.FloatField(help_text="epoch seconds")
    encoding = models.CharField(max_length=8, help_text="identity, gzip, deflate, br or zstd")
    address = models.CharField(max_length=45, default="")
    body = models.BinaryField()

    class Meta:
        db_table = "inbox_queue"

    def __str__(self) -> str:
        return f"envelope {self.pk}"


class Cursor(models.Model):
    """How far a digest has come. Moves in the transaction that stores what was digested."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)
    digested_count = models.BigIntegerField(default=0)
    last_digested_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.position}"


class DeadLetter(models.Model):
    """An envelope that could not be digested, with its reason. `body` is raw and unscrubbed: it expires."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RETRIED = "retried", "Retried"
        EXPIRED = "expired", "Expired"

    project_id = models.IntegerField(null=True, db_index=True)
    received_at = models.DateTimeField()
    failed_at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    retried_at = models.DateTimeField(null=True)
    encoding = models.CharField(max_length=8)
    address = models.CharField(max_length=45, default="", blank=True)
    body = models.BinaryField(null=True)
    body_bytes = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reason} ({self.body_bytes} bytes)"


class KeptItem(models.Model):
    """An item whose home comes with a later capability, scrubbed and kept so that it can be read then.

    `payload` is zstd-compressed: JSON for containers and objects; empty for attachments, whose bytes are chunks.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    item_type = models.CharField(max_length=24)
    identity = models.UUIDField(default=uuid4, editable=False, help_text="the same for an item delivered again")
    event_id = models.UUIDField(null=True)
    trace_id = models.CharField(max_length=32, default="", blank=True)
    environment = models.CharField(max_length=64, default="", blank=True)
    release = models.CharField(max_length=250, default="", blank=True)
    received_at = models.DateTimeField()
    meta = models.JSONField(default=dict)
    payload = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "item_type", "received_at"], name="kept_item_kind"),
            models.Index(fields=["project", "event_id"], name="kept_item_event"),
            models.Index(fields=["received_at"], name="kept_item_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["identity"], name="kept_item_once")]

    def __str__(self) -> str:
        return f"{self.item_type} {self.pk}"


class AttachmentChunk(models.Model):
    """At most 1 MiB of an attachment's bytes, in order of `number` from 0."""

    item = models.ForeignKey(KeptItem, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="attachment_chunk_once")]

    def __str__(self) -> str:
        return f"chunk {self.number} of {self.item_id}"
