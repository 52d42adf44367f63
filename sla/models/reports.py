"""Reports that were made and stay, when they are made and mailed, and periods that are closed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from sla.choices import Cadence
from sla.models.targets import Target
from tradewatch.projects.models import Project


class KeptError(Exception):
    """Something tried to change a kept report."""


class Reports(models.QuerySet["Report"]):
    def update(self, **fields: Any) -> NoReturn:
        raise KeptError("a kept report is never changed")

    def delete(self) -> NoReturn:
        raise KeptError("a kept report goes with its project alone")


class Report(models.Model):
    """The figures of a period as they were told. `document` is canonical JSON (`sla.reports.canonical`), every other
    format is made from it; `sha256` is that of its bytes.

    A trigger in the database refuses UPDATE as well. SQLite loses it when a migration alters this table: such a
    migration must end with `never_updated`, as 0003_kept_reports_stay does. So no column may point at what people
    delete.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sla_reports")
    name = models.CharField(max_length=60, help_text="E.g. SLA-2026-11, the same for every version.")
    version = models.PositiveIntegerField()
    label = models.CharField(max_length=120)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    lede = models.TextField()
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200, help_text="the schedule, or who made it by hand")

    objects = Reports.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["project", "name", "version"], name="sla_report_once")]
        indexes = [models.Index(fields=["project", "-made_at", "-id"], name="sla_report_list")]

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise KeptError("a kept report is never changed")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("sla-report-kept", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise KeptError("a kept report goes with its project alone")


class ReportSchedule(models.Model):
    """When reports are made by themselves and who gets them. `next_due_at` None: it is switched off.

    `at` is a wall clock of `zone`; after a market's close `market` names the calendar and `at` is not used.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sla_schedules")
    name = models.CharField(max_length=100)
    cadence = models.CharField(max_length=12, choices=Cadence.choices, default=Cadence.MONTHLY)
    at = models.TimeField(default="06:00", help_text="On the clock of the zone. After a market's close: not used.")
    zone = models.CharField("time zone", max_length=64, default="UTC")
    market = models.CharField(max_length=12, blank=True, help_text="E.g. XNYS: whose close, for that cadence.")
    formats = models.JSONField(default=list, blank=True, help_text="attached to the mail: pdf, csv, json")
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="Those without access get nothing."
    )
    addresses = models.JSONField(default=list, blank=True, help_text="further e-mail addresses")
    is_enabled = models.BooleanField(default=True)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["project", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(cadence=Cadence.MARKET_CLOSE) | ~Q(market=""), name="sla_schedule_names_its_market"
            )
        ]
        indexes = [models.Index(fields=["next_due_at"], name="sla_schedule_due")]

    def __str__(self) -> str:
        return self.name


class ReportMailing(models.Model):
    """One report of a schedule on its way: made (`report`), mailed to each of `to`, `told` have it.

    `skipped`: periods before it that came due while nothing ran and are not sent. Given up: `sent_at` stays None and
    `next_try_at` becomes None.
    """

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="mailings")
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.CASCADE, related_name="mailings")
    period = models.CharField(max_length=20, help_text="as the API names it: 2026-10")
    due_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200, blank=True, help_text="who sent it by hand")
    skipped = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list, help_text="addresses that have it")
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-due_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="sla_mailing_once")]
        indexes = [models.Index(fields=["next_try_at"], name="sla_mailing_due")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.period}"


class ClosedPeriod(models.Model):
    """What a target came to when its period ended, recorded once. What arrives later is told apart, as late.

    `entry` is the target's part of a report's document. `valid` and `bad` are raw, in millionths; the others plain.
    """

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="closed_periods")
    label = models.CharField(max_length=120)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    closed_at = models.DateTimeField()
    valid = models.BigIntegerField()
    bad = models.BigIntegerField()
    received = models.BigIntegerField()
    received_bad = models.BigIntegerField()
    entry = models.JSONField(default=dict)

    class Meta:
        ordering = ["-period_end"]
        constraints = [
            models.UniqueConstraint(fields=["target", "period_start", "period_end"], name="sla_closed_once"),
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="sla_closed_forward"),
        ]
        indexes = [models.Index(fields=["period_end"], name="sla_closed_age")]

    def __str__(self) -> str:
        return f"{self.target} {self.label}"
