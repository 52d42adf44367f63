"""/alerts/*"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from alerts.queries import open_alerts
from alerts.serializers import ActiveQuery, AlertAnswer, AlertPage, AlertRequest, NoteRequest
from alerts.services import acknowledge_alert, raise_alert, resolve_alert
from alerts.trigger import Trigger, default_dedup_key
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class Active(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        summary="Alerts that fire or are acknowledged", parameters=[PROJECT, ActiveQuery, *PAGE], responses=AlertPage
    )
    def get(self, request: Request) -> Response:
        asked = ActiveQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, str] = dict(asked.validated_data)
        alerts = open_alerts(self.visible_project_ids(request), wanted.pop("environment", None)).filter(**wanted)
        return self.paginate(request, alerts, lambda alert: AlertAnswer(alert).data, order=("-starts_at", "-id"))


class Alerts(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(
        summary="Open an alert, count it on the open one of its key, or end that one",
        request=AlertRequest,
        responses={201: AlertAnswer, 200: AlertAnswer, 204: None},
    )
    def post(self, request: Request) -> Response:
        asked = AlertRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        project = self.project_of(request, write=True)
        actor = self.actor_of(request)
        trigger = _trigger(project.pk, asked.validated_data, actor.label)
        if asked.validated_data["state"] == AlertState.RESOLVED:
            return _end(actor, trigger)
        alert, is_new = raise_alert(actor, trigger)
        return Response(AlertAnswer(alert).data, status=201 if is_new else 200)


class Acknowledge(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Say that you take care of an alert", request=NoteRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        return _handle(self, request, alert_id, acknowledge_alert)


class Resolve(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="End an alert; again: unchanged", request=NoteRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        return _handle(self, request, alert_id, resolve_alert)


def _handle(view: ApiView, request: Request, alert_id: int, service: Callable[[Actor, Alert, str], Alert]) -> Response:
    asked = NoteRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    alert = Alert.objects.filter(project__in=view.visible_project_ids(request), pk=alert_id).first()
    if alert is None:
        raise Unknown("no such alert")
    changed = service(view.actor_of(request), alert, asked.validated_data["note"])
    return Response(AlertAnswer(changed).data)


def _end(actor: Actor, trigger: Trigger) -> Response:
    """End the open alert of the key. None is open: accepted, no effect."""
    rows = Alert.objects.filter(project=trigger.project_id, dedup_key=trigger.dedup_key)
    alert = rows.exclude(state=AlertState.RESOLVED).first()
    if alert is None:
        return Response(status=204)
    return Response(AlertAnswer(resolve_alert(actor, alert, trigger.message[:400])).data)


def _trigger(project_id: int, asked: dict[str, Any], actor_label: str) -> Trigger:
    key = asked.get("dedup_key") or default_dedup_key(asked["source"], asked["title"], asked["tags"])
    return Trigger(
        project_id=project_id,
        dedup_key=key,
        severity=AlertSeverity(asked["severity"]),
        category=AlertCategory(asked["category"]),
        source=asked["source"],
        title=asked["title"],
        at=timezone.now(),
        reasons=(f"Raised by {actor_label}.",),
        message=asked["message"],
        environment=asked["environment"],
        tags=asked["tags"],
        metadata={"details": asked["metadata"]} if asked["metadata"] else {},  # apart from what rules keep there
        actor_label=actor_label,
    )
