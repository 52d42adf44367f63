from django.db import models
from django.db.models import Q

from alerts.choices import EntryKind
from alerts.models.alerts import Alert
from alerts.models.groups import AlertGroup


class TimelineEntry(models.Model):
    """One thing that happened to an alert or to a whole group, with its reason in words.

    Written with the change, never edited. An alert's story is its own entries and those of its groups.
    """

    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="timeline")
    group = models.ForeignKey(AlertGroup, null=True, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    text = models.CharField(max_length=500)
    actor_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "timeline entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(alert__isnull=False, group=None) | Q(alert=None, group__isnull=False), name="entry_of_one"
            )
        ]

    def __str__(self) -> str:
        return self.text
