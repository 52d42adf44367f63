from django.db import models

from tradewatch.projects.models import Project


class WeeklyReport(models.Model):
    """That a project's report of the week up to `ends_at` is due, or was sent. One a project and week."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    told = models.JSONField(default=list, help_text="addresses that have it")
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "ends_at"], name="weekly_report_once")]

    def __str__(self) -> str:
        return f"{self.project} to {self.ends_at:%Y-%m-%d}"
