from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AppendOnlyError(Exception):
    """Something tried to change or delete an audit entry."""


class AuditEntries(models.QuerySet["AuditEntry"]):
    """Refuses to change or delete; `core.audit.forget_old_entries` is the one way out, after the retention."""

    def update(self, **fields: Any) -> NoReturn:
        raise AppendOnlyError("audit entries are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("audit entries are only deleted after their retention")


class AuditEntry(models.Model):
    """One change made by a person or token. Written once, never edited; `project_id` is a plain number so that the
    trail outlives its project.

    A trigger in the database refuses UPDATE as well. SQLite loses it when a migration alters this table: such a
    migration must end with the operation of 0003.
    """

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
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = AuditEntries.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("audit entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("audit entries are only deleted after their retention")


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


class Pulse(models.Model):
    """When something that should happen again and again last did (see `core.pulse`)."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"


class Tally(models.Model):
    """A count that all processes add to and that never falls (see `core.tallies`)."""

    project_id = None  # of the whole installation: all staff may read it
    name = models.CharField(max_length=80)
    labels = models.CharField(max_length=200, blank=True)
    value = models.FloatField(default=0.0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}: {self.value:g}"
