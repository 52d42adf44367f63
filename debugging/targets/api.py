"""/debug/targets: where replays may go, and the names of their secrets. Changing them takes the scope `admin`."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.models import ReplayTarget
from debugging.targets.services import FIELDS, Saved, clear_secret, delete_target, save_secret, save_target
from tradewatch.core.actors import Actor
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Role, Scope


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


class ReplayTargetChanged(ReplayTargetAnswer):
    cleared_secrets = ReplaySecretName(
        many=True,
        required=False,
        help_text="only where the address leads to another scheme, host or port now: its secrets went, set them anew",
    )

    class Meta(ReplayTargetAnswer.Meta):
        fields = [*ReplayTargetAnswer.Meta.fields, "cleared_secrets"]


class ReplayTargetPage(serializers.Serializer[None]):
    results = ReplayTargetAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class ReplayTargetRequest(serializers.Serializer[None]):
    """What is left out of a change stays as it is. What is wrong with a value is said by `addresses`."""

    name = serializers.CharField(required=False, trim_whitespace=False)
    kind = serializers.CharField(required=False, help_text="local, staging or production")
    base_url = serializers.CharField(required=False)
    allows_internal = serializers.BooleanField(required=False, help_text="an administrator's to set")
    allows_unsafe = serializers.BooleanField(required=False)
    verifies_tls = serializers.BooleanField(required=False)
    timeout_seconds = serializers.IntegerField(required=False, min_value=1, max_value=60)
    most_at_once = serializers.IntegerField(required=False, min_value=1, max_value=20)
    is_enabled = serializers.BooleanField(required=False)


class ReplayTargetNew(ReplayTargetRequest):
    project = serializers.CharField(required=False)
    name = serializers.CharField(trim_whitespace=False)
    kind = serializers.CharField(help_text="local, staging or production")
    base_url = serializers.CharField()


class ReplaySecretRequest(ReplaySecretName):
    value = serializers.CharField(trim_whitespace=False, write_only=True)


class Targets(ApiView):
    read_scope = Scope.DEBUG_READ
    write_scope = Scope.ADMIN
    write_role = Role.MANAGER

    @extend_schema(
        operation_id="debug_targets_create",
        summary="List a target",
        request=ReplayTargetNew,
        responses={201: ReplayTargetAnswer},
    )
    def post(self, request: Request) -> Response:
        said = read_as(ReplayTargetNew, request.data)
        row = ReplayTarget(project=self.project_of(request, write=True))
        saved = _saved(self.actor_of(request), row, said)
        return Response(ReplayTargetAnswer(saved.target).data, status=201)

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


class OneTarget(ApiView):
    read_scope = Scope.DEBUG_READ
    write_scope = Scope.ADMIN

    @extend_schema(operation_id="debug_targets_read", summary="One target", responses=ReplayTargetAnswer)
    def get(self, request: Request, target_id: int) -> Response:
        return Response(ReplayTargetAnswer(_visible(self, request, target_id)).data)

    @extend_schema(
        operation_id="debug_targets_change",
        summary="Change a target; what is left out stays",
        request=ReplayTargetRequest,
        responses=ReplayTargetChanged,
    )
    def patch(self, request: Request, target_id: int) -> Response:
        said = read_as(ReplayTargetRequest, request.data)
        saved = _saved(self.actor_of(request), _visible(self, request, target_id), said)
        told = ReplayTargetAnswer(_visible(self, request, target_id)).data
        cleared = [{"place": place, "name": name} for place, name in saved.cleared]
        return Response({**told, "cleared_secrets": cleared} if cleared else told)

    @extend_schema(
        operation_id="debug_targets_delete",
        summary="Take a target from the list; its replays stay",
        responses={204: None},
    )
    def delete(self, request: Request, target_id: int) -> Response:
        delete_target(self.actor_of(request), _visible(self, request, target_id))
        return Response(status=204)


class TargetSecrets(ApiView):
    write_scope = Scope.ADMIN

    @extend_schema(
        operation_id="debug_targets_secret_set",
        summary="Set a secret of a target, or another value of it",
        request=ReplaySecretRequest,
        responses=ReplayTargetAnswer,
    )
    def post(self, request: Request, target_id: int) -> Response:
        said = read_as(ReplaySecretRequest, request.data)
        row = _visible(self, request, target_id)
        save_secret(self.actor_of(request), row, said["place"], said["name"], said["value"])
        return Response(ReplayTargetAnswer(_visible(self, request, target_id)).data)

    @extend_schema(
        operation_id="debug_targets_secret_clear",
        summary="Clear a secret of a target",
        parameters=[OpenApiParameter("place", str, required=True), OpenApiParameter("name", str, required=True)],
        responses=ReplayTargetAnswer,
    )
    def delete(self, request: Request, target_id: int) -> Response:
        said = read_as(ReplaySecretName, request.query_params.dict())
        clear_secret(self.actor_of(request), _visible(self, request, target_id), said["place"], said["name"])
        return Response(ReplayTargetAnswer(_visible(self, request, target_id)).data)


def _saved(actor: Actor, row: ReplayTarget, said: Mapping[str, Any]) -> Saved:
    changed = [name for name in FIELDS if name in said and (row.pk is None or getattr(row, name) != said[name])]
    for name in changed:
        setattr(row, name, said[name])
    was_in = None if row.pk is None else row.project_id
    return save_target(actor, row, was_in=was_in, changed=changed, now=timezone.now())


def _visible(view: ApiView, request: Request, target_id: int) -> ReplayTarget:
    rows = ReplayTarget.objects.filter(project__in=view.visible_project_ids(request))
    return the_one(rows.select_related("project").prefetch_related("secrets"), target_id, "target")
