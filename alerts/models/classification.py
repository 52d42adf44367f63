from django.db import models

from alerts.choices import AlertCategory, AlertSeverity, SeverityChange
from alerts.validation import validate_matchers
from tradewatch.projects.models import Project, Team


class AlertClassificationRule(models.Model):
    """What matching alerts are about, how bad they are and whose. `project` None: alerts of every project."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all.")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=100, help_text="The lowest is asked first; a project's own before.")
    is_enabled = models.BooleanField("enabled", default=True)
    matchers = models.TextField(
        blank=True, validators=[validate_matchers], help_text='e.g. tag_category=~"authentication|security"'
    )
    category = models.CharField(max_length=12, choices=AlertCategory.choices, blank=True, help_text="Empty: as it is.")
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices, blank=True, help_text="Empty: as it is.")
    severity_change = models.CharField(max_length=5, choices=SeverityChange.choices, default=SeverityChange.SET)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, help_text="Who owns such alerts.")
    goes_on = models.BooleanField("ask later rules too", default=False, help_text="They set what is not set yet.")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
