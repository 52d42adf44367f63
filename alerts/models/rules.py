from django.db import models

from alerts.choices import AlertSeverity, RuleKind
from tradewatch.projects.models import Project


class AlertRule(models.Model):
    """When to open an alert. `project` None: every project. Each rule says why it did or did not fire the last time."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=RuleKind.choices)
    is_enabled = models.BooleanField(default=True)
    is_default = models.BooleanField(
        default=False, editable=False, help_text="Came with TradeWatch: the SENTRY_ALERT_ON_* settings switch it."
    )
    severity = models.CharField(
        max_length=8, choices=AlertSeverity.choices, blank=True, help_text="Empty: the occurrence's own."
    )
    threshold = models.FloatField(null=True, blank=True, help_text="Ratio from 0 to 1; empty: the setting.")
    window_seconds = models.PositiveIntegerField(default=300)
    minimum_count = models.PositiveIntegerField(default=20, help_text="Requests (or events) below which it is silent.")
    last_judged_at = models.DateTimeField(null=True, blank=True)
    last_fired_at = models.DateTimeField(null=True, blank=True)
    last_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
