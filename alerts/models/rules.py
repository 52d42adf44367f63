from django.db import models

from alerts.choices import Aggregate, AlertSeverity, Comparison, RuleKind, Statistic
from tradewatch.projects.models import Project


class AlertRule(models.Model):
    """When to open an alert. `project` None: every project. Each rule says why it did or did not fire the last time.

    Which of the fields from `environment` to `quantile` count depends on the kind: `alerts.measures.faults`.
    """

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
    environment = models.CharField(max_length=64, blank=True, help_text="Empty: each environment by itself.")
    series = models.CharField(
        max_length=220, blank=True, help_text="What is counted or timed, e.g. transactions, events, tx:POST /orders."
    )
    of_series = models.CharField(
        max_length=220, blank=True, help_text="For a share: the series it is a share of, e.g. transactions."
    )
    statistic = models.CharField(
        max_length=5,
        choices=Statistic.choices,
        blank=True,
        help_text="For a custom metric: what of it, over the window. Its name stands in “series”.",
    )
    attributes = models.CharField(
        max_length=300,
        blank=True,
        help_text="For a custom metric: only these points, e.g. venue=XNYS|XLON, side=buy. Empty: all.",
    )
    group_by = models.CharField(
        max_length=64,
        blank=True,
        help_text="For a custom metric: each value of this attribute by itself, e.g. venue.",
    )
    unit = models.CharField(
        max_length=40,
        blank=True,
        help_text="For a custom metric that comes in several: which, e.g. millisecond; the threshold is in it.",
    )
    aggregate = models.CharField(max_length=10, choices=Aggregate.choices, default=Aggregate.COUNT)
    quantile = models.FloatField(default=0.95, help_text="For latency: from 0 to 1, e.g. 0.95.")
    comparison = models.CharField(max_length=5, choices=Comparison.choices, default=Comparison.ABOVE)
    threshold = models.FloatField(
        null=True,
        blank=True,
        help_text="Ratio from 0 to 1 for rates and shares, seconds for latency, a factor for “above its usual”, else a "
        "number (of a custom metric in its own unit, a rate a minute). Empty: the setting (error rate).",
    )
    window_seconds = models.PositiveIntegerField(default=300, help_text="Whole minutes.")
    for_seconds = models.PositiveIntegerField(
        default=0, help_text="How long it must hold before the rule fires, in whole minutes; 0: at once."
    )
    minimum_count = models.PositiveIntegerField(default=20, help_text="Requests (or events) below which it is silent.")
    resolve_after_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Its alerts end by themselves this long after the last trigger; empty: never."
    )
    last_judged_at = models.DateTimeField(null=True, blank=True)
    last_fired_at = models.DateTimeField(null=True, blank=True)
    last_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
