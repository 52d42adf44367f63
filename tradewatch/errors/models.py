import orjson
import zstandard
from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity, IssueState
from tradewatch.errors.normalise import settled
from tradewatch.errors.patterns import PATTERN_FIELDS, BadPattern, check_pattern, split_tag
from tradewatch.projects.models import Project, Release


class ClassificationRule(models.Model):
    """Gives a category, and optionally a severity, to the issues it matches. The first match in `position` wins.

    Each pattern is a regular expression (RE2, searched anywhere, case-insensitive); an empty one matches everything;
    all of a rule's patterns must match. `project` None: every project.
    """

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=100)
    is_enabled = models.BooleanField(default=True)
    exception_type = models.CharField(max_length=200, blank=True)
    module = models.CharField(max_length=200, blank=True)
    transaction = models.CharField(max_length=200, blank=True)
    tag = models.CharField(max_length=200, blank=True, help_text="key=pattern, e.g. venue=^lmax$")
    message = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=20, choices=ErrorCategory.choices)
    severity = models.CharField(max_length=8, choices=ErrorSeverity.choices, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse patterns that RE2 cannot read, each fault at its field."""
        faults = {name: fault for name in PATTERN_FIELDS if (fault := _fault(getattr(self, name)))}
        key, pattern = split_tag(self.tag)
        if self.tag and (not key or (fault := _fault(pattern))):
            faults["tag"] = fault if key else "expected key=pattern"
        if faults:
            raise ValidationError(faults)


def _fault(pattern: str) -> str:
    try:
        check_pattern(pattern)
    except BadPattern as error:
        return f"not a regular expression of RE2: {error}"
    return ""


class Issue(models.Model):
    """A group of events with one cause. Its counters equal the stored events plus what a spike limit kept out."""

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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="issue_number_once")]
        indexes = [
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


class Event(models.Model):
    """One report of an error. Narrow on purpose: the document lives in `EventPayload`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="events", db_index=False)
    event_id = models.UUIDField()
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    severity = models.CharField(max_length=8, choices=ErrorSeverity.choices)
    environment = models.CharField(max_length=64)
    release = models.ForeignKey(Release, null=True, on_delete=models.SET_NULL, db_index=False)
    transaction = models.CharField(max_length=200, blank=True)
    trace_id = models.CharField(max_length=32, blank=True)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "event_id"], name="event_once")]
        indexes = [
            models.Index(fields=["issue", "-timestamp"], name="event_of_issue"),
            models.Index(fields=["project", "-timestamp"], name="event_newest"),
            models.Index(fields=["trace_id"], name="event_trace", condition=~models.Q(trace_id="")),
        ]

    def __str__(self) -> str:
        return self.event_id.hex

    def get_absolute_url(self) -> str:
        return f"/issues/{self.issue_id}/events/{self.event_id.hex}"

    @property
    def payload(self) -> dict[str, object]:
        """The stored document: scrubbed, in the canonical shape of `errors.normalise`."""
        return settled(orjson.loads(zstandard.decompress(self.stored.data)))


class EventPayload(models.Model):
    event = models.OneToOneField(Event, primary_key=True, on_delete=models.CASCADE, related_name="stored")
    data = models.BinaryField(help_text="zstd level 3 of the JSON document")

    def __str__(self) -> str:
        return f"payload of {self.event_id}"


class IssueUser(models.Model):
    """That a user (by a 64-bit hash) met an issue: makes `user_count` exact without keeping who."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, db_index=False)
    user_hash = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "user_hash"], name="issue_user_once")]

    def __str__(self) -> str:
        return f"user of {self.issue_id}"


class TagCount(models.Model):
    """How many of an issue's events carry a tag value."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="tag_counts", db_index=False)
    key = models.CharField(max_length=64)
    value = models.CharField(max_length=200)
    count = models.BigIntegerField(default=0)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "key", "value"], name="tag_count_once")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}: {self.count}"


class InternalError(models.Model):
    """An error inside TradeWatch's own digest: kept here, never sent into the inbox that failed."""

    at = models.DateTimeField(db_index=True)
    where = models.CharField(max_length=200)
    text = models.TextField()

    def __str__(self) -> str:
        return self.where
