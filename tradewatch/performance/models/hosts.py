from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse

from tradewatch.performance.hosts.states import HostState, state_of
from tradewatch.projects.models import Project


class Host(models.Model):
    """A machine that reports. It belongs to one project, whose people see it and hear of it; what it measured lies in
    the metric store as `host.*` with its name as an attribute. The figures here are its newest.

    `silent_since` is set once it was told that it went silent, and taken back when it reports again.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=100)
    environment = models.CharField(max_length=64)
    is_own = models.BooleanField("runs TradeWatch", default=False, editable=False)
    platform = models.CharField(max_length=200, blank=True)
    agent_version = models.CharField(max_length=40, blank=True)
    interval_seconds = models.PositiveIntegerField(default=60, help_text="From one report to the next, as it says.")
    cpu_count = models.PositiveIntegerField(null=True, blank=True)
    cpu_ratio = models.FloatField(null=True, blank=True)
    load_ratio = models.FloatField(null=True, blank=True, help_text="load of one minute / number of CPUs")
    memory_ratio = models.FloatField(null=True, blank=True)
    swap_ratio = models.FloatField(null=True, blank=True)
    disk_ratio = models.FloatField(null=True, blank=True, help_text="of the fullest file system")
    disk_mount = models.CharField(max_length=200, blank=True)
    late_parts = models.JSONField(default=list, blank=True, help_text="What did not answer it in time.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    silent_since = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="host_once")]
        indexes = [
            models.Index(
                fields=["last_seen_at"],
                condition=Q(silent_since__isnull=True, retired_at__isnull=True),
                name="host_due",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("host", args=[self.pk])

    def state(self, now: datetime) -> HostState:
        interval = timedelta(seconds=self.interval_seconds)
        return state_of(self.last_seen_at, interval, retired_at=self.retired_at, now=now)
