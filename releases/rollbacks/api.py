"""/release/rollbacks, and what is done about a deployment: roll it back, or keep it."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.deployments.queries import deployments_of
from releases.deployments.serializers import DeploymentAnswer
from releases.models import Deployment, Rollback
from releases.rollbacks.queries import rollbacks_of
from releases.rollbacks.serializers import RollbackAnswer, RollbackPage, RollbackQuery, RollbackReasonRequest
from releases.rollbacks.services import keep_deployment, request_rollback, stop_keeping, withdraw_rollback
from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class RequestRollback(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_deployments_rollback",
        summary="Ask for the version that ran before",
        description="CI is told by the project's webhook, where it has one. 409 where the deployment is not what the "
        "environment runs, nothing ran there before it, or it is asked for already.",
        request=RollbackReasonRequest,
        responses={201: RollbackAnswer},
    )
    def post(self, request: Request, deployment_id: int) -> Response:
        row = _deployment(self, request, deployment_id)
        rollback = request_rollback(self.actor_of(request), row.pk, reason=_reason(request), now=timezone.now())
        return Response(RollbackAnswer(_rollback(self, request, rollback.pk)).data, status=201)


class KeepDeployment(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_deployments_keep",
        summary="Let an unhealthy deployment stay, with a reason",
        description="Its rollback is offered no more. Again it changes nothing.",
        request=RollbackReasonRequest,
        responses=DeploymentAnswer,
    )
    def post(self, request: Request, deployment_id: int) -> Response:
        row = _deployment(self, request, deployment_id)
        keep_deployment(self.actor_of(request), row.pk, _reason(request), now=timezone.now())
        return Response(DeploymentAnswer(_deployment(self, request, row.pk)).data)


class StopKeeping(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_deployments_keep_undo",
        summary="Take back that an unhealthy deployment stays",
        request=None,
        responses=DeploymentAnswer,
    )
    def post(self, request: Request, deployment_id: int) -> Response:
        row = _deployment(self, request, deployment_id)
        stop_keeping(self.actor_of(request), row.pk)
        return Response(DeploymentAnswer(_deployment(self, request, row.pk)).data)


class WithdrawRollback(ApiView):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_rollbacks_withdraw",
        summary="Call a requested rollback off",
        description="Again it changes nothing; 409 once the older version is deployed.",
        request=None,
        responses=RollbackAnswer,
    )
    def post(self, request: Request, rollback_id: int) -> Response:
        row = _rollback(self, request, rollback_id)
        withdraw_rollback(self.actor_of(request), row.pk, now=timezone.now())
        return Response(RollbackAnswer(_rollback(self, request, row.pk)).data)


class Rollbacks(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(
        operation_id="release_rollbacks_list",
        summary="Rollbacks, the one requested last first",
        parameters=[PROJECT, ENVIRONMENT, RollbackQuery, *PAGE],
        responses=RollbackPage,
    )
    def get(self, request: Request) -> Response:
        asked = read_as(RollbackQuery, request.query_params)
        rows = rollbacks_of(self.visible_project_ids(request), self.environment_of(request))
        for name in ("status", "state"):
            if name in asked:
                rows = rows.filter(state=asked[name])
        return self.paginate(request, rows, lambda row: RollbackAnswer(row).data, order=("-requested_at", "-id"))


class OneRollback(ApiView):
    read_scope = Scope.RELEASES_READ

    @extend_schema(operation_id="release_rollbacks_read", summary="One rollback", responses=RollbackAnswer)
    def get(self, request: Request, rollback_id: int) -> Response:
        return Response(RollbackAnswer(_rollback(self, request, rollback_id)).data)


def _reason(request: Request) -> str:
    asked = read_as(RollbackReasonRequest, request.data)
    return str(asked["reason"])


def _deployment(view: ApiView, request: Request, deployment_id: int) -> Deployment:
    return the_one(deployments_of(view.visible_project_ids(request)), deployment_id, "deployment")


def _rollback(view: ApiView, request: Request, rollback_id: int) -> Rollback:
    return the_one(rollbacks_of(view.visible_project_ids(request)), rollback_id, "rollback")
