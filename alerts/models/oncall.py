from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from alerts.choices import RotationKind
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.window_text import WindowFault, parse_windows
from tradewatch.projects.models import Project


class Schedule(models.Model):
    """Who is on call when. `project` None: for all projects. Its clock is that of `zone`."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=100)
    zone = models.CharField(
        "time zone", max_length=64, default="UTC", help_text="Handoffs follow this clock, e.g. America/New_York."
    )
    calendar = models.CharField(
        max_length=12, blank=True, help_text="A market whose sessions are drawn beneath, e.g. XNYS; empty: none."
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="schedule_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/oncall/{self.pk}"

    def clean(self) -> None:
        try:
            zone_named(self.zone)
        except ValueError as error:
            raise ValidationError({"zone": str(error)}) from None


class Rotation(models.Model):
    """One layer of a schedule: people who take turns. A layer with a higher position wins over those beneath."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="rotations")
    position = models.PositiveSmallIntegerField(default=0, help_text="Where two layers have somebody, the higher wins.")
    name = models.CharField(max_length=100, help_text="E.g. Weekdays.")
    kind = models.CharField(max_length=8, choices=RotationKind.choices, default=RotationKind.WEEKLY)
    every = models.PositiveSmallIntegerField(default=1, help_text="2 with weekly: a shift lasts two weeks.")
    shift_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="With custom length: minutes on the clock, e.g. 720 for twelve hours."
    )
    starts_on = models.DateField(help_text="The day of the first handoff, on the schedule's clock.")
    handoff_time = models.TimeField(
        help_text="When shifts change. In an hour that a clock change skips: at its end; in a repeated one: the first."
    )
    restrictions = models.JSONField(
        default=list,
        blank=True,
        help_text='On call only then, e.g. [{"times": ["09:00-17:00"], "weekdays": ["monday:friday"]}] or '
        '[{"from": "friday 17:00", "to": "monday 09:00"}]. Empty: always.',
    )
    from_at = models.DateTimeField(
        "begins", null=True, blank=True, help_text="The layer counts from here; empty: always."
    )
    until_at = models.DateTimeField("ends", null=True, blank=True, help_text="The layer ends here; empty: never.")

    class Meta:
        ordering = ["schedule", "position", "id"]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.name}"

    def clean(self) -> None:
        faults = {
            "restrictions": fault_in_windows(self.restrictions),
            "shift_minutes": self._fault_in_length(),
            "every": "at least 1" if self.every == 0 else "",
            "until_at": "must come after it begins"
            if self.from_at and self.until_at and self.until_at <= self.from_at
            else "",
        }
        if found := {name: text for name, text in faults.items() if text}:
            raise ValidationError(found)

    def _fault_in_length(self) -> str:
        if self.kind == RotationKind.CUSTOM and not self.shift_minutes:
            return "needed with a custom length, e.g. 720"
        return "only with a custom length" if self.kind != RotationKind.CUSTOM and self.shift_minutes else ""

    @property
    def starts(self) -> datetime:
        """The clock reading of the first handoff, naive."""
        return datetime.combine(self.starts_on, self.handoff_time)


class RotationMember(models.Model):
    """A person's turn in a rotation."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return str(self.user)


class Override(models.Model):
    """For a while somebody else is on call; without a `user`, `instead_of` is away and the layer beneath shows through.

    With `instead_of`, only that person's duty is taken over; without, everybody's.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="overrides")
    start_at = models.DateTimeField("from")
    end_at = models.DateTimeField("to")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name="who takes over",
        help_text="Empty: the person below is away, and nobody takes over.",
    )
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty: whoever is on call then.",
    )
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["start_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="override_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(instead_of__isnull=False), name="override_names_somebody"
            ),
        ]
        indexes = [models.Index(fields=["schedule", "end_at"], name="override_of_schedule")]

    def __str__(self) -> str:
        return f"{self.user or 'nobody'} from {self.start_at:%d %b %H:%M}"

    def clean(self) -> None:
        if self.start_at and self.end_at and self.end_at <= self.start_at:
            raise ValidationError({"end_at": "must come after its start"})
        if not self.user_id and not self.instead_of_id:
            raise ValidationError({"user": "name who takes over, or below who is away"})


def fault_in_windows(written: object) -> str:
    """Return what is wrong with time windows as people write them, and where; empty: nothing."""
    try:
        parse_windows(written)
    except WindowFault as fault:
        return str(fault)
    return ""
