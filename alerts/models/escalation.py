from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from alerts.choices import TargetKind
from alerts.models.channels import NotificationChannel
from alerts.models.oncall import Schedule
from tradewatch.projects.models import Project, Team

MAX_REPEATS = 9


class EscalationPolicy(models.Model):
    """Who is told first, and who next while nobody acknowledges. Running alerts keep the policy they opened with."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="policies")
    name = models.CharField(max_length=100)
    repeats = models.PositiveSmallIntegerField(
        default=2, help_text=f"How often it starts again when the last step brought no answer, up to {MAX_REPEATS}."
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "escalation policies"
        constraints = [models.UniqueConstraint(fields=["name"], name="policy_name_once")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.repeats > MAX_REPEATS:
            raise ValidationError({"repeats": f"at most {MAX_REPEATS}"})


class EscalationStep(models.Model):
    """Notify the targets, once the step before has had its time for an answer."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=0)
    wait_seconds = models.PositiveIntegerField(
        default=0, help_text="How long the step before has for an answer, e.g. 600 for 10 minutes; the first: 0."
    )
    is_round_robin = models.BooleanField(
        "round robin", default=False, help_text="Each alert goes to the next person in turn instead of to all."
    )
    next_turn = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["policy", "position", "id"]

    def __str__(self) -> str:
        return f"step {self.position} of {self.policy}"


class EscalationTarget(models.Model):
    """One of whom a step notifies; exactly the field that `kind` names is set."""

    step = models.ForeignKey(EscalationStep, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=10, choices=TargetKind.choices, default=TargetKind.SCHEDULE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="targets")
    channel = models.ForeignKey(
        NotificationChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="targets"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(getattr(self, self.kind, None) or self.kind)

    def clean(self) -> None:
        named = {kind: getattr(self, f"{kind}_id", None) for kind in ("user", "schedule", "team", "channel")}
        if not named.get(self.kind):
            raise ValidationError({self.kind: "choose one"})
        if others := [kind for kind, value in named.items() if value and kind != self.kind]:
            raise ValidationError({others[0]: f"leave empty: the kind is {self.kind}"})
