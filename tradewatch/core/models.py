from django.db import models


class AuditEntry(models.Model):
    """One change made by a person or token. Written once, never edited; `project_id` is a plain number so that the
    trail outlives its project."""

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=80, db_index=True)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    object_label = models.CharField(max_length=200)
    project_id = models.BigIntegerField(null=True, db_index=True)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.object_label}"


class IdempotentAnswer(models.Model):
    """The answer given to a POST with an `Idempotency-Key`, kept 24 h by caller and path."""

    caller = models.CharField(max_length=80)
    path = models.CharField(max_length=300)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "path", "key"], name="idempotent_answer_once")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"
