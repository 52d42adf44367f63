from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from releases.choices import Decision, WindowRule
from sla.models import Target, TargetVersion
from tradewatch.calendars.models import MarketCalendar
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.window_text import WindowFault, parse_windows
from tradewatch.projects.models import Project


class Freeze(models.Model):
    """A time in which nothing goes out. Without a project: of all; without an environment: to any."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="freezes")
    environment = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64, default="UTC", help_text="In which its times are shown.")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="freeze_ends_after_start")]

    def __str__(self) -> str:
        return self.name

    @property
    def over_at(self) -> datetime:
        """When it ends; sooner where somebody cancelled it."""
        return self.ends_at if self.cancelled_at is None else min(self.ends_at, self.cancelled_at)


class DeploymentWindow(models.Model):
    """When deployments may go out to an environment: in relation to a market's session, or at times of the week.

    Several of one environment: what any of those that allow says is allowed, what any that forbids says is not.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deployment_windows")
    environment = models.CharField(max_length=64, blank=True, help_text="Empty: any.")
    name = models.CharField(max_length=120)
    rule = models.CharField(max_length=16, choices=WindowRule.choices)
    calendar = models.CharField(max_length=10, blank=True, help_text="Code of a market calendar: XNYS.")
    minutes_before = models.PositiveSmallIntegerField(default=0, help_text="Before the open and before the close.")
    minutes_after = models.PositiveSmallIntegerField(default=0, help_text="After the open and after the close.")
    times = models.JSONField(default=list, blank=True, help_text="Times of the week, as of quiet hours.")
    zone = models.CharField(max_length=64, default="UTC")
    decision = models.CharField(max_length=6, choices=Decision.choices, default=Decision.NO_GO, help_text="Outside it.")
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["project", "environment", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def outside(self) -> Decision:
        return Decision(self.decision)

    def clean(self) -> None:
        if errors := faults_in_window(self):
            raise ValidationError(errors)


class GateOverride(models.Model):
    """Somebody lets one version go out although the gate says no, and says why. Until it ends, or is withdrawn."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gate_overrides")
    environment = models.CharField(max_length=64)
    version = models.CharField(max_length=250, blank=True, help_text="Empty: any.")
    reason = models.CharField(max_length=300)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["project", "environment", "ends_at"], name="override_in_force")]

    def __str__(self) -> str:
        return f"{self.version or 'anything'} to {self.environment}"


class GateAnswer(models.Model):
    """What the gate said when CI asked. Simulations are not kept."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gate_answers")
    environment = models.CharField(max_length=64)
    version = models.CharField(max_length=250, blank=True)
    asked_by = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=6, choices=Decision.choices)
    reasons = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["project", "environment", "-asked_at"], name="gate_answer_newest")]

    def __str__(self) -> str:
        return f"{self.decision} for {self.version or 'anything'} to {self.environment}"


class BudgetReading(models.Model):
    """How an SLA target stood when its newest minutes had been collected, so that the gate need not add up its months.

    `corrections` tells those that were in force from others. See `releases.gate.readings`.
    """

    target = models.OneToOneField(Target, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    corrections = models.CharField(max_length=64)
    remaining = models.FloatField(null=True, help_text="Of the budget, 1 is all of it. Empty: no data.")
    is_spent = models.BooleanField()
    has_enough = models.BooleanField(help_text="Enough events failed to prove something.")
    burn = models.CharField(max_length=6, blank=True, help_text="Page or ticket, while it burns at that pace.")
    burn_rate = models.FloatField(null=True)
    coverage = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.target_id} at {self.read_at:%H:%M}"


def faults_in_window(row: DeploymentWindow) -> dict[str, str]:
    """Return {field: what is expected}; empty: it may be saved."""
    found = {"zone": _fault_in_zone(row.zone)}
    if row.decision == Decision.GO:
        found["decision"] = "expected warn or no go: a window that lets out what is outside it says nothing"
    if row.rule == WindowRule.TIMES:
        found["times"] = _fault_in_times(row)
    else:
        found["calendar"] = _fault_in_calendar(row)
    return {name: text for name, text in found.items() if text}


def _fault_in_zone(zone: str) -> str:
    try:
        zone_named(zone)
    except ValueError as error:
        return str(error)
    return ""


def _fault_in_times(row: DeploymentWindow) -> str:
    if not row.times:
        return 'give times, e.g. [{"times": ["22:00-06:00"], "weekdays": ["monday:friday"]}]'
    if _fault_in_zone(row.zone):
        return ""
    try:
        parse_windows(row.times, zone=row.zone)
    except WindowFault as fault:
        return str(fault)
    return ""


def _fault_in_calendar(row: DeploymentWindow) -> str:
    known = {each.code: each for each in MarketCalendar.objects.all()}
    if row.calendar not in known:
        return f"unknown market {row.calendar!r}: expected one of {', '.join(sorted(known))}"
    if known[row.calendar].is_always_open:
        return f"{row.calendar} never closes: expected a market with sessions"
    return ""
