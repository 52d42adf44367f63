from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from releases.choices import DeploymentState, Verdict, VersionSource
from tradewatch.projects.models import Project


class Deployment(models.Model):
    """A version that goes, or went, out to an environment. `version` empty: nothing has named it yet.

    It names a version, not a `Release`: what CI calls a version may never be what clients send.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deployments")
    environment = models.CharField(max_length=64)
    version = models.CharField(max_length=250, blank=True)
    version_source = models.CharField(max_length=8, choices=VersionSource.choices, default=VersionSource.UNKNOWN)
    commit = models.CharField(max_length=64, blank=True)
    ref = models.CharField(max_length=250, blank=True, help_text="Branch or tag, as CI names it.")
    url = models.URLField(max_length=500, blank=True, help_text="Of the pipeline.")
    deployed_by = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=DeploymentState.choices, default=DeploymentState.IN_PROGRESS)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True)
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="What ran there before."
    )
    verdict = models.CharField(
        max_length=12, choices=Verdict.choices, blank=True, help_text="Of the last look. Empty: none was due yet."
    )
    verdict_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody said that it stays although unhealthy."
    )
    kept_by = models.CharField(max_length=200, blank=True)
    kept_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            # Two jobs of one pipeline that say the same mean one deployment.
            models.UniqueConstraint(
                fields=["project", "environment", "version"],
                condition=Q(state=DeploymentState.IN_PROGRESS),
                name="deployment_in_progress_once",
            ),
            models.CheckConstraint(
                condition=Q(state=DeploymentState.IN_PROGRESS, finished_at=None)
                | (~Q(state=DeploymentState.IN_PROGRESS) & Q(finished_at__gte=F("started_at"))),
                name="deployment_ends_with_its_state",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "environment", "state", "-finished_at"], name="deployment_current"),
            models.Index(fields=["project", "-started_at"], name="deployment_newest"),
            models.Index(fields=["state", "started_at"], name="deployment_open"),
        ]

    def __str__(self) -> str:
        return f"{self.version or 'unnamed'} to {self.environment}"

    def get_absolute_url(self) -> str:
        return reverse("deployment", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == DeploymentState.IN_PROGRESS

    @property
    def duration(self) -> timedelta | None:
        """None while it is in progress."""
        return None if self.finished_at is None else self.finished_at - self.started_at
