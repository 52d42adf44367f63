from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts.choices import DeliveryEvent, DeliveryState
from alerts.models.alerts import Alert


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
