"""/alerts/heartbeats: read, pause, resume."""

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.heartbeats.choices import BeatState
from alerts.heartbeats.queries import heartbeats_of
from alerts.heartbeats.services import pause, resume, schedule_words
from alerts.models import Heartbeat, HeartbeatEntry
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class HeartbeatAnswer(serializers.ModelSerializer[Heartbeat]):
    project = serializers.CharField(source="project.slug")
    schedule = serializers.SerializerMethodField(help_text="in words; the fields after it in numbers")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Heartbeat
        fields = [
            "id", "project", "slug", "name", "environment", "state", "severity", "schedule", "schedule_kind", "cron",
            "time_zone", "interval_seconds", "grace_seconds", "max_runtime_seconds", "failures_allowed",
            "recoveries_needed", "arrived_at", "succeeded_at", "running_since", "last_seconds", "failures", "successes",
            "expected_at", "url",
        ]  # fmt: skip

    def get_schedule(self, row: Heartbeat) -> str:
        return schedule_words(row)

    def get_url(self, row: Heartbeat) -> str:
        return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"


class EntryAnswer(serializers.ModelSerializer[HeartbeatEntry]):
    class Meta:
        model = HeartbeatEntry
        fields = ["at", "kind", "check_in_id", "seconds", "late_seconds", "exit_code", "body"]


class EntryPage(serializers.Serializer[None]):
    results = EntryAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class HeartbeatPage(serializers.Serializer[None]):
    results = HeartbeatAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class HeartbeatQuery(serializers.Serializer[None]):
    state = serializers.ChoiceField(BeatState.choices, required=False)
    environment = serializers.CharField(required=False, max_length=64)


class Heartbeats(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        operation_id="alerts_heartbeats_list",
        summary="Heartbeats and how they stand",
        parameters=[PROJECT, HeartbeatQuery, *PAGE],
        responses=HeartbeatPage,
    )
    def get(self, request: Request) -> Response:
        asked = HeartbeatQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, str] = dict(asked.validated_data)
        rows = heartbeats_of(self.visible_project_ids(request), wanted.pop("environment", None)).filter(**wanted)
        return self.paginate(request, rows, lambda row: HeartbeatAnswer(row).data, order=("-id",))


class OneHeartbeat(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="One heartbeat", responses=HeartbeatAnswer)
    def get(self, request: Request, heartbeat_id: int) -> Response:
        return Response(HeartbeatAnswer(_visible(self, request, heartbeat_id)).data)


class HeartbeatEntries(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        summary="The reports of a heartbeat and those that did not come", parameters=PAGE, responses=EntryPage
    )
    def get(self, request: Request, heartbeat_id: int) -> Response:
        rows = _visible(self, request, heartbeat_id).entries.all()
        return self.paginate(request, rows, lambda row: EntryAnswer(row).data, order=("-id",))


class Pause(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Expect nothing of a heartbeat for now", request=None, responses=HeartbeatAnswer)
    def post(self, request: Request, heartbeat_id: int) -> Response:
        return _switch(self, request, heartbeat_id, pause)


class Resume(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Expect a heartbeat again, from its next report on", request=None, responses=HeartbeatAnswer)
    def post(self, request: Request, heartbeat_id: int) -> Response:
        return _switch(self, request, heartbeat_id, resume)


def _switch(view: ApiView, request: Request, heartbeat_id: int, service: Callable[..., Heartbeat]) -> Response:
    row = _visible(view, request, heartbeat_id)
    return Response(HeartbeatAnswer(service(view.actor_of(request), row, now=timezone.now())).data)


def _visible(view: ApiView, request: Request, heartbeat_id: int) -> Heartbeat:
    return the_one(heartbeats_of(view.visible_project_ids(request)), heartbeat_id, "heartbeat")
