import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from alerts.choices import AlertSeverity
from alerts.heartbeats.choices import BeatState, EntryKind, ScheduleKind
from tradewatch.projects.models import Project


def new_ping_key() -> str:
    """Return the part of a ping URL that cannot be guessed: 128 random bits."""
    return secrets.token_urlsafe(16)


class Heartbeat(models.Model):
    """A job that is expected to report in time. Told by its ping URL or by an SDK's check-ins: one engine for both.

    `expected_at` is when it should report next, `next_due_at` when its state has to be looked at, both polled by beat.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="heartbeats")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    environment = models.CharField(max_length=64, blank=True)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices, default=AlertSeverity.ERROR)
    ping_key = models.CharField(max_length=32, unique=True, default=new_ping_key, editable=False)
    schedule_kind = models.CharField(max_length=8, choices=ScheduleKind.choices, default=ScheduleKind.INTERVAL)
    cron = models.CharField(max_length=100, blank=True, help_text="minute hour day month weekday, e.g. 30 2 * * 1-5")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="In which the cron schedule is meant.")
    interval_seconds = models.PositiveIntegerField(default=3600, help_text="From one report to the next.")
    grace_seconds = models.PositiveIntegerField(default=300, help_text="How late it may be before an alert opens.")
    max_runtime_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="From start to end; longer opens an alert. Empty: any."
    )
    failures_allowed = models.PositiveSmallIntegerField(
        default=0, help_text="Runs in a row that may fail, be missed or take too long before an alert opens."
    )
    recoveries_needed = models.PositiveSmallIntegerField(
        default=1, help_text="Good runs in a row before an alert ends."
    )
    state = models.CharField(max_length=8, choices=BeatState.choices, default=BeatState.NEW, editable=False)
    arrived_at = models.DateTimeField(null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(null=True, blank=True, editable=False)
    running_since = models.DateTimeField(null=True, blank=True, editable=False)
    last_seconds = models.FloatField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    successes = models.PositiveIntegerField(default=0, editable=False)
    expected_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    fault = models.CharField(max_length=200, blank=True, editable=False, help_text="what an SDK sent that is unusable")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "slug", "environment"], name="heartbeat_once")]
        indexes = [
            models.Index(fields=["next_due_at"], condition=Q(next_due_at__isnull=False), name="heartbeat_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("heartbeat", args=[self.pk])


class HeartbeatEntry(models.Model):
    """One report of a heartbeat, or one that did not come. The last few thousand are kept."""

    heartbeat = models.ForeignKey(Heartbeat, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    check_in_id = models.UUIDField(null=True, blank=True, help_text="of an SDK's check-in")
    exit_code = models.PositiveSmallIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True, help_text="from start to end")
    late_seconds = models.FloatField(null=True, blank=True, help_text="how long after its moment; empty: in time")
    body = models.TextField(blank=True, help_text="what it sent along, scrubbed, at most 10 KB")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["heartbeat", "check_in_id", "kind"],
                condition=Q(check_in_id__isnull=False),
                name="check_in_once",
            )
        ]
        indexes = [
            models.Index(fields=["heartbeat", "-at"], name="heartbeat_history"),
            models.Index(fields=["at"], name="heartbeat_entry_age"),
        ]

    def __str__(self) -> str:
        return self.kind
