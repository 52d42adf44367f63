"""/performance/traces: one trace, as far as the caller's projects have a part in it."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.faults import Unknown
from tradewatch.performance.traces.serial import trace_as_json
from tradewatch.performance.traces.trace_serializers import TraceAnswer
from tradewatch.performance.traces.whole import read_whole
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class OneTrace(ApiView):
    read_scope: ClassVar[Scope | None] = Scope.PERFORMANCE_READ

    @extend_schema(
        summary="A trace: its spans as a tree in reading order, its errors, and what makes it slow",
        responses=TraceAnswer,
    )
    def get(self, request: Request, trace_id: str) -> Response:
        whole = read_whole(self.visible_project_ids(request), trace_id)
        if whole is None:
            raise Unknown("no such trace, or nothing of it was kept")
        return Response(trace_as_json(whole))
