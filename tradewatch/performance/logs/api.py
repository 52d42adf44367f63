"""/performance/logs"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT, WINDOW
from tradewatch.performance.logs.lines import microseconds
from tradewatch.performance.logs.search.finding import find, read_place
from tradewatch.performance.logs.search.wanted import wanted_by
from tradewatch.performance.logs.serializers import LogPage, LogQuery, page_of
from tradewatch.performance.logs.stored import Stretch
from tradewatch.projects.api import ApiView, page_size
from tradewatch.projects.choices import Scope


class Logs(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        summary="Log lines that fit, the newest first",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW, LogQuery, *PAGE],
        responses=LogPage,
    )
    def get(self, request: Request) -> Response:
        asked = LogQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        window = self.window_of(request)
        cursor = request.query_params.get("cursor")
        stretch = Stretch(
            self.visible_project_ids(request),
            microseconds(window.start),
            microseconds(window.end),
            self.environment_of(request) or "",
        )
        after = read_place(cursor) if cursor else None
        return Response(page_of(find(wanted_by(asked.terms()), stretch, size=page_size(request), after=after)))
