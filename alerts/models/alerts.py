from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.choices import AlertCategory, AlertSeverity, AlertState, Simulated
from alerts.labels import LabelFacts, labels_of
from alerts.models.classification import AlertClassificationRule
from alerts.models.rules import AlertRule
from tradewatch.projects.models import Project, Team


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
    simulated = models.CharField(
        max_length=4, choices=Simulated.choices, blank=True, default="", db_default="", editable=False
    )
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.SET_NULL)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    classification = models.ForeignKey(AlertClassificationRule, null=True, blank=True, on_delete=models.SET_NULL)
    classified_by = models.CharField(
        max_length=300, blank=True, help_text="the rules that set category, severity, team"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, help_text="who owns it")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_alerts"
    )
    starts_at = models.DateTimeField()
    last_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="when it ends unless it is triggered again")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_by = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    ending = models.CharField(max_length=400, blank=True, help_text="how it ended, in words")
    is_unrouted = models.BooleanField(
        default=True, editable=False, help_text="its groups have yet to hear of it, or of what changed"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "dedup_key"], condition=~Q(state=AlertState.RESOLVED), name="alert_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["project", "state", "-starts_at"], name="alert_list"),
            models.Index(
                fields=["project", "-starts_at", "-id"], condition=~Q(state=AlertState.RESOLVED), name="alert_open_list"
            ),
            models.Index(fields=["project", "dedup_key", "-id"], name="alert_history"),
            models.Index(fields=["resolved_at"], name="alert_age"),
            models.Index(fields=["id"], condition=Q(is_unrouted=True), name="alert_unrouted"),
            models.Index(fields=["expires_at"], condition=~Q(state=AlertState.RESOLVED), name="alert_expiry"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/alerts/{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != AlertState.RESOLVED

    @property
    def labels(self) -> dict[str, str]:
        """What matchers see. Reads the project, the team and the rule: select them with lists."""
        return labels_of(
            LabelFacts(
                severity=self.severity,
                category=self.category,
                project=self.project.slug,
                environment=self.environment,
                source=self.source,
                team=self.team.slug if self.team else "",
                rule=self.rule.name if self.rule else "",
                dedup_key=self.dedup_key,
                tags=self.tags,
            )
        )
