from django.db import models
from django.db.models.functions import Now

from alerts.choices import AlertCategory
from alerts.models.alerts import Alert
from tradewatch.projects.models import Project


class IntakeSource(models.Model):
    """Somebody else's alerts, let in by a key of their own: which project they are for, and how they are read.

    The key is what PagerDuty calls a routing key; Alertmanager, Grafana and Prometheus give it as bearer token or
    password. Only its SHA-256 is stored; a person knows it by its `prefix`.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="intake_sources")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_enabled = models.BooleanField("enabled", default=True)
    severity_label = models.CharField(
        max_length=100, default="severity", help_text="The label that says how bad it is."
    )
    severity_map = models.JSONField(
        default=dict, blank=True, help_text='Its words in ours, e.g. {"page": "critical", "ticket": "warning"}.'
    )
    environment_label = models.CharField(
        max_length=100, default="environment", help_text="The label that names the environment."
    )
    category = models.CharField(max_length=12, choices=AlertCategory.choices, default=AlertCategory.SYSTEM)
    resolve_timeout_seconds = models.PositiveIntegerField(
        default=300, help_text="An alert that says no end itself ends when it was not repeated for so long."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="intake_source_once")]

    def __str__(self) -> str:
        return self.name


class TakenIn(models.Model):
    """What an alert from outside was sent with, and when it ends unless it is sent again."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="taken_in")
    source = models.ForeignKey(IntakeSource, null=True, on_delete=models.SET_NULL)
    fingerprint = models.CharField(max_length=32, help_text="of the labels")
    labels = models.JSONField(default=dict)
    annotations = models.JSONField(default=dict)
    generator_url = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="empty: it is ended by a word, not by silence")
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="taken_in_due")]

    def __str__(self) -> str:
        return self.fingerprint
