"""The shapes of /error-tracking/issues: what is checked on the way in, and what OpenAPI says of the way out."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tradewatch.core.fields import IdField
from tradewatch.errors.choices import (
    ActivityKind,
    ErrorCategory,
    ErrorSeverity,
    IssuePriority,
    IssueState,
)
from tradewatch.errors.models import Activity, Event, Issue

MAX_BULK = 500
BULK_ACTIONS = ("resolve", "ignore", "reopen", "assign", "priority")
SORTS: Mapping[str, tuple[str, str]] = {
    "last_seen": ("-last_seen_at", "-id"),
    "first_seen": ("-first_seen_at", "-id"),
    "events": ("-event_count", "-id"),
}
_ASSIGNEE_HELP = "a user's name, `team:SLUG`, `me`, or null for nobody"


# --- what is asked ----------------------------------------------------------------------------------------------
class IssueQuery(serializers.Serializer[Any]):
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text='e.g. is:unresolved level:error venue:lmax "text"'
    )
    environment = serializers.CharField(required=False, help_text="with an event from there")
    state = serializers.ChoiceField(IssueState.choices, required=False)
    severity = serializers.ChoiceField(ErrorSeverity.choices, required=False)
    category = serializers.ChoiceField(ErrorCategory.choices, required=False)
    priority = serializers.ChoiceField(IssuePriority.choices, required=False)
    assignee = serializers.CharField(
        required=False, max_length=200, help_text="a user's name, `team:SLUG`, `me` (with one's teams) or `none`"
    )
    release = serializers.CharField(required=False, max_length=250, help_text="with an event of this version")
    bookmarked = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="by who asks")
    sort = serializers.ChoiceField(sorted(SORTS), default="last_seen", help_text="each the newest or greatest first")


class EventQuery(serializers.Serializer[Any]):
    environment = serializers.CharField(required=False)
    release = serializers.CharField(required=False, max_length=250)


class NothingAsked(serializers.Serializer[Any]):
    """No fields: `{}`, or no body at all."""


class ResolveRequest(serializers.Serializer[Any]):
    in_release = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=250, help_text="a version, `current` or `next`"
    )


class IgnoreRequest(serializers.Serializer[Any]):
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    events = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="so many more")
    users = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="so many more")


class AssignRequest(serializers.Serializer[Any]):
    assignee = serializers.CharField(allow_null=True, max_length=200, help_text=_ASSIGNEE_HELP)


class PriorityRequest(serializers.Serializer[Any]):
    priority = serializers.ChoiceField(IssuePriority.choices, allow_null=True, help_text="null: computed again")


class BookmarkRequest(serializers.Serializer[Any]):
    bookmarked = serializers.BooleanField(default=True)


class MergeRequest(serializers.Serializer[Any]):
    issues = serializers.ListField(child=IdField(), min_length=1, max_length=50, help_text="become part of this one")


class NoteTextRequest(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=10_000)


class UndoRequest(serializers.Serializer[Any]):
    undo = serializers.UUIDField(help_text="from the answer to the change")


class BulkRequest(ResolveRequest, IgnoreRequest):
    """`action` says which of the further fields count; they mean what they mean for one issue."""

    issues = serializers.ListField(child=IdField(), min_length=1, max_length=MAX_BULK)
    action = serializers.ChoiceField(BULK_ACTIONS)
    assignee = serializers.CharField(required=False, allow_null=True, max_length=200, help_text=_ASSIGNEE_HELP)
    priority = serializers.ChoiceField(IssuePriority.choices, required=False, allow_null=True)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["action"] in ("assign", "priority") and _FIELD_OF[asked["action"]] not in asked:
            raise serializers.ValidationError({_FIELD_OF[asked["action"]]: ["is needed for this action"]})
        return asked


_FIELD_OF = {"assign": "assignee", "priority": "priority"}


# --- what is answered -------------------------------------------------------------------------------------------
class AssigneeAnswer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["user", "team"])
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="the user's name, or the team's")


class IssueAnswer(serializers.ModelSerializer[Issue]):
    project = serializers.CharField(source="project.slug")
    short_id = serializers.SerializerMethodField(help_text="project and number, as the pages show it")
    type = serializers.CharField(source="exception_type", help_text="empty for a message")
    events = serializers.IntegerField(source="event_count", help_text="of all time, those of merged issues included")
    dropped = serializers.IntegerField(source="dropped_count", help_text="of them counted but not stored")
    users = serializers.IntegerField(source="user_count")
    resolved_in_release = serializers.CharField(source="resolved_in_release.version", default=None, allow_null=True)
    first_release = serializers.CharField(source="first_release.version", default=None, allow_null=True)
    last_release = serializers.CharField(source="last_release.version", default=None, allow_null=True)
    assignee = serializers.SerializerMethodField()
    is_bookmarked = serializers.SerializerMethodField(help_text="by who asks")
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True, help_text="that issue's id")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Issue
        fields = [
            *("id", "project", "number", "short_id", "title", "type", "message", "culprit", "severity", "category"),
            *("classified_why", "grouped_why", "priority", "priority_why", "priority_by", "state", "is_regressed"),
            *("resolved_at", "resolved_in_release", "resolves_in_next_release"),
            *("ignored_until", "ignored_until_events", "ignored_until_users"),
            *("events", "dropped", "users", "first_seen_at", "last_seen_at", "first_release", "last_release"),
            *("assignee", "is_bookmarked", "merged_into", "has_members", "url"),
        ]
        extra_kwargs = {
            "ignored_until_events": {"help_text": "ends when `events` reaches it"},
            "ignored_until_users": {"help_text": "ends when `users` reaches it"},
        }

    def get_short_id(self, issue: Issue) -> str:
        return f"{issue.project.slug}-{issue.number}".upper()

    @extend_schema_field(AssigneeAnswer(allow_null=True))
    def get_assignee(self, issue: Issue) -> dict[str, object] | None:
        if issue.assignee is not None:
            return {"kind": "user", "id": issue.assignee.pk, "name": issue.assignee.get_username()}
        if issue.assigned_team is not None:
            return {"kind": "team", "id": issue.assigned_team.pk, "name": issue.assigned_team.name}
        return None

    def get_is_bookmarked(self, issue: Issue) -> bool:
        return bool(getattr(issue, "is_bookmarked", False))

    def get_url(self, issue: Issue) -> str:
        return settings.PUBLIC_URL + issue.get_absolute_url()


class ActivityAnswer(serializers.ModelSerializer[Activity]):
    kind = serializers.ChoiceField(ActivityKind.choices)
    actor = serializers.CharField(source="actor_label")

    class Meta:
        model = Activity
        fields = ["id", "at", "kind", "text", "actor", "actor_kind", "edited_at", "undone_at"]


class EventAnswer(serializers.ModelSerializer[Event]):
    id = serializers.SerializerMethodField(help_text="32 hex digits")
    issue = serializers.IntegerField(source="issue_id", help_text="the member it belongs to, where issues are merged")
    release = serializers.CharField(source="release.version", default=None, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = [
            *("id", "issue", "timestamp", "received_at", "severity", "environment", "release", "transaction"),
            *("trace_id", "is_simulated", "url"),
        ]

    def get_id(self, event: Event) -> str:
        return event.event_id.hex

    def get_url(self, event: Event) -> str:
        return settings.PUBLIC_URL + event.get_absolute_url()


class EventWithPayload(EventAnswer):
    payload = serializers.SerializerMethodField(help_text="the stored document, scrubbed")

    class Meta(EventAnswer.Meta):
        fields = [*EventAnswer.Meta.fields, "payload"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_payload(self, event: Event) -> dict[str, object]:
        return event.payload


class TagValue(serializers.Serializer[Any]):
    value = serializers.CharField()
    count = serializers.IntegerField()


class Tag(serializers.Serializer[Any]):
    key = serializers.CharField()
    values = TagValue(many=True, help_text="the most frequent, at most five")


class ReleaseEvents(serializers.Serializer[Any]):
    version = serializers.CharField()
    events = serializers.IntegerField()


class Suspect(serializers.Serializer[Any]):
    version = serializers.CharField()
    why = serializers.CharField()


class Share(serializers.Serializer[Any]):
    users = serializers.IntegerField()
    active = serializers.IntegerField(help_text="of the project in this time, approximate")
    ratio = serializers.FloatField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    unknown = serializers.CharField(help_text="why there is no ratio; empty when there is one")


class Member(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    events = serializers.IntegerField(source="event_count")
    merged_into = serializers.IntegerField(source="merged_into_id")


class IssueInsights(serializers.Serializer[Any]):
    tags = Tag(many=True)
    releases = ReleaseEvents(many=True, help_text="of the project's last 100, those with events of this issue")
    suspect_release = Suspect(allow_null=True)
    user_share = Share()
    members = Member(many=True, help_text="the issues merged into this one")
    activity = ActivityAnswer(many=True, help_text="the newest 20")
    latest_event = EventAnswer(allow_null=True)


class IssueDetail(IssueInsights, IssueAnswer):
    class Meta(IssueAnswer.Meta):
        fields = [
            *IssueAnswer.Meta.fields,
            *("tags", "releases", "suspect_release", "user_share", "members", "activity", "latest_event"),
        ]


class IssueChanged(IssueAnswer):
    undo = serializers.UUIDField(
        allow_null=True, help_text="for POST /error-tracking/undo, two minutes long; null: nothing was changed"
    )

    class Meta(IssueAnswer.Meta):
        fields = [*IssueAnswer.Meta.fields, "undo"]


class SimilarAnswer(serializers.Serializer[Any]):
    issue = IssueAnswer()
    score = serializers.FloatField(source="likeness.score", help_text="0 to 1")
    why = serializers.CharField(source="likeness.why")


class SimilarList(serializers.Serializer[Any]):
    results = SimilarAnswer(many=True)


class BulkAnswer(serializers.Serializer[Any]):
    changed = serializers.ListField(child=serializers.IntegerField())
    unchanged = serializers.ListField(child=serializers.IntegerField(), help_text="were so already")
    refused = serializers.DictField(child=serializers.CharField(), help_text="{issue id: why}")
    undo = serializers.UUIDField(allow_null=True)


class UndoAnswer(serializers.Serializer[Any]):
    taken_back = serializers.ListField(child=serializers.IntegerField(), source="issue_ids")
    kept = serializers.DictField(child=serializers.CharField(), help_text="{issue id: why it was not taken back}")


class IssuePage(serializers.Serializer[Any]):
    results = IssueAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class EventPage(serializers.Serializer[Any]):
    results = EventAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class ActivityPage(serializers.Serializer[Any]):
    results = ActivityAnswer(many=True)
    next = serializers.CharField(allow_null=True)
