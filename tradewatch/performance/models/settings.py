from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.performance.traces.expecting import LIMITS, faults_in, limit_faults_in
from tradewatch.performance.traces.limits import DEFAULT_LIMITS
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

    n_plus_one_queries = models.PositiveSmallIntegerField(
        "N+1 from", default=DEFAULT_LIMITS.repeats, help_text="Times that the same query runs under one span."
    )
    n_plus_one_seconds = models.FloatField(
        "N+1 that cost",
        default=DEFAULT_LIMITS.repeats_seconds,
        help_text="Seconds that those queries take together, at least.",
    )
    slow_query_seconds = models.FloatField(
        "slow query", default=DEFAULT_LIMITS.query_seconds, help_text="Seconds from which on a query is slow."
    )
    slow_http_seconds = models.FloatField(
        "slow request",
        default=DEFAULT_LIMITS.http_seconds,
        help_text="Seconds from which on a request to another service is slow.",
    )
    large_answer_bytes = models.PositiveIntegerField(
        "large answer",
        default=DEFAULT_LIMITS.answer_bytes,
        help_text="Bytes from which on an answer is large, where the SDK says its size.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "performance settings"

    def __str__(self) -> str:
        return f"performance settings of {self.project}"

    def clean(self) -> None:
        """Say beside the field what the service would refuse."""
        if faults := self.faults():
            raise ValidationError(faults)

    def faults(self) -> dict[str, str]:
        """Return {field: what is wrong with it}."""
        limits = {name: getattr(self, name) for name in LIMITS}
        return {**faults_in(self.apdex_seconds, self.latency_thresholds), **limit_faults_in(limits)}
