from django.db import models
from django.db.models import Q

from alerts.choices import AlertCategory, AlertSeverity, AlertState, EntryKind
from alerts.models.rules import AlertRule
from tradewatch.projects.models import Project


class Alert(models.Model):
    """Something people must know of. One open alert per (project, dedup key); resolving frees the key."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="alerts")
    dedup_key = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=AlertState.choices, default=AlertState.FIRING)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices)
    category = models.CharField(max_length=12, choices=AlertCategory.choices)
    source = models.CharField(max_length=80)
    title = models.CharField(max_length=250)
    message = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.SET_NULL)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    starts_at = models.DateTimeField()
    last_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    ending = models.CharField(max_length=400, blank=True, help_text="how it ended, in words")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "dedup_key"], condition=~Q(state=AlertState.RESOLVED), name="alert_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["project", "state", "-starts_at"], name="alert_list"),
            models.Index(fields=["project", "dedup_key", "-id"], name="alert_history"),
            models.Index(fields=["resolved_at"], name="alert_age"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/alerts/{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != AlertState.RESOLVED


class TimelineEntry(models.Model):
    """One thing that happened to an alert, with its reason in words. Written with the change, never edited."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    text = models.CharField(max_length=500)
    actor_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "timeline entries"
        indexes = [models.Index(fields=["at"], condition=Q(kind="held"), name="timeline_held")]

    def __str__(self) -> str:
        return self.text
