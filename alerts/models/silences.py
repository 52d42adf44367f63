from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from alerts.suppression import SilenceState, silence_state
from alerts.validation import validate_label_names, validate_matchers
from tradewatch.projects.models import Project


class Silence(models.Model):
    """Alerts of which nobody is to hear for a while, and why. Ended by its time or by hand, never deleted."""

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="silences", help_text="Empty: all."
    )
    matchers = models.TextField(validators=[validate_matchers], help_text='e.g. source=quotes, venue=~"lmax|xtx"')
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    comment = models.CharField(max_length=400, help_text="Why; it stands on every alert that it holds.")
    created_by = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    replaces = models.ForeignKey("self", null=True, blank=True, editable=False, on_delete=models.SET_NULL)
    ended_by = models.CharField(max_length=200, blank=True, editable=False, help_text="who ended it before its time")
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ends_at"], name="silence_end")]

    def __str__(self) -> str:
        return self.comment or self.matchers

    @property
    def state(self) -> SilenceState:
        return silence_state(self.starts_at, self.ends_at, now=timezone.now())

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValidationError({"ends_at": "must be after the start"})
        if not self.matchers.strip().strip("{}").strip():
            raise ValidationError({"matchers": "name at least one label: a silence over everything hides everything"})


class Inhibition(models.Model):
    """While an alert that matches `source` is open, those that match `target` and share the labels `equal` wait."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all.")
    name = models.CharField(max_length=100)
    is_enabled = models.BooleanField("enabled", default=True)
    source = models.TextField(validators=[validate_matchers], help_text="e.g. source=venue, severity=critical")
    target = models.TextField(validators=[validate_matchers], help_text="e.g. source=orders")
    equal = models.JSONField(
        default=list, blank=True, validators=[validate_label_names], help_text='e.g. ["environment", "venue"]'
    )

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
