from django.db import models

from debugging.choices import PatternKind
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Project


class PatternRun(models.Model):
    """One analysis of a project: how much it read, how long it took. `ended_at` None: under way, or it died."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pattern_runs", db_index=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(help_text="Events from here on were looked at.")
    events = models.PositiveBigIntegerField(default=0)
    issues = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(ended_at=None), name="pattern_run_under_way_once"
            )
        ]
        indexes = [models.Index(fields=["project", "-started_at"], name="pattern_run_newest")]

    def __str__(self) -> str:
        return f"patterns of {self.project_id} at {self.started_at:%Y-%m-%d %H:%M}"


class Pattern(models.Model):
    """Something that recurs in an issue, with the statistic that says so. Found again, it is the same row.

    `key` and `value` name it within its kind (a tag and its value; the period; the other issue's id). `evidence` holds
    the counts that `strength` (how many times what was expected) and `p_value` were made of.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="patterns", db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="patterns", db_index=False)
    other = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.CASCADE, related_name="patterns_as_other")
    kind = models.CharField(max_length=8, choices=PatternKind.choices)
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200, blank=True)
    summary = models.CharField(max_length=500)
    evidence = models.JSONField(default=dict)
    strength = models.FloatField()
    p_value = models.FloatField(null=True, blank=True)
    first_found_at = models.DateTimeField()
    found_at = models.DateTimeField(help_text="When it was found last; one that is not found again goes.")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-strength", "id"]
        constraints = [models.UniqueConstraint(fields=["issue", "kind", "key", "value"], name="pattern_once")]
        indexes = [
            models.Index(fields=["project", "-found_at", "-id"], name="pattern_newest"),
            models.Index(fields=["issue", "-strength"], name="pattern_of_issue"),
        ]

    def __str__(self) -> str:
        return self.summary
