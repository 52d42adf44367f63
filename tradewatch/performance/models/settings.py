from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.performance.traces.expecting import faults_in
from tradewatch.projects.models import Project

DEFAULT_APDEX_SECONDS = 0.5


class PerformanceSettings(models.Model):
    """What a project expects of its transactions. A project without a row has the defaults."""

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="performance_settings"
    )
    apdex_seconds = models.FloatField(
        "Apdex threshold",
        default=DEFAULT_APDEX_SECONDS,
        help_text="Seconds within which a user is satisfied; up to four times that is tolerated. Counts from now on.",
    )
    latency_thresholds = models.JSONField(
        default=list,
        blank=True,
        help_text="At most 8, in seconds, e.g. [0.3, 2]: who stays within each is counted exactly from now on.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "performance settings"

    def __str__(self) -> str:
        return f"performance settings of {self.project}"

    def clean(self) -> None:
        """Say beside the field what the service would refuse."""
        if faults := faults_in(self.apdex_seconds, self.latency_thresholds):
            raise ValidationError(faults)
