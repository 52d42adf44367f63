from django.db import models
from django.db.models import Q

from alerts.choices import AlertSeverity, GroupState, Simulated
from alerts.models.alerts import Alert
from alerts.models.routing import Route
from tradewatch.projects.models import Project


class AlertGroup(models.Model):
    """What pages and escalates: the alerts of one route that share its group_by labels. One open group per key.

    `plan` is what was decided when it opened (times, receivers, policy): a change of the routes is for later groups.
    Whatever is to happen next has its moment here; `next_due_at` is the earliest of them, which a beat polls.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="alert_groups")
    route = models.ForeignKey(Route, null=True, blank=True, on_delete=models.SET_NULL)
    route_path = models.CharField(max_length=300, help_text="the names on the way through the tree")
    key = models.CharField(max_length=64, help_text="of the route and the labels")
    labels = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    simulated = models.CharField(
        max_length=4, choices=Simulated.choices, blank=True, default="", db_default="", editable=False
    )
    state = models.CharField(max_length=12, choices=GroupState.choices, default=GroupState.FIRING)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    # --- messages
    look_at = models.DateTimeField(null=True, blank=True, help_text="the next look for something to tell")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="the last look on its beat")
    told_at = models.DateTimeField(null=True, blank=True)
    told_critical = models.BooleanField(default=False, help_text="somebody knows of something critical in it")
    sequence = models.PositiveIntegerField(default=0, help_text="decisions that made notifications")
    ended_sequence = models.PositiveIntegerField(default=0, help_text="the last that said that all has ended")
    # --- escalation
    step = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the one that comes next, from 0")
    round = models.PositiveSmallIntegerField(default=0)
    step_at = models.DateTimeField(null=True, blank=True)
    # --- acknowledgement
    acknowledgement = models.PositiveIntegerField(default=0, help_text="the number of the last one")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    acknowledger_id = models.BigIntegerField(null=True, blank=True, help_text="the person's id, where it is one")
    acknowledged_severity = models.CharField(max_length=8, choices=AlertSeverity.choices, blank=True)
    covers_later = models.BooleanField(default=False, help_text="the group was acknowledged, not each of its alerts")
    timer_at = models.DateTimeField(null=True, blank=True)
    timer_kind = models.CharField(max_length=12, blank=True, help_text="reminder or unacknowledge")
    timer_of = models.PositiveIntegerField(default=0, help_text="the acknowledgement that the timer belongs to")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"], condition=~Q(state=GroupState.ENDED), name="group_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["next_due_at"], condition=~Q(state=GroupState.ENDED), name="group_due"),
            models.Index(fields=["ended_at"], name="group_age"),
        ]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.labels.items()) or self.route_path

    @property
    def is_open(self) -> bool:
        return self.state != GroupState.ENDED


class GroupMember(models.Model):
    """An alert in a group: since when, what holds it there, and in which message it was told and its end was."""

    group = models.ForeignKey(AlertGroup, on_delete=models.CASCADE, related_name="members")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField()
    told_sequence = models.PositiveIntegerField(null=True)
    told_severity = models.CharField(
        max_length=8, choices=AlertSeverity.choices, blank=True, help_text="empty: it fires again since"
    )
    end_sequence = models.PositiveIntegerField(null=True)
    came_with = models.CharField(
        max_length=300, blank=True, db_default="", default="", help_text="why it joined another alert's group"
    )
    held_by = models.CharField(max_length=400, blank=True, help_text="what held it at the last look, in words")
    released_by = models.CharField(max_length=400, blank=True, help_text="what held it since it was last told")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["group", "alert"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.alert_id} in {self.group_id}"
