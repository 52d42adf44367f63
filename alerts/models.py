from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts.choices import (
    AlertCategory,
    AlertSeverity,
    AlertState,
    DeliveryEvent,
    DeliveryState,
    EntryKind,
    RuleKind,
)
from tradewatch.projects.models import Project


class OccurrenceRecord(models.Model):
    """News handed to `alerts`, kept 30 days so that rules can be replayed. `judged_at` None: not yet seen by the rules.

    Written in the transaction of whoever has the news, judged after it: a crash in between loses nothing.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=200)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices)
    category = models.CharField(max_length=12, choices=AlertCategory.choices)
    title = models.CharField(max_length=250)
    message = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    occurred_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(judged_at=None), name="occurrence_unjudged"),
            models.Index(fields=["project", "kind", "occurred_at"], name="occurrence_replay"),
            models.Index(fields=["occurred_at"], name="occurrence_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"


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


class Notification(models.Model):
    """One delivery to one address (the outbox). Committed with the decision; a worker claims it under a lease."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notifications")
    channel = models.CharField(max_length=20, default="email")
    target = models.CharField(max_length=254)
    why = models.CharField(max_length=300, blank=True, help_text="why this address is told")
    event = models.CharField(max_length=12, choices=DeliveryEvent.choices)
    sequence = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="also tells a late worker that its lease is lost")
    may_be_repeat = models.BooleanField(default=False, help_text="an attempt before may have arrived")
    next_due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, help_text="what the receiver said last")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "channel", "target", "event", "sequence"], name="notification_once"
            )
        ]
        indexes = [
            models.Index(fields=["next_due_at"], condition=Q(state="pending"), name="notification_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="notification_lease"),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.target}"
