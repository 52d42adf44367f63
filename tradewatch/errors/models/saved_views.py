from django.conf import settings
from django.db import models

from tradewatch.errors.choices import IssueSort
from tradewatch.projects.models import Project


class SavedView(models.Model):
    """A search that is kept: with `project` everybody of the project has it, without one it is its owner's alone."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    sort = models.CharField(max_length=12, choices=IssueSort.choices, default=IssueSort.LAST_SEEN)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=models.Q(project=None), name="own_view_named_once"
            ),
            models.UniqueConstraint(
                fields=["project", "name"], condition=~models.Q(project=None), name="shared_view_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """Which view a person's list opens with: a built-in one (`regressed`) or a saved one (its id)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    view = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.view
