"""Patterns as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.contexts.serializers import issue_link
from debugging.models import Pattern, PatternRun


class PatternAnswer(serializers.ModelSerializer[Pattern]):
    project = serializers.CharField(source="project.slug")
    issue = serializers.SerializerMethodField()
    other = serializers.SerializerMethodField(help_text="the issue that it comes together with, or looks like")
    is_dismissed = serializers.SerializerMethodField()

    class Meta:
        model = Pattern
        fields = [
            "id", "project", "issue", "other", "kind", "key", "value", "summary", "evidence", "strength", "p_value",
            "first_found_at", "found_at", "is_dismissed", "dismissed_at", "dismissed_by",
        ]  # fmt: skip

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_issue(self, row: Pattern) -> dict[str, Any]:
        return issue_link(row.issue)

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_other(self, row: Pattern) -> dict[str, Any] | None:
        return None if row.other is None else issue_link(row.other)

    def get_is_dismissed(self, row: Pattern) -> bool:
        return row.dismissed_at is not None


class PatternPage(serializers.Serializer[None]):
    results = PatternAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class PatternChangeRequest(serializers.Serializer[None]):
    dismissed = serializers.BooleanField(help_text="true: it is shown no more and groups nothing")


class PatternRunAnswer(serializers.ModelSerializer[PatternRun]):
    class Meta:
        model = PatternRun
        fields = ["started_at", "ended_at", "since", "events", "issues", "found"]


class IssuePatternsAnswer(serializers.Serializer[None]):
    results = PatternAnswer(many=True)
    analysed = PatternRunAnswer(allow_null=True, help_text="the project's last analysis; null: there was none yet")
