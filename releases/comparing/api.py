"""/release/compare: two versions side by side."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.comparing.asked import read_asked
from releases.comparing.presenting import presented
from releases.comparing.queries import comparison_of
from releases.comparing.serializers import ComparisonAnswer
from releases.notes.asked import PRODUCTION
from releases.notes.ranges import is_known
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

ASKED = [
    OpenApiParameter("from", str, required=True, description="the older version"),
    OpenApiParameter("to", str, required=True, description="the newer one"),
    OpenApiParameter("environment", str, description=f"where they are measured; default {PRODUCTION}"),
]


class CompareReleases(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_compare",
        summary="Two versions side by side: commits, issues, health, endpoints",
        description="Each is measured over its own time in the environment. Of one project: the named one, else the "
        "token's only one, else `default`.",
        parameters=[PROJECT, *ASKED],
        responses=ComparisonAnswer,
    )
    def get(self, request: Request) -> Response:
        asked = read_asked(request.query_params.dict())
        project = self.project_of(request, write=False)
        for name, version in (("from", asked.older), ("to", asked.newer)):
            if not is_known(project.pk, version):
                raise Unknown("nothing is known of such a version", errors={name: ["nothing is known of it"]})
        found = comparison_of(project.pk, asked.older, asked.newer, environment=asked.environment, now=timezone.now())
        return Response(presented(found))
