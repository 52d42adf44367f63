from django.db import models
from django.db.models import Q

from alerts.choices import AlertCategory, AlertSeverity, Simulated
from tradewatch.projects.models import Project


class OccurrenceRecord(models.Model):
    """News handed to `alerts`, kept 30 days so that rules can be replayed. `judged_at` None: not yet seen by the rules.

    Written in the transaction of whoever has the news, judged after it: a crash in between loses nothing.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=200)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices)
    category = models.CharField(max_length=12, choices=AlertCategory.choices)
    title = models.CharField(max_length=250)
    message = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    occurred_at = models.DateTimeField()
    simulated = models.CharField(
        max_length=4, choices=Simulated.choices, blank=True, default="", db_default="", editable=False
    )
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(judged_at=None), name="occurrence_unjudged"),
            models.Index(fields=["project", "kind", "occurred_at"], name="occurrence_replay"),
            models.Index(fields=["occurred_at"], name="occurrence_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"
