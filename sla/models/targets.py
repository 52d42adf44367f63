from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sla.choices import CalendarUnit, Direction, Indicator, WindowKind
from sla.models.measures import Measure
from tradewatch.projects.models import Project


class Target(models.Model):
    """A promise about one figure. What it promises stands in its versions; the newest is in force."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sla_targets")
    metric_name = models.SlugField(max_length=60, help_text="Its name in the API, e.g. order_availability.")
    title = models.CharField(max_length=120, blank=True)
    is_default = models.BooleanField(default=False, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["project", "metric_name"]
        constraints = [models.UniqueConstraint(fields=["project", "metric_name"], name="sla_target_once")]

    def __str__(self) -> str:
        return self.title or self.metric_name

    def get_absolute_url(self) -> str:
        return f"/sla/{self.pk}"


class TargetVersion(models.Model):
    """What a target promised from `valid_from` until the next version. Never changed once written.

    Ratios are from 0 to 1, times in seconds. `objective` is the share of good events that the budget allows to miss:
    0.95 for a percentile of 95, `target_value` for a ratio (1 - target_value where lower is better).
    """

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    actor = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=300, blank=True)

    environment = models.CharField(max_length=64, blank=True, help_text="Empty: all.")
    indicator = models.CharField(max_length=16, choices=Indicator.choices)
    definition = models.JSONField(default=dict, blank=True)
    measure = models.ForeignKey(Measure, on_delete=models.RESTRICT, related_name="versions")
    slice_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Timeslices: whole slices of so many seconds are good or bad."
    )
    slice_target = models.DecimalField(max_digits=12, decimal_places=9, null=True, blank=True)
    counts_empty_slices = models.BooleanField(default=False, help_text="A slice without data is a good one.")

    direction = models.CharField(max_length=6, choices=Direction.choices)
    target_value = models.DecimalField(max_digits=20, decimal_places=9, validators=[MinValueValidator(0)])
    warning_threshold = models.DecimalField(max_digits=20, decimal_places=9, validators=[MinValueValidator(0)])
    critical_threshold = models.DecimalField(max_digits=20, decimal_places=9, validators=[MinValueValidator(0)])
    objective = models.DecimalField(max_digits=12, decimal_places=9)

    window = models.CharField(max_length=8, choices=WindowKind.choices, default=WindowKind.ROLLING)
    window_days = models.PositiveSmallIntegerField(default=30, help_text="Of a rolling window.")
    window_unit = models.CharField(max_length=8, choices=CalendarUnit.choices, default=CalendarUnit.MONTH)
    zone = models.CharField(max_length=64, default="UTC", help_text="Of calendar periods.")
    market = models.CharField(max_length=12, blank=True, help_text="E.g. XNYS: only its session time counts.")
    excluded_times = models.CharField(
        max_length=300, blank=True, help_text="Recurring times left out, e.g. 09:30-09:31 America/New_York"
    )
    least_events = models.PositiveIntegerField(default=0, help_text="Burn alerts need so many in the long window.")

    class Meta:
        ordering = ["target", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["target", "number"], name="sla_version_once"),
            models.CheckConstraint(condition=Q(objective__gt=0, objective__lte=1), name="sla_objective_is_a_share"),
        ]
        indexes = [models.Index(fields=["target", "-valid_from"], name="sla_version_in_force")]

    def __str__(self) -> str:
        return f"{self.target} version {self.number}"
