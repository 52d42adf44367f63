from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.models.issues import Issue


class Activity(models.Model):
    """One thing that happened to an issue, in words; a note is one too, the only kind whose text may change.

    `undo_token` is shared by everything that one click did. `undo` says how to take this part of it back (see
    `errors.undoing`); None: it cannot be.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="activity", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=ActivityKind.choices)
    text = models.TextField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    edited_at = models.DateTimeField(null=True)
    undo_token = models.UUIDField(null=True)
    undo = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "activity"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["issue", "-id"], name="activity_of_issue"),
            models.Index(fields=["undo_token"], name="activity_undo", condition=~models.Q(undo_token=None)),
        ]

    def __str__(self) -> str:
        return self.text


class Bookmark(models.Model):
    """That a person keeps an issue at hand."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks", db_index=False
    )
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "issue"], name="bookmark_once")]

    def __str__(self) -> str:
        return f"bookmark of {self.issue_id}"
