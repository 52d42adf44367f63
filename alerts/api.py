"""/alerts/*"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from alerts.queries import open_alerts
from alerts.serializers import (
    ActiveQuery,
    AlertAnswer,
    AlertAssignRequest,
    AlertPage,
    AlertRequest,
    NoteOnlyRequest,
    NoteRequest,
    SnoozeRequest,
)
from alerts.services import (
    acknowledge_alert,
    assign_alert,
    note_on_alert,
    raise_alert,
    resolve_alert,
    snooze_alert,
    unacknowledge_alert,
)
from alerts.standing import Standings, matching_ids, read_groups, with_groups
from alerts.trigger import Trigger, default_dedup_key
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Team


class Active(ApiView):
    read_scope = Scope.ALERTS_READ

    @extend_schema(
        summary="Alerts that fire or are acknowledged", parameters=[PROJECT, ActiveQuery, *PAGE], responses=AlertPage
    )
    def get(self, request: Request) -> Response:
        asked = ActiveQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = dict(asked.validated_data)
        matchers, group = wanted.pop("matcher", ()), wanted.pop("group", None)
        alerts = open_alerts(self.visible_project_ids(request), wanted.pop("environment", None)).filter(**wanted)
        if group is not None:
            alerts = alerts.filter(memberships__group=group)
        if matchers:
            alerts = alerts.filter(pk__in=matching_ids(alerts.select_related("project", "team", "rule"), matchers))
        context = {"standings": Standings()}
        return self.paginate(
            request,
            with_groups(alerts),
            lambda alert: AlertAnswer(alert, context=context).data,
            order=("-starts_at", "-id"),
        )


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
        alert.project = project
        return Response(AlertAnswer(read_groups(alert)).data, status=201 if is_new else 200)


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


class Unacknowledge(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Take an acknowledgement back: it fires again", request=NoteRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        return _handle(self, request, alert_id, unacknowledge_alert)


class Snooze(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Hold an alert's messages for a while", request=SnoozeRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        asked = SnoozeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        until = values.get("until") or timezone.now() + timedelta(seconds=values["seconds"])
        alert = named_alert(self, request, alert_id)
        return Response(AlertAnswer(snooze_alert(self.actor_of(request), alert, until, values["note"])).data)


class Assign(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Give an alert to a person or a team", request=AlertAssignRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        asked = AlertAssignRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        alert = named_alert(self, request, alert_id)
        changed = assign_alert(
            self.actor_of(request),
            alert,
            user=_named_user(values["user"]),
            team=_named_team(values["team"]),
            note=values["note"],
        )
        return Response(AlertAnswer(changed).data)


class Note(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(summary="Write a note on an alert's timeline", request=NoteOnlyRequest, responses=AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        asked = NoteOnlyRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        alert = named_alert(self, request, alert_id)
        return Response(AlertAnswer(note_on_alert(self.actor_of(request), alert, asked.validated_data["note"])).data)


def named_alert(view: ApiView, request: Request, alert_id: int) -> Alert:
    """Return the alert of the path, if the caller may see it. Raises `Unknown`."""
    alert = Alert.objects.filter(project__in=view.visible_project_ids(request), pk=alert_id).first()
    if alert is None:
        raise Unknown("no such alert")
    return alert


def _handle(view: ApiView, request: Request, alert_id: int, service: Callable[[Actor, Alert, str], Alert]) -> Response:
    asked = NoteRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    changed = service(view.actor_of(request), named_alert(view, request, alert_id), asked.validated_data["note"])
    return Response(AlertAnswer(changed).data)


def _end(actor: Actor, trigger: Trigger) -> Response:
    """End the open alert of the key. None is open: accepted, no effect."""
    rows = Alert.objects.filter(project=trigger.project_id, dedup_key=trigger.dedup_key)
    alert = rows.exclude(state=AlertState.RESOLVED).first()
    if alert is None:
        return Response(status=204)
    return Response(AlertAnswer(resolve_alert(actor, alert, trigger.message[:400])).data)


def _named_user(name: str | None) -> User | None:
    if name is None:
        return None
    people = User.objects.filter(is_active=True).filter(Q(username=name) | Q(email__iexact=name)).order_by("pk")
    user = people.first()
    if user is None:
        raise Invalid("cannot be assigned", errors={"user": ["no active person of that name"]})
    return user


def _named_team(slug: str | None) -> Team | None:
    if slug is None:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Invalid("cannot be assigned", errors={"team": ["no team of that slug"]})
    return team


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
