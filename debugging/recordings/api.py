"""/debug/recordings: session replays of browsers."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.contexts.api import ISSUE, issue_id_of
from debugging.contexts.subjects import find_subject
from debugging.recordings.downloading import download_of
from debugging.recordings.queries import find_recording, recordings_of
from debugging.recordings.serializers import RecordingAnswer, RecordingLine, RecordingPage
from debugging.recordings.tying import recordings_of_error, recordings_of_issue
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.errors.models import Issue
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

ERROR = OpenApiParameter("error", str, description="id of an event or of a captured error: those that show it")


class Recordings(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_recordings_list",
        summary="Session replays of browsers, the newest first",
        parameters=[PROJECT, ENVIRONMENT, ISSUE, ERROR, *PAGE],
        responses=RecordingPage,
    )
    def get(self, request: Request) -> Response:
        project_ids = self.visible_project_ids(request)
        rows = recordings_of(project_ids, self.environment_of(request))
        if named := request.query_params.get("issue"):
            issue = Issue.objects.filter(pk=issue_id_of(named), project__in=project_ids).first()
            if issue is None:
                raise Unknown("no such issue")
            rows = rows.filter(pk__in=recordings_of_issue(issue.project_id, issue.pk).values("pk"))
        if error_id := request.query_params.get("error"):
            error = find_subject(project_ids, error_id)
            rows = rows.filter(pk__in=recordings_of_error(error).values("pk"))
        return self.paginate(request, rows, lambda row: RecordingLine(row).data, order=("-started_at", "-id"))


class OneRecording(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_recording_read",
        summary="One session replay: where its user went, what they clicked, what failed",
        parameters=[PROJECT],
        responses=RecordingAnswer,
    )
    def get(self, request: Request, replay_id: str) -> Response:
        return Response(RecordingAnswer(find_recording(self.visible_project_ids(request), replay_id)).data)


class RecordingDownload(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_recording_download",
        summary="The events of rrweb as one JSON list",
        description="Streamed. As recorded, without secrets; players of rrweb take it.",
        parameters=[PROJECT],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, replay_id: str) -> StreamingHttpResponse:
        return download_of(request._request, find_recording(self.visible_project_ids(request), replay_id))
