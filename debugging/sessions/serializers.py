"""Sessions as the API takes and shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.choices import SessionState, StepState
from debugging.contexts.serializers import issue_link
from debugging.models import DebugSession, Replay, SessionEntry, SessionStep
from debugging.replays.serializers import ReplayLine
from debugging.sessions.reading import context_of, error_id_of


class SessionOpenRequest(serializers.Serializer[None]):
    title = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=250)


class SessionChangeRequest(serializers.Serializer[None]):
    owner = serializers.CharField(required=False, allow_null=True, help_text="a user's name; null: nobody")
    title = serializers.CharField(required=False, max_length=250)
    conclusion = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    state = serializers.ChoiceField(SessionState.choices, required=False, help_text="resolved needs a conclusion")


class SessionStepRequest(serializers.Serializer[None]):
    state = serializers.ChoiceField(StepState.choices, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class SessionNoteRequest(serializers.Serializer[None]):
    text = serializers.CharField(max_length=2000)


class SessionStepAnswer(serializers.ModelSerializer[SessionStep]):
    title = serializers.CharField(source="get_key_display")
    finding = serializers.CharField(help_text="yes, no or unknown: the answer to the step's question")

    class Meta:
        model = SessionStep
        fields = ["key", "title", "finding", "summary", "evidence", "state", "note", "by", "at"]


class SessionEntryAnswer(serializers.ModelSerializer[SessionEntry]):
    by = serializers.CharField(source="actor_label")

    class Meta:
        model = SessionEntry
        fields = ["at", "by", "kind", "text"]


class SessionLine(serializers.ModelSerializer[DebugSession]):
    session_id = serializers.IntegerField(source="pk")
    error_id = serializers.SerializerMethodField()
    project = serializers.CharField(source="project.slug")
    issue = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    url = serializers.SerializerMethodField(help_text="of its page in TradeWatch")

    class Meta:
        model = DebugSession
        fields = [
            "session_id", "error_id", "project", "environment", "title", "state", "owner", "issue", "conclusion",
            "concluded_by", "opened_at", "opened_by", "closed_at", "closed_by", "looked_at", "url",
        ]  # fmt: skip

    def get_error_id(self, row: DebugSession) -> str:
        return error_id_of(row)

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_issue(self, row: DebugSession) -> dict[str, Any] | None:
        return None if row.issue is None else issue_link(row.issue)

    def get_url(self, row: DebugSession) -> str:
        return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"


class SessionPage(serializers.Serializer[None]):
    results = SessionLine(many=True)
    next = serializers.CharField(allow_null=True)


class SessionAnswer(SessionLine):
    """`findings`: the steps that found something, in a line each."""

    steps = SessionStepAnswer(many=True)
    findings = serializers.SerializerMethodField()
    context = serializers.SerializerMethodField(  # type: ignore[assignment]  # the API's word; not that of the base
        help_text="{name of the part: {values, why, link}}; a part without values says why"
    )
    replays = serializers.SerializerMethodField(help_text="the newest 20; all are at /replays")
    audit = serializers.SerializerMethodField(help_text="the newest 200 entries of its trail")

    class Meta(SessionLine.Meta):
        fields = [*SessionLine.Meta.fields, "steps", "findings", "context", "replays", "audit"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_findings(self, row: DebugSession) -> list[str]:
        return [step.summary for step in row.steps.all() if step.finding == "yes"]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_context(self, row: DebugSession) -> dict[str, Any]:
        return context_of(row)

    @extend_schema_field(ReplayLine(many=True))
    def get_replays(self, row: DebugSession) -> list[Any]:
        rows = Replay.objects.filter(session=row, batch=None).defer("asked", "request", "diff")
        return list(ReplayLine(rows.order_by("-id")[:20], many=True).data)

    @extend_schema_field(SessionEntryAnswer(many=True))
    def get_audit(self, row: DebugSession) -> list[Any]:
        return list(SessionEntryAnswer(row.entries.order_by("-id")[:200], many=True).data)
