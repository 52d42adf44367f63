"""/error-tracking/status, metrics and test"""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.openapi import ENVIRONMENT, PROJECT, WINDOW
from tradewatch.errors.overview import error_overview
from tradewatch.errors.serializers import MetricsAnswer, StatusAnswer, TestEventAnswer, TestEventRequest
from tradewatch.errors.status import tracking_status
from tradewatch.errors.trial import send_test_event
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class Status(ApiView):
    read_scope = Scope.ERRORS_READ

    @extend_schema(summary="Whether error tracking works", parameters=[PROJECT, ENVIRONMENT], responses=StatusAnswer)
    def get(self, request: Request) -> Response:
        status = tracking_status(
            self.visible_project_ids(request), environment=self.environment_of(request), now=timezone.now()
        )
        return Response(StatusAnswer(status).data)


class Metrics(ApiView):
    read_scope = Scope.ERRORS_READ

    @extend_schema(
        summary="Events, users and error rate over a window",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW],
        responses=MetricsAnswer,
    )
    def get(self, request: Request) -> Response:
        project_ids = self.visible_project_ids(request)
        overview = error_overview(project_ids, self.window_of(request), self.environment_of(request))
        return Response(MetricsAnswer(overview).data)


class Test(ApiView):
    write_scope = Scope.ERRORS_WRITE

    @extend_schema(summary="Send a test event", request=TestEventRequest, responses={202: TestEventAnswer})
    def post(self, request: Request) -> Response:
        asked = TestEventRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        project = self.project_of(request, write=True)
        event_id = send_test_event(self.actor_of(request), project, message=asked.validated_data["message"])
        return Response({"event_id": event_id, "url": f"{settings.PUBLIC_URL}/events/{event_id}"}, status=202)
