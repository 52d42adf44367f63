"""/performance/checks: how each stands, its uptime, runs and outages; run now, pause, resume."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.api import read_as
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import ENVIRONMENT, PAGE, PROJECT, WINDOW
from tradewatch.performance.checks.choices import CheckKind, CheckState, Level
from tradewatch.performance.checks.faults import target_words
from tradewatch.performance.checks.plans import Answer
from tradewatch.performance.checks.queries import Outage, checks_of, outages_of, results_of, shown_state, uptime
from tradewatch.performance.checks.running import plan_of
from tradewatch.performance.checks.services import pause_check, resume_check, run_now
from tradewatch.performance.models import Check, CheckResult
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

OUTAGES_SHOWN = 100


class CheckAnswer(serializers.ModelSerializer[Check]):
    project = serializers.CharField(source="project.slug")
    state = serializers.SerializerMethodField(help_text="unknown: no recent answer speaks for now")
    asks = serializers.SerializerMethodField(help_text="what is asked, in words, without what is secret")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Check
        fields = [
            "id", "project", "environment", "name", "kind", "asks", "severity", "state", "since", "ran_at", "level",
            "detail", "seconds", "failures", "tls_expires_at", "interval_seconds", "timeout_seconds", "retries",
            "recoveries", "slow_seconds", "allows_internal", "paused_reason", "next_due_at", "url",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(CheckState.choices))
    def get_state(self, row: Check) -> str:
        return shown_state(row, timezone.now())

    def get_asks(self, row: Check) -> str:
        return target_words(plan_of(row))

    def get_url(self, row: Check) -> str:
        return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"


class UptimeAnswer(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    up_seconds = serializers.DecimalField(max_digits=None, decimal_places=6)
    slow_seconds = serializers.DecimalField(max_digits=None, decimal_places=6)
    down_seconds = serializers.DecimalField(max_digits=None, decimal_places=6)
    unknown_seconds = serializers.DecimalField(
        max_digits=None, decimal_places=6, help_text="no answer speaks for it: in no part of the share"
    )
    share = serializers.FloatField(
        allow_null=True, help_text="(up + slow) / known, from 0 to 1; null: nothing is known"
    )


class OutageAnswer(serializers.Serializer[Outage]):
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="null: it lasts")
    seconds = serializers.FloatField()
    detail = serializers.CharField()
    alert_id = serializers.IntegerField(allow_null=True)
    maintenance = serializers.CharField(help_text="the window that holds a part of it; empty: it was not planned")


class CheckDetail(CheckAnswer):
    uptime = UptimeAnswer(read_only=True, help_text="over the window asked for")
    outages = OutageAnswer(many=True, read_only=True, help_text="the newest, the last first")

    class Meta(CheckAnswer.Meta):
        fields = [*CheckAnswer.Meta.fields, "uptime", "outages"]


class ResultAnswer(serializers.ModelSerializer[CheckResult]):
    class Meta:
        model = CheckResult
        fields = ["at", "level", "seconds", "detail"]


class RunAnswer(serializers.Serializer[Answer]):
    level = serializers.ChoiceField(Level.choices)
    detail = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    tls_expires_at = serializers.DateTimeField(allow_null=True)


class CheckPage(serializers.Serializer[None]):
    results = CheckAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class ResultPage(serializers.Serializer[None]):
    results = ResultAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class CheckQuery(serializers.Serializer[None]):
    kind = serializers.ChoiceField(CheckKind.choices, required=False)
    state = serializers.ChoiceField(CheckState.choices, required=False, help_text="the confirmed one")


class ResultQuery(serializers.Serializer[None]):
    level = serializers.ChoiceField(Level.choices, required=False)


class PauseRequest(serializers.Serializer[None]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=150, default="")


class Checks(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        operation_id="performance_checks_list",
        summary="Checks of external services and how they stand",
        parameters=[PROJECT, ENVIRONMENT, CheckQuery, *PAGE],
        responses=CheckPage,
    )
    def get(self, request: Request) -> Response:
        wanted = read_as(CheckQuery, request.query_params)
        rows = checks_of(self.visible_project_ids(request), self.environment_of(request)).filter(**wanted)
        return self.paginate(request, rows, lambda row: CheckAnswer(row).data, order=("id",))


class OneCheck(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        operation_id="performance_checks_read",
        summary="One check with its uptime over a window, and its outages",
        parameters=WINDOW,
        responses=CheckDetail,
    )
    def get(self, request: Request, check_id: int) -> Response:
        row, window = _visible(self, request, check_id), self.window_of(request)
        answer = {
            **CheckAnswer(row).data,
            "uptime": _uptime(row, window.start, window.end),
            "outages": [
                OutageAnswer(outage).data for outage in outages_of(row, now=timezone.now(), limit=OUTAGES_SHOWN)
            ],
        }
        return Response(answer)


class CheckResults(ApiView):
    read_scope = Scope.PERFORMANCE_READ

    @extend_schema(
        operation_id="performance_checks_results",
        summary="The runs of a check, the newest first",
        parameters=[ResultQuery, *PAGE],
        responses=ResultPage,
    )
    def get(self, request: Request, check_id: int) -> Response:
        rows = results_of(_visible(self, request, check_id)).filter(**read_as(ResultQuery, request.query_params))
        return self.paginate(request, rows, lambda row: ResultAnswer(row).data, order=("-id",))


class RunCheck(ApiView):
    write_scope = Scope.PERFORMANCE_WRITE

    @extend_schema(summary="Ask a check at once; the answer counts like any other", request=None, responses=RunAnswer)
    def post(self, request: Request, check_id: int) -> Response:
        answer = run_now(self.actor_of(request), _visible(self, request, check_id))
        return Response(RunAnswer(answer).data)


class PauseCheck(ApiView):
    write_scope = Scope.PERFORMANCE_WRITE

    @extend_schema(summary="Do not ask a check for now", request=PauseRequest, responses=CheckAnswer)
    def post(self, request: Request, check_id: int) -> Response:
        asked = PauseRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        reason = asked.validated_data["reason"]
        return _switch(self, request, check_id, pause_check, reason=reason)


class ResumeCheck(ApiView):
    write_scope = Scope.PERFORMANCE_WRITE

    @extend_schema(summary="Ask a check again, at once", request=None, responses=CheckAnswer)
    def post(self, request: Request, check_id: int) -> Response:
        return _switch(self, request, check_id, resume_check)


def _switch(view: ApiView, request: Request, check_id: int, service: Callable[..., Check], **more: str) -> Response:
    row = _visible(view, request, check_id)
    return Response(CheckAnswer(service(view.actor_of(request), row, now=timezone.now(), **more)).data)


def _visible(view: ApiView, request: Request, check_id: int) -> Check:
    return the_one(checks_of(view.visible_project_ids(request)), check_id, "check")


def _uptime(row: Check, start: datetime, end: datetime) -> dict[str, Any]:
    found = uptime(row.pk, start, end)
    seconds = {f"{name}_seconds": value for name, value in found.seconds.items()}
    share = None if found.share is None else float(found.share)
    return UptimeAnswer({"start": start, "end": end, **seconds, "share": share}).data  # type: ignore[arg-type]
