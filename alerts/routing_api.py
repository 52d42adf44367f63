"""/alerts/groups, /alerts/silences, /alerts/routes, and why an alert pages or does not."""

from django.db.models import Count, Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api import named_alert
from alerts.choices import AlertState, GroupState
from alerts.explaining import explain, where_would_this_go
from alerts.models import AlertGroup, Route, Silence
from alerts.routing_serializers import (
    ExplanationAnswer,
    GroupAnswer,
    GroupPage,
    LabelsRequest,
    RouteAnswer,
    RouteList,
    SilenceAnswer,
    SilencePage,
    SilenceRequest,
    WhereAnswer,
    WhereList,
)
from alerts.serializers import NoteRequest
from alerts.services import acknowledge_group, expire_silence, open_silence
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

OPEN = Count("members", filter=~Q(members__alert__state=AlertState.RESOLVED))


class Groups(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="Open groups: what pages and escalates", parameters=[PROJECT, *PAGE], responses=GroupPage)
    def get(self, request: Request) -> Response:
        rows = AlertGroup.objects.filter(project__in=self.visible_project_ids(request)).exclude(state=GroupState.ENDED)
        rows = rows.select_related("project").annotate(open_count=OPEN)
        return self.paginate(request, rows, lambda row: GroupAnswer(row).data, order=("-opened_at", "-id"))


class AcknowledgeGroup(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(
        summary="Take care of a whole group, and of what joins it for a while and is no worse",
        request=NoteRequest,
        responses=GroupAnswer,
    )
    def post(self, request: Request, group_id: int) -> Response:
        asked = NoteRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        group = AlertGroup.objects.filter(project__in=self.visible_project_ids(request), pk=group_id).first()
        if group is None:
            raise Unknown("no such group")
        acknowledge_group(self.actor_of(request), group, asked.validated_data["note"])
        return Response(GroupAnswer(AlertGroup.objects.annotate(open_count=OPEN).get(pk=group_id)).data)


class Explain(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="Why this page, or why no page", responses=ExplanationAnswer)
    def get(self, request: Request, alert_id: int) -> Response:
        alert = named_alert(self, request, alert_id)
        return Response(ExplanationAnswer(explain(alert, now=timezone.now())).data)


class Silences(ApiView):
    read_scope = Scope.ALERTS_READ
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(
        operation_id="alerts_silences_list",
        summary="Silences, newest first",
        parameters=[PROJECT, *PAGE],
        responses=SilencePage,
    )
    def get(self, request: Request) -> Response:
        visible = self.visible_project_ids(request)
        rows = Silence.objects.filter(Q(project__in=visible) | Q(project=None)).select_related("project")
        return self.paginate(request, rows, lambda row: SilenceAnswer(row).data, order=("-id",))

    @extend_schema(summary="Silence what matches, for a while", request=SilenceRequest, responses={201: SilenceAnswer})
    def post(self, request: Request) -> Response:
        asked = SilenceRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        silence = Silence(
            project=self.project_of(request, write=True),
            matchers=values["matchers"],
            starts_at=values.get("starts_at") or timezone.now(),
            ends_at=values["ends_at"],
            comment=values["comment"],
        )
        opened = open_silence(self.actor_of(request), silence)
        return Response(SilenceAnswer(opened).data, status=201)


class OneSilence(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="A silence", responses=SilenceAnswer)
    def get(self, request: Request, silence_id: int) -> Response:
        return Response(SilenceAnswer(_named_silence(self, request, silence_id)).data)


class ExpireSilence(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="End a silence now", request=None, responses=SilenceAnswer)
    def post(self, request: Request, silence_id: int) -> Response:
        silence = _named_silence(self, request, silence_id)
        return Response(SilenceAnswer(expire_silence(self.actor_of(request), silence)).data)


class Routes(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="The routing tree, parents before children", responses=RouteList)
    def get(self, request: Request) -> Response:
        rows = Route.objects.select_related("policy").prefetch_related("channels", "quiet_hours")
        return self.paginate(request, rows, lambda row: RouteAnswer(row).data, order=("id",))


class WhereTo(ApiView):
    write_scope = Scope.ALERTS_READ  # asks by POST, changes nothing

    @extend_schema(summary="Where an alert with these labels would go", request=LabelsRequest, responses=WhereList)
    def post(self, request: Request) -> Response:
        asked = LabelsRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        found = where_would_this_go(asked.validated_data["labels"], now=timezone.now())
        return Response({"results": [WhereAnswer(one).data for one in found]})


def _named_silence(view: ApiView, request: Request, silence_id: int) -> Silence:
    visible = Q(project__in=view.visible_project_ids(request)) | Q(project=None)
    silence = Silence.objects.filter(visible, pk=silence_id).select_related("project").first()
    if silence is None:
        raise Unknown("no such silence")
    return silence
