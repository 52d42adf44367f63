"""/release/dora."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.deployments.queries import deployed_environments
from releases.dora.queries import delivery_of
from releases.dora.serializers import DoraOfProjectAnswer, values_of
from tradewatch.core.openapi import ENVIRONMENT, PROJECT, WINDOW
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class DoraNumbers(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_dora",
        summary="Deployment frequency, lead time, change fail rate, time to restore",
        description="Of each environment of one project, over 30 days unless said otherwise. See docs/rollback.md.",
        parameters=[PROJECT, ENVIRONMENT, *WINDOW],
        responses=DoraOfProjectAnswer,
    )
    def get(self, request: Request) -> Response:
        project = self.project_of(request, write=False)
        window = self.window_of(request, default="30d")
        environment = self.environment_of(request)
        names = [environment] if environment else deployed_environments(project.pk)
        found = {name: values_of(delivery_of(project.pk, name, window)) for name in names}
        answer = {"project": project.slug, "start": window.start, "end": window.end, "environments": found}
        return Response(DoraOfProjectAnswer(answer).data)
