"""The shapes of groups, silences and routes in /alerts/*."""

from typing import Any

from rest_framework import serializers

from alerts.models import AlertGroup, Route, Silence
from alerts.serializers import matchers_or_fault


class GroupAnswer(serializers.ModelSerializer[AlertGroup]):
    project = serializers.CharField(source="project.slug")
    alerts = serializers.IntegerField(source="open_count", help_text="open ones")

    class Meta:
        model = AlertGroup
        fields = [
            "id",
            "project",
            "route_path",
            "labels",
            "state",
            "alerts",
            "opened_at",
            "told_at",
            "step",
            "step_at",
            "acknowledged_at",
            "acknowledged_by",
            "next_due_at",
        ]


class GroupPage(serializers.Serializer[None]):
    results = GroupAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class SilenceAnswer(serializers.ModelSerializer[Silence]):
    project = serializers.CharField(source="project.slug", allow_null=True, default=None)
    state = serializers.CharField(help_text="pending, active or expired")

    class Meta:
        model = Silence
        fields = [
            "id",
            "project",
            "matchers",
            "starts_at",
            "ends_at",
            "comment",
            "state",
            "created_by",
            "created_at",
            "ended_by",
            "replaces",
        ]


class SilencePage(serializers.Serializer[None]):
    results = SilenceAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class SilenceRequest(serializers.Serializer[None]):
    matchers = serializers.CharField(max_length=4000, help_text='`source=quotes, venue=~"lmax|xtx"`')
    starts_at = serializers.DateTimeField(required=False, help_text="without: now")
    ends_at = serializers.DateTimeField()
    comment = serializers.CharField(max_length=400, help_text="why; it stands on every alert that it holds")
    project = serializers.CharField(required=False, help_text="id or slug; else the token's only project, or `default`")

    def validate_matchers(self, text: str) -> str:
        matchers_or_fault(text)
        return text


class RouteAnswer(serializers.ModelSerializer[Route]):
    channels: Any = serializers.SlugRelatedField(many=True, read_only=True, slug_field="name")
    quiet_hours: Any = serializers.SlugRelatedField(many=True, read_only=True, slug_field="name")
    policy = serializers.CharField(source="policy.name", allow_null=True, default=None)

    class Meta:
        model = Route
        fields = [
            "id",
            "parent",
            "position",
            "name",
            "is_enabled",
            "matchers",
            "goes_on",
            "group_by",
            "group_wait_seconds",
            "group_interval_seconds",
            "repeat_interval_seconds",
            "sends_resolved",
            "joins_companions",
            "mails_members",
            "channels",
            "policy",
            "tells_nobody",
            "quiet_hours",
            "reminder_after_seconds",
            "unacknowledge_after_seconds",
        ]


class RouteList(serializers.Serializer[None]):
    results = RouteAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class LabelsRequest(serializers.Serializer[None]):
    labels = serializers.DictField(child=serializers.CharField(max_length=400, allow_blank=True))


class WhereAnswer(serializers.Serializer[Any]):
    route_id = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    group_labels = serializers.DictField(child=serializers.CharField())
    timing = serializers.CharField()
    receivers = serializers.ListField(child=serializers.CharField())
    held_by = serializers.CharField()


class WhereList(serializers.Serializer[None]):
    results = WhereAnswer(many=True)


class StandingAnswer(serializers.Serializer[Any]):
    group = serializers.IntegerField(source="group.pk")
    route = serializers.CharField()
    verdict = serializers.CharField(help_text="why the group speaks or keeps silent now")
    next_step = serializers.CharField()
    next_step_at = serializers.DateTimeField(allow_null=True)


class DeliveryAnswer(serializers.Serializer[Any]):
    to = serializers.CharField(source="target")
    channel = serializers.CharField()
    event = serializers.CharField()
    state = serializers.CharField()
    why = serializers.CharField()
    attempts = serializers.IntegerField()
    answer = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)


class ExplanationAnswer(serializers.Serializer[Any]):
    sentence = serializers.CharField(help_text="why people were told, or were not")
    suppressed_by = serializers.SerializerMethodField()
    groups = StandingAnswer(many=True)
    deliveries = DeliveryAnswer(many=True)

    def get_suppressed_by(self, explanation: Any) -> list[str]:
        return [one.reason for one in explanation.suppressions]
