from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts.choices import DeliveryEvent, DeliveryState
from alerts.models.groups import AlertGroup

CONFIGURED = "configured"  # the row's target is the id of a NotificationChannel
ROUTE_STEP = -1  # told by the route itself, not by a step of its policy


class Notification(models.Model):
    """One delivery to one receiver (the outbox). Committed with the decision; a worker claims it under a lease.

    `channel` is a kind ("email") with an address in `target`, or `configured` with the id of a NotificationChannel.
    """

    group = models.ForeignKey(AlertGroup, on_delete=models.CASCADE, related_name="notifications")
    step = models.SmallIntegerField(default=ROUTE_STEP, help_text="of the policy, from 0; -1: the route's own receiver")
    channel = models.CharField(max_length=20, default="email")
    target = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True, blank=True, help_text="the person told, where it is one")
    why = models.CharField(max_length=300, blank=True, help_text="why this receiver is told")
    event = models.CharField(max_length=12, choices=DeliveryEvent.choices)
    sequence = models.PositiveIntegerField(default=1, help_text="the group's decision that it belongs to")
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
            models.UniqueConstraint(fields=["group", "step", "target", "channel", "sequence"], name="notification_once")
        ]
        indexes = [
            models.Index(fields=["next_due_at"], condition=Q(state="pending"), name="notification_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="notification_lease"),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.target}"


class TokenBucket(models.Model):
    """What a channel may still send now. `key`: its kind and address or id."""

    key = models.CharField(max_length=120, unique=True)
    tokens = models.FloatField()
    filled_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
