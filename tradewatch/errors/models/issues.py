from django.conf import settings
from django.db import models

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity, IssuePriority, IssueState
from tradewatch.errors.models.classification import ClassificationRule
from tradewatch.projects.models import Project, Release, Team


class Issue(models.Model):
    """A group of events with one cause. Its counters equal the stored events plus what a spike limit kept out.

    A merged issue is a member of another: it keeps its hashes, events and counters, which its target's counters
    include. Lists leave members out (`Issue.objects.filter(merged_into=None)`, see `errors.families`).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="issues")
    number = models.PositiveIntegerField(help_text="counts from 1 in each project")
    exception_type = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=250)
    message = models.CharField(max_length=500, blank=True)
    culprit = models.CharField(max_length=250, blank=True)
    severity = models.CharField(max_length=8, choices=ErrorSeverity.choices)
    category = models.CharField(max_length=20, choices=ErrorCategory.choices, default=ErrorCategory.UNKNOWN)
    classified_by = models.ForeignKey(ClassificationRule, null=True, blank=True, on_delete=models.SET_NULL)
    classified_why = models.CharField(max_length=250, blank=True, help_text="what matched, in words")
    grouped_why = models.CharField(max_length=250, blank=True, help_text="which fingerprint rule, and why")
    priority = models.CharField(max_length=6, choices=IssuePriority.choices, default=IssuePriority.MEDIUM)
    priority_why = models.CharField(max_length=250, blank=True, help_text="why this priority, in words")
    priority_by = models.CharField(max_length=200, blank=True, help_text="who set it; empty: computed")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_issues"
    )
    assigned_team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_issues"
    )
    state = models.CharField(max_length=10, choices=IssueState.choices, default=IssueState.UNRESOLVED)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_in_release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resolves_in_next_release = models.BooleanField(default=False)
    ignored_until = models.DateTimeField(null=True, blank=True)
    ignored_until_events = models.PositiveIntegerField(null=True, blank=True)
    ignored_until_users = models.PositiveIntegerField(null=True, blank=True)
    is_regressed = models.BooleanField(default=False)
    event_count = models.BigIntegerField(default=0)
    dropped_count = models.BigIntegerField(default=0, help_text="counted but not stored, kept out by the spike limit")
    user_count = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    first_release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    last_release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="members", db_index=False
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    is_simulated = models.BooleanField(
        default=False, db_default=False, help_text="no real event has its fingerprint; it is in no list and no count"
    )
    has_members = models.BooleanField(default=False)
    own_face = models.JSONField(null=True, blank=True, help_text="what the issue showed before it had members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="issue_number_once"),
            models.CheckConstraint(
                condition=models.Q(assignee=None) | models.Q(assigned_team=None), name="issue_one_assignee"
            ),
        ]
        indexes = [
            # Of merged ones alone: with the others in it, lists would find those that are not merged by this index.
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="issue_member"),
            models.Index(fields=["project", "exception_type", "-id"], name="issue_of_type"),
            models.Index(fields=["-last_seen_at", "-id"], name="issue_last_seen_everywhere"),
            models.Index(fields=["project", "-last_seen_at", "-id"], name="issue_last_seen_any"),
            models.Index(fields=["project", "state", "-last_seen_at"], name="issue_last_seen"),
            models.Index(fields=["project", "state", "-event_count"], name="issue_loudest"),
            models.Index(fields=["project", "state", "-first_seen_at"], name="issue_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/issues/{self.pk}"


class IssueHash(models.Model):
    """A grouping hash that leads to an issue. `version` is the mechanism that made it, so that a better one never
    splits old issues."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="hashes")
    hash = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "hash"], name="issue_hash_once")]

    def __str__(self) -> str:
        return self.hash


class IssueUser(models.Model):
    """That a user (by a 64-bit hash) met an issue: makes `user_count` exact without keeping who."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, db_index=False)
    user_hash = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "user_hash"], name="issue_user_once")]
        indexes = [models.Index(fields=["user_hash"], name="issue_user_found")]

    def __str__(self) -> str:
        return f"user of {self.issue_id}"


class IssueUserAlias(models.Model):
    """What else a user of an issue was called (name, mail, address; hashed): for finding, never for counting."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, db_index=False)
    alias_hash = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "alias_hash"], name="issue_alias_once")]
        indexes = [models.Index(fields=["alias_hash"], name="issue_alias_found")]

    def __str__(self) -> str:
        return f"alias in {self.issue_id}"


class TagCount(models.Model):
    """How many of an issue's events carry a tag value."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="tag_counts", db_index=False)
    key = models.CharField(max_length=64)
    value = models.CharField(max_length=200)
    count = models.BigIntegerField(default=0)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "key", "value"], name="tag_count_once")]
        indexes = [models.Index(fields=["key", "value", "issue"], name="tag_found")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}: {self.count}"
