"""Captures as the API takes and shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.models import ErrorContext
from tradewatch.errors.models import Issue


class CapturedError(serializers.Serializer[None]):
    type = serializers.CharField(help_text="the name of the error's class")
    message = serializers.CharField(required=False, allow_null=True)
    module = serializers.CharField(required=False, allow_null=True)
    traceback = serializers.JSONField(
        required=False, allow_null=True, help_text="the text of a Python traceback, or Sentry's frames"
    )
    chain = serializers.ListField(
        child=serializers.JSONField(),
        required=False,
        allow_null=True,
        help_text="causes in the same form, what was raised first on top",
    )


class CapturedRequest(serializers.Serializer[None]):
    method = serializers.CharField(required=False, allow_null=True)
    path = serializers.CharField(required=False, allow_null=True)
    query = serializers.JSONField(required=False, allow_null=True, help_text="an object or the text after `?`")
    headers = serializers.JSONField(required=False, allow_null=True, help_text="an object, or pairs")
    body = serializers.JSONField(required=False, allow_null=True)


class CaptureRequest(serializers.Serializer[None]):
    """For the document alone: what is wrong with a capture is said by `contexts.captured`."""

    project = serializers.CharField(required=False)
    error = CapturedError()
    request = CapturedRequest(required=False, allow_null=True)
    user = serializers.JSONField(required=False, allow_null=True)
    system = serializers.JSONField(required=False, allow_null=True, help_text="anything about the machine or process")
    tags = serializers.JSONField(required=False, allow_null=True)
    environment = serializers.CharField(required=False, allow_null=True)
    release = serializers.CharField(required=False, allow_null=True)
    transaction = serializers.CharField(required=False, allow_null=True)
    trace_id = serializers.CharField(required=False, allow_null=True)
    server_name = serializers.CharField(required=False, allow_null=True)


class CaptureAnswer(serializers.Serializer[ErrorContext]):
    error_id = serializers.CharField(source="error_id.hex")
    issue = serializers.SerializerMethodField(help_text="its events have the same fingerprint; null: there is none")

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_issue(self, row: ErrorContext) -> dict[str, Any] | None:
        return None if row.issue is None else issue_link(row.issue)


class ContextAnswer(CaptureAnswer):
    project = serializers.CharField(source="project.slug")
    title = serializers.CharField()
    environment = serializers.CharField()
    release = serializers.CharField()
    trace_id = serializers.CharField()
    captured_at = serializers.DateTimeField()
    captured_by = serializers.CharField()


class ContextPage(serializers.Serializer[None]):
    results = ContextAnswer(many=True)
    next = serializers.CharField(allow_null=True)


def issue_link(issue: Issue) -> dict[str, Any]:
    return {"id": issue.pk, "title": issue.title, "url": f"{settings.PUBLIC_URL}{issue.get_absolute_url()}"}
