"""Replays as the API takes and shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.choices import ReplayState, Reproduced
from debugging.models import Replay
from debugging.replays.verifying import lacking

OBJECT = {"type": "object", "nullable": True, "additionalProperties": True}
MODIFICATIONS = (
    "{method, path, query: {name: value or null}, headers: {name: value or null}, body: the whole one, or patch: "
    "[RFC 6902 operations on it]}"
)


class ReplayRequest(serializers.Serializer[None]):
    target = serializers.CharField(
        required=False, max_length=100, help_text="a listed one; without: the only one that is not production"
    )
    modifications = serializers.JSONField(required=False, help_text=MODIFICATIONS)
    dry_run = serializers.BooleanField(default=False, help_text="show what would be sent; nothing is")


class RefuseRequest(serializers.Serializer[None]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class ReplayLine(serializers.ModelSerializer[Replay]):
    replay_id = serializers.IntegerField(source="pk")
    session_id = serializers.IntegerField()
    target = serializers.CharField(source="target_name")
    state = serializers.ChoiceField(ReplayState.choices)
    status = serializers.SerializerMethodField(help_text="of the answer; null: there is none")
    seconds = serializers.SerializerMethodField()
    reproduced = serializers.ChoiceField(Reproduced.choices, help_text="whether the same error came back")
    event_id = serializers.SerializerMethodField(help_text="of the error that came back")

    class Meta:
        model = Replay
        fields = [
            "replay_id", "session_id", "title", "target", "target_kind", "state", "status", "seconds", "fault",
            "reproduced", "reproduced_why", "event_id", "trace_id", "requested_at", "requested_by", "approved_by",
            "sent_at", "ended_at",
        ]  # fmt: skip

    def get_status(self, row: Replay) -> int | None:
        return None if row.response is None else int(row.response["status"])

    def get_seconds(self, row: Replay) -> float | None:
        return None if row.response is None else row.response["seconds"]

    def get_event_id(self, row: Replay) -> str | None:
        return None if row.event_id is None else row.event_id.hex


class ReplayAnswer(ReplayLine):
    request = serializers.SerializerMethodField(help_text="what was sent, without secrets")
    response = serializers.SerializerMethodField(help_text="what came back, without secrets")
    diff = serializers.SerializerMethodField(help_text="against what is known of the original; `source` says whence")
    event_url = serializers.SerializerMethodField()
    trace_url = serializers.SerializerMethodField()

    class Meta(ReplayLine.Meta):
        fields = [*ReplayLine.Meta.fields, "request", "response", "diff", "event_url", "trace_url"]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_request(self, row: Replay) -> dict[str, Any]:
        return dict(row.request)

    @extend_schema_field(OBJECT)
    def get_response(self, row: Replay) -> dict[str, Any] | None:
        return row.response

    @extend_schema_field(OBJECT)
    def get_diff(self, row: Replay) -> dict[str, Any] | None:
        return row.diff

    def get_event_url(self, row: Replay) -> str | None:
        return None if row.event_id is None else f"{settings.PUBLIC_URL}/events/{row.event_id.hex}"

    def get_trace_url(self, row: Replay) -> str | None:
        return f"{settings.PUBLIC_URL}/traces/{row.trace_id}" if row.trace_id else None


class ReplayPage(serializers.Serializer[None]):
    results = ReplayLine(many=True)
    next = serializers.CharField(allow_null=True)


class DryRunAnswer(serializers.Serializer[Any]):
    """Of a dry run: what would be sent. There is no replay."""

    replay_id = serializers.IntegerField(allow_null=True)
    target = serializers.CharField()
    needs_second_person = serializers.BooleanField()
    request = serializers.JSONField()
    response = serializers.JSONField(allow_null=True)
    diff = serializers.JSONField(allow_null=True)
    reproduced = serializers.CharField(allow_null=True)


class OneReplayAnswer(ReplayAnswer):
    """Read as by `recording.read_replay`."""

    lacks = serializers.SerializerMethodField(help_text="what it lacks to verify a fix; empty: it may")

    class Meta(ReplayAnswer.Meta):
        fields = [*ReplayAnswer.Meta.fields, "lacks"]

    def get_lacks(self, row: Replay) -> list[str]:
        return lacking(row)


class VerifiedAnswer(serializers.Serializer[Any]):
    replay_id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    text = serializers.CharField()
