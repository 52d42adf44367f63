"""/debug/capture and /debug/contexts."""

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from debugging.contexts.captured import LONGEST_BYTES
from debugging.contexts.capturing import capture_error
from debugging.contexts.serializers import CaptureAnswer, CaptureRequest, ContextAnswer, ContextPage
from debugging.sessions.queries import contexts_of
from tradewatch.core.faults import Invalid
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

ISSUE = OpenApiParameter("issue", int, description="id of an issue")


class Capture(ApiView):
    write_scope = Scope.DEBUG_WRITE

    @extend_schema(
        operation_id="debug_capture",
        summary="Capture an error for debugging",
        description="Scrubbed and normalised as events are. It is no event: nothing counts it and no alert comes of "
        f"it. At most {LONGEST_BYTES >> 10} KiB, else 413.",
        request=CaptureRequest,
        responses={201: CaptureAnswer},
    )
    def post(self, request: Request) -> Response:
        if len(request._request.body) > LONGEST_BYTES:
            raise RequestDataTooBig
        if not isinstance(request.data, dict):
            raise Invalid("bad capture", errors={"body": ["expected an object"]})
        project = self.project_of(request, write=True)
        row = capture_error(self.actor_of(request), project, request.data, now=timezone.now())
        return Response(CaptureAnswer(row).data, status=201)


class Contexts(ApiView):
    read_scope = Scope.DEBUG_READ

    @extend_schema(
        operation_id="debug_contexts_list",
        summary="Captured errors, the newest first",
        parameters=[PROJECT, ENVIRONMENT, ISSUE, *PAGE],
        responses=ContextPage,
    )
    def get(self, request: Request) -> Response:
        rows = contexts_of(self.visible_project_ids(request), self.environment_of(request))
        if issue := request.query_params.get("issue"):
            rows = rows.filter(issue=issue_id_of(issue))
        return self.paginate(request, rows, lambda row: ContextAnswer(row).data, order=("-captured_at", "-id"))


def issue_id_of(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid("bad issue", errors={"issue": ["expected the id of an issue, a number"]})
    return int(text)
