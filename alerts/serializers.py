"""The shapes of /alerts/*: what is checked on the way in, what an alert looks like on the way out."""

from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from rest_framework import serializers

from alerts.choices import AlertCategory, AlertSeverity, AlertState, Simulated
from alerts.matchers import Matcher, MatcherFault, parse_matchers
from alerts.models import Alert
from alerts.standing import Standings, next_step_at, open_groups
from tradewatch.core.fields import IdField

MAX_TAGS = 50
MAX_METADATA_BYTES = 16 * 1024


class AlertAnswer(serializers.ModelSerializer[Alert]):
    project = serializers.CharField(source="project.slug")
    simulated = serializers.ChoiceField(Simulated.choices, allow_blank=True, help_text="empty: it is real")
    suppressed_by = serializers.SerializerMethodField(help_text="reasons why nobody is told; empty: nothing holds it")
    next_step_at = serializers.SerializerMethodField(help_text="when it escalates next; null: it does not")
    team = serializers.SerializerMethodField(help_text="slug of the team that owns it")
    assignee = serializers.SerializerMethodField(help_text="login name of who has it")
    groups = serializers.SerializerMethodField(help_text="ids of its open groups")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = [
            "id",
            "project",
            "environment",
            "title",
            "message",
            "severity",
            "category",
            "source",
            "state",
            "count",
            "starts_at",
            "last_at",
            "dedup_key",
            "tags",
            "simulated",
            "acknowledged_at",
            "acknowledged_by",
            "resolved_at",
            "resolved_by",
            "ending",
            "classified_by",
            "team",
            "assignee",
            "snoozed_until",
            "groups",
            "suppressed_by",
            "next_step_at",
            "url",
        ]

    def get_suppressed_by(self, alert: Alert) -> list[str]:
        standings: Standings = self.context.get("standings") or Standings()
        return standings.suppressed_by(alert)

    def get_team(self, alert: Alert) -> str | None:
        return alert.team.slug if alert.team else None

    def get_assignee(self, alert: Alert) -> str | None:
        return alert.assignee.get_username() if alert.assignee else None

    def get_groups(self, alert: Alert) -> list[int]:
        return [group.pk for group in open_groups(alert)]

    def get_next_step_at(self, alert: Alert) -> datetime | None:
        return next_step_at(alert)

    def get_url(self, alert: Alert) -> str:
        return f"{settings.PUBLIC_URL}{alert.get_absolute_url()}"


class AlertPage(serializers.Serializer[None]):
    results = AlertAnswer(many=True)
    next = serializers.CharField(allow_null=True, help_text="give it as `cursor` for the page that follows")


class ActiveQuery(serializers.Serializer[None]):
    severity = serializers.ChoiceField(AlertSeverity.choices, required=False)
    category = serializers.ChoiceField(AlertCategory.choices, required=False)
    state = serializers.ChoiceField([AlertState.FIRING.value, AlertState.ACKNOWLEDGED.value], required=False)
    environment = serializers.CharField(required=False, max_length=64)
    matcher = serializers.CharField(
        required=False, max_length=4000, help_text='over labels, as in silences: `team=desk, venue=~"lmax|xtx"`'
    )
    group = IdField(required=False, help_text="alerts of this group")

    def validate_matcher(self, text: str) -> tuple[Matcher, ...]:
        return matchers_or_fault(text)


class NoteRequest(serializers.Serializer[None]):
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=400)


class SnoozeRequest(NoteRequest):
    until = serializers.DateTimeField(required=False, help_text="ISO 8601; one that has passed wakes it")
    seconds = serializers.IntegerField(required=False, min_value=60, max_value=30 * 86400)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if ("until" in asked) == ("seconds" in asked):
            raise serializers.ValidationError({"until": "give either until or seconds"})
        return asked


class AlertAssignRequest(NoteRequest):
    user = serializers.CharField(required=False, allow_null=True, default=None, help_text="login name or e-mail")
    team = serializers.CharField(required=False, allow_null=True, default=None, help_text="slug")


class NoteOnlyRequest(serializers.Serializer[None]):
    note = serializers.CharField(max_length=400)


class AlertRequest(serializers.Serializer[None]):
    title = serializers.CharField(max_length=250)
    message = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    severity = serializers.ChoiceField(AlertSeverity.choices, default=AlertSeverity.ERROR)
    category = serializers.ChoiceField(AlertCategory.choices, default=AlertCategory.SYSTEM)
    source = serializers.CharField(default="api", max_length=80)  # type: ignore[assignment]  # a field of that name
    environment = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)
    tags = serializers.DictField(child=serializers.CharField(max_length=200, allow_blank=True), default=dict)
    metadata = serializers.DictField(default=dict, help_text="kept with the alert, at most 16 KiB of JSON")
    dedup_key = serializers.CharField(
        required=False, max_length=200, help_text="one open alert per key; default: a hash of source, title and tags"
    )
    state = serializers.ChoiceField(
        [AlertState.FIRING.value, AlertState.RESOLVED.value],
        default=AlertState.FIRING.value,
        help_text="`resolved` ends the open alert of the key; none open: 204, nothing changes",
    )
    project = serializers.CharField(required=False, help_text="id or slug; else the token's only project, or `default`")

    def validate_tags(self, tags: dict[str, str]) -> dict[str, str]:
        if len(tags) > MAX_TAGS:
            raise serializers.ValidationError(f"at most {MAX_TAGS} tags")
        _storable(tags)
        return tags

    def validate_metadata(self, metadata: dict[str, Any]) -> dict[str, Any]:
        if len(_storable(metadata)) > MAX_METADATA_BYTES:
            raise serializers.ValidationError(f"at most {MAX_METADATA_BYTES} bytes of JSON")
        return metadata


def matchers_or_fault(text: str) -> tuple[Matcher, ...]:
    try:
        return parse_matchers(text)
    except MatcherFault as fault:
        raise serializers.ValidationError(str(fault)) from fault


def _storable(value: dict[str, Any]) -> bytes:
    """Return the value as JSON. PostgreSQL refuses NUL in it, and neither lone surrogates nor huge numbers are JSON."""
    try:
        data = orjson.dumps(value)
    except TypeError as error:
        raise serializers.ValidationError("cannot be written as JSON") from error
    if b"\\u0000" in data:
        raise serializers.ValidationError("must not contain NUL characters")
    return data
