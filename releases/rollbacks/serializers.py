"""Rollbacks as the API shows and takes them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.choices import RollbackOpening, RollbackState
from releases.models import Rollback


class RollbackAnswer(serializers.ModelSerializer[Rollback]):
    rollback_id = serializers.IntegerField(source="pk")
    project = serializers.CharField(source="deployment.project.slug")
    environment = serializers.CharField(source="deployment.environment")
    deployment_id = serializers.IntegerField(help_text="the one that is taken back")
    from_version = serializers.SerializerMethodField(help_text="null: nothing has named it")
    status = serializers.ChoiceField(RollbackState.choices, source="state")
    opening = serializers.ChoiceField(RollbackOpening.choices)
    restoring_id = serializers.IntegerField(allow_null=True, help_text="the deployment that brings it back")
    told_at = serializers.DateTimeField(allow_null=True, help_text="when CI took the request")
    next_try_at = serializers.DateTimeField(allow_null=True, help_text="null: CI is not (any more) to be told")
    answer = serializers.CharField(help_text="what CI answered last")
    outcome = serializers.CharField(help_text="what was seen when health was tested again, or why it was called off")
    page_url = serializers.SerializerMethodField(help_text="of the deployment's page in TradeWatch")

    class Meta:
        model = Rollback
        fields = [
            "rollback_id", "project", "environment", "deployment_id", "from_version", "to_version", "status", "opening",
            "reason", "requested_by", "requested_at", "told_at", "tries", "next_try_at", "answer", "restoring_id",
            "deployed_at", "closed_at", "outcome", "page_url",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_from_version(self, row: Rollback) -> str | None:
        return row.deployment.version or None

    def get_page_url(self, row: Rollback) -> str:
        return f"{settings.PUBLIC_URL}{row.deployment.get_absolute_url()}"


class RollbackPage(serializers.Serializer[None]):
    results = RollbackAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class RollbackQuery(serializers.Serializer[None]):
    status = serializers.ChoiceField(RollbackState.choices, required=False)
    state = serializers.ChoiceField(RollbackState.choices, required=False, help_text="the same as status")


class RollbackReasonRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text="why, up to 300 characters")
