from django.db import models
from django.db.models import Q

from releases.choices import RollbackOpening, RollbackState
from releases.models.deployments import Deployment

OPEN_STATES = (RollbackState.REQUESTED, RollbackState.DEPLOYED)


class Rollback(models.Model):
    """The way back from a deployment: to which version, by whom, why, and how it went."""

    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, related_name="rollbacks", help_text="The one that is taken back."
    )
    to_version = models.CharField(max_length=250)
    opening = models.CharField(max_length=8, choices=RollbackOpening.choices)
    state = models.CharField(max_length=10, choices=RollbackState.choices)
    reason = models.CharField(max_length=500, blank=True)
    requested_by = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="When CI took the request.")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(
        null=True, blank=True, help_text="When CI is told (again). Empty: not to be told."
    )
    answer = models.CharField(max_length=300, blank=True, help_text="What CI answered last.")
    restoring = models.ForeignKey(
        Deployment,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="restores",
        help_text="That brings it back.",
    )
    deployed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True, help_text="What was seen when health was tested again.")

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment"],
                condition=Q(state__in=OPEN_STATES),
                name="rollback_open_once",
            )
        ]
        indexes = [models.Index(fields=["state", "next_try_at"], name="rollback_due")]

    def __str__(self) -> str:
        return f"{self.deployment} back to {self.to_version}"
