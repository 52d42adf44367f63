"""/release/deploy/start and complete, /release/deployments, /release/status."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.deployments.asked import Start
from releases.deployments.queries import deployments_of
from releases.deployments.serializers import (
    CompleteRequest,
    DeploymentAnswer,
    DeploymentPage,
    DeploymentQuery,
    FullDeploymentAnswer,
    ReleaseStatusAnswer,
    StartRequest,
)
from releases.deployments.services import complete_deployment, start_deployment
from releases.deployments.status import release_status
from releases.models import Deployment
from releases.verdicts.queries import with_looks
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT, WINDOW
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

_SAID = ("version", "commit", "ref", "url", "deployed_by")


class StartDeployment(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_deploy_start",
        summary="Start a deployment",
        description="One of the same version in progress in the environment is the same deployment: 200, not 201.",
        request=StartRequest,
        responses={201: DeploymentAnswer, 200: DeploymentAnswer},
    )
    def post(self, request: Request) -> Response:
        said = read_as(StartRequest, request.data)
        start = Start(said["environment"], **{name: said.get(name) or "" for name in _SAID})
        project = self.project_of(request, write=True)
        started = start_deployment(self.actor_of(request), project, start, now=timezone.now())
        return Response(DeploymentAnswer(started.deployment).data, status=201 if started.is_new else 200)


class CompleteDeployment(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_deploy_complete",
        summary="Complete a deployment",
        description="Told again in the same way it answers 200 and changes nothing; in another way, 409.",
        request=CompleteRequest,
        responses=DeploymentAnswer,
    )
    def post(self, request: Request, deployment_id: int) -> Response:
        said = read_as(CompleteRequest, request.data)
        row = complete_deployment(
            self.actor_of(request),
            _visible(self, request, deployment_id).pk,
            success=said["success"],
            message=said["message"] or "",
            now=timezone.now(),
        )
        return Response(DeploymentAnswer(row).data)


class Deployments(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_deployments_list",
        summary="Deployments, the newest first",
        description="With `window`, or `start` and `end`: those that started within it.",
        parameters=[PROJECT, ENVIRONMENT, DeploymentQuery, *WINDOW, *PAGE],
        responses=DeploymentPage,
    )
    def get(self, request: Request) -> Response:
        wanted = read_as(DeploymentQuery, request.query_params)
        rows = with_looks(deployments_of(self.visible_project_ids(request), self.environment_of(request)))
        if "status" in wanted:
            rows = rows.filter(state=wanted["status"])
        if "version" in wanted:
            rows = rows.filter(version=wanted["version"])
        if {"window", "start", "end"} & request.query_params.keys():
            window = self.window_of(request)
            rows = rows.filter(started_at__gte=window.start, started_at__lt=window.end)
        return self.paginate(request, rows, lambda row: DeploymentAnswer(row).data, order=("-started_at", "-id"))


class OneDeployment(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(operation_id="release_deployments_read", summary="One deployment", responses=FullDeploymentAnswer)
    def get(self, request: Request, deployment_id: int) -> Response:
        return Response(FullDeploymentAnswer(_visible(self, request, deployment_id)).data)


class ReleaseStatus(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_status",
        summary="What is deployed where, and the newest releases",
        description="Of one project: the named one, else the token's only one, else `default`.",
        parameters=[PROJECT, ENVIRONMENT],
        responses=ReleaseStatusAnswer,
    )
    def get(self, request: Request) -> Response:
        project = self.project_of(request, write=False)
        return Response(release_status(project, self.environment_of(request), now=timezone.now()))


def _visible(view: ApiView, request: Request, deployment_id: int) -> Deployment:
    return the_one(deployments_of(view.visible_project_ids(request)), deployment_id, "deployment")
