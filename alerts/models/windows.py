from django.core.exceptions import ValidationError
from django.db import models

from alerts.choices import AlertSeverity
from alerts.validation import validate_matchers, validate_windows
from tradewatch.calendars.models import MarketCalendar
from tradewatch.projects.models import Project


class QuietHours(models.Model):
    """Times at which messages wait, and how bad it must be to pass. Routes name the ones they keep."""

    project_id = None  # of the installation, as routes are

    name = models.CharField(max_length=100, unique=True)
    windows = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_windows],
        help_text='e.g. [{"times": ["22:00-06:00"], "weekdays": ["monday:friday"], "zone": "Europe/London"}]',
    )
    bypass_severity = models.CharField(
        max_length=8,
        choices=AlertSeverity.choices,
        default=AlertSeverity.CRITICAL,
        help_text="This and what is worse goes through.",
    )

    calendar = models.CharField(
        max_length=12, blank=True, help_text="Quiet outside the sessions of this market too, e.g. XNYS; empty: none."
    )
    is_quiet_in_breaks = models.BooleanField(
        "quiet in breaks", default=False, help_text="Also in the lunch break of the market."
    )
    digest_minutes = models.PositiveSmallIntegerField(
        default=30, help_text="So long before they end, a digest tells what was held; 0: no digest."
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "quiet hours"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.windows and not self.calendar:
            raise ValidationError({"windows": "give times, or a market below"})
        if self.calendar and not MarketCalendar.objects.filter(code=self.calendar).exists():
            known = ", ".join(MarketCalendar.objects.values_list("code", flat=True))
            raise ValidationError({"calendar": f"unknown market {self.calendar}: expected one of {known}"})


class MaintenanceWindow(models.Model):
    """Planned work: matching alerts are recorded, and told only if they still fire when it is over.

    Once, from `starts_at` to `ends_at`; or, with `windows`, at those times again and again between the two moments.
    """

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all.")
    name = models.CharField(max_length=100)
    matchers = models.TextField(blank=True, validators=[validate_matchers], help_text="Empty: every alert.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    windows = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_windows],
        help_text='Recurring, e.g. [{"from": "saturday 06:00", "to": "saturday 10:00", "zone": "UTC"}]',
    )
    comment = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.windows and (self.starts_at is None or self.ends_at is None):
            raise ValidationError({"starts_at": "give a start and an end, or recurring windows"})
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValidationError({"ends_at": "must be after the start"})
