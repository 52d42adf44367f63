"""/alerts/oncall, /alerts/schedules, /alerts/overrides, /alerts/policies"""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Override
from alerts.oncall.plans import plan_of, with_plans
from alerts.oncall.reading import on_call_now, people_in, policies_of, schedules_of
from alerts.oncall.schedule import final_duties, gaps
from alerts.oncall_serializers import (
    OnCallPage,
    OverrideAnswer,
    OverrideRequest,
    PolicyAnswer,
    PolicyPage,
    ScheduleAnswer,
    ScheduleDetail,
    SchedulePage,
    on_call_answer,
    person_answer,
)
from alerts.services.oncall import OverrideWish, add_override, remove_override
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.core.windows import parse_moment
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

AT = OpenApiParameter("at", str, description="ISO 8601; without: now")
SPAN = [
    OpenApiParameter("start", str, description="ISO 8601; without: now"),
    OpenApiParameter("end", str, description="ISO 8601; without: 14 days after the start; at most 400"),
]
TWO_WEEKS, LONGEST = timedelta(days=14), timedelta(days=400)


class OnCall(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="Who is on call, by schedule", parameters=[PROJECT, AT], responses=OnCallPage)
    def get(self, request: Request) -> Response:
        at = parse_moment(request.query_params.dict(), "at", default=timezone.now())
        found = on_call_now(schedules_of(self.visible_project_ids(request)), at)
        return Response({"at": at, "results": [on_call_answer(one) for one in found], "next": None})


class Schedules(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        operation_id="alerts_schedules_list",
        summary="On-call schedules",
        parameters=[PROJECT, *PAGE],
        responses=SchedulePage,
    )
    def get(self, request: Request) -> Response:
        rows = schedules_of(self.visible_project_ids(request)).select_related("project")
        return self.paginate(request, rows, lambda row: ScheduleAnswer(row).data, order=("name", "id"))


class OneSchedule(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        summary="A schedule: layers, overrides, who is on call between two moments, and the gaps",
        parameters=SPAN,
        responses=ScheduleDetail,
    )
    def get(self, request: Request, schedule_id: int) -> Response:
        start = parse_moment(request.query_params.dict(), "start", default=timezone.now())
        end = parse_moment(request.query_params.dict(), "end", default=start + TWO_WEEKS)
        if not start < end <= start + LONGEST:
            raise Invalid("bad span", errors={"end": ["after the start, by at most 400 days"]})
        rows = with_plans(schedules_of(self.visible_project_ids(request)).filter(pk=schedule_id), start, end)
        schedule = rows.select_related("project").first()
        if schedule is None:
            raise Unknown("no such schedule")
        plan = plan_of(schedule)
        duties, people = final_duties(plan, start, end), people_in([plan])
        duty_answers = [
            {
                "user": person_answer(people.get(duty.who)),
                "start": duty.span.start,
                "end": duty.span.end,
                "layer": duty.source,
                "override_id": duty.override_id,
            }
            for duty in duties
        ]
        nobody = [{"start": gap.start, "end": gap.end} for gap in gaps(duties, start, end)]
        return Response(ScheduleDetail({"schedule": schedule, "duties": duty_answers, "gaps": nobody}).data)


class Overrides(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(
        summary="Let somebody else be on call for a while", request=OverrideRequest, responses={201: OverrideAnswer}
    )
    def post(self, request: Request, schedule_id: int) -> Response:
        asked = OverrideRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        schedule = the_one(schedules_of(self.visible_project_ids(request)), schedule_id, "schedule")
        override = add_override(self.actor_of(request), schedule, _wish(asked.validated_data))
        return Response(OverrideAnswer(override).data, status=201)


class OneOverride(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Take an override back; one that has begun ends now", responses={204: None})
    def delete(self, request: Request, override_id: int) -> Response:
        visible: Any = schedules_of(self.visible_project_ids(request)).values("pk")
        override = Override.objects.select_related("schedule").filter(pk=override_id, schedule__in=visible).first()
        if override is None:
            raise Unknown("no such override")
        remove_override(self.actor_of(request), override)
        return Response(status=204)


class Policies(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        operation_id="alerts_policies_list",
        summary="Escalation policies",
        parameters=[PROJECT, *PAGE],
        responses=PolicyPage,
    )
    def get(self, request: Request) -> Response:
        rows = policies_of(self.visible_project_ids(request)).select_related("project")
        return self.paginate(request, rows, lambda row: PolicyAnswer(row).data, order=("name", "id"))


class OnePolicy(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(summary="An escalation policy with its steps", responses=PolicyAnswer)
    def get(self, request: Request, policy_id: int) -> Response:
        policy = the_one(policies_of(self.visible_project_ids(request)).select_related("project"), policy_id, "policy")
        return Response(PolicyAnswer(policy).data)


def _wish(asked: dict[str, Any]) -> OverrideWish:
    return OverrideWish(
        start_at=asked["start"],
        end_at=asked["end"],
        user_id=asked["user"].pk if asked["user"] else None,
        instead_of_id=asked["instead_of"].pk if asked["instead_of"] else None,
        reason=asked["reason"],
    )
