from django.db import models

from tradewatch.projects.models import Project


class Companion(models.Model):
    """That alerts of two keys come together, as an app above found out: `dedup_key` joins the group of `other_key`.

    `why` in words, as the timeline tells it. Written as a whole for each project.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="companions", db_index=False)
    dedup_key = models.CharField(max_length=200)
    other_key = models.CharField(max_length=200)
    why = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "dedup_key", "other_key"], name="companion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dedup_key} with {self.other_key}"
