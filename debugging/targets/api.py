"""/debug/targets: where replays may go, and the names of their secrets."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.models import ReplayTarget
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class ReplaySecretName(serializers.Serializer[Any]):
    place = serializers.CharField()
    name = serializers.CharField()


class ReplayTargetAnswer(serializers.ModelSerializer[ReplayTarget]):
    project = serializers.CharField(source="project.slug")
    secrets = serializers.SerializerMethodField(help_text="their places and names; values are shown nowhere")

    class Meta:
        model = ReplayTarget
        fields = [
            "id", "project", "name", "kind", "base_url", "allows_internal", "allows_unsafe", "verifies_tls",
            "timeout_seconds", "most_at_once", "is_enabled", "secrets", "created_at", "created_by",
        ]  # fmt: skip

    @extend_schema_field(ReplaySecretName(many=True))
    def get_secrets(self, row: ReplayTarget) -> list[dict[str, str]]:
        return [{"place": each.place, "name": each.name} for each in row.secrets.all()]


class ReplayTargetPage(serializers.Serializer[None]):
    results = ReplayTargetAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class Targets(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_targets_list",
        summary="Where captured requests may be sent again",
        parameters=[PROJECT, *PAGE],
        responses=ReplayTargetPage,
    )
    def get(self, request: Request) -> Response:
        rows = ReplayTarget.objects.filter(project__in=self.visible_project_ids(request))
        rows = rows.select_related("project").prefetch_related("secrets")
        return self.paginate(request, rows, lambda row: ReplayTargetAnswer(row).data, order=("name", "id"))
