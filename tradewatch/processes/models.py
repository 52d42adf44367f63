from typing import Any

from django.db import models
from django.db.models import Q

from tradewatch.core.encryption import EncryptedTextField
from tradewatch.projects.models import Project


class Erasure(models.Model):
    """That a person was erased, or is being. Who it is stands here encrypted while it runs; then a hash is left.

    `project` None: all of them. `progress` is where it goes on after a kill, `report` what it came to.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="erasures")
    person_hash = models.CharField(
        max_length=300, db_index=True, help_text="Keyed hashes of the id and e-mail, not the person's data."
    )
    sought = EncryptedTextField(blank=True, default="")
    is_dry_run = models.BooleanField("only looked", default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    progress: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    report: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    fault = models.CharField(max_length=300, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["leased_until"], name="erasure_open", condition=Q(state__in=("waiting", "running")))
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
