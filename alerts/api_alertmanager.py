"""What Prometheus and amtool speak to: the part of Alertmanager's API v2 that they use.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.intake.alertmanager import Errors, read_push, read_webhook
from alerts.intake.filters import keeps
from alerts.intake.incoming import Incoming
from alerts.intake.silences import public_id
from alerts.intake_access import IntakeView
from alerts.matchers import Matcher, MatcherFault, all_match, parse_matchers
from alerts.models import Alert, Silence, TakenIn
from alerts.queries import open_alerts
from alerts.services.taking_in import reading_of, take_in
from tradewatch.core.faults import Invalid

Silences = Mapping[int, tuple[Matcher, ...]]
SHOWN_AT_MOST = 2_000
LISTED = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
IMITATED_VERSION = "0.25.0"  # amtool warns of an API that it does not know


class AlertmanagerAlerts(IntakeView):
    @extend_schema(
        summary="Take in what Prometheus pushes (Alertmanager API v2)",
        request={"application/json": LISTED},
        responses={200: None},
    )
    def post(self, request: Request) -> Response:
        sender, now = self.sender_of(request), timezone.now()
        alerts, errors = read_push(request.data, reading_of(sender.source), now=now)
        take_in(sender.actor, sender.project.pk, alerts, source=sender.source, now=now)
        _refuse(errors, alerts)
        return Response(status=200)

    @extend_schema(summary="Open alerts, as amtool reads them", responses={200: LISTED})
    def get(self, request: Request) -> Response:
        sender = self.sender_of(request, write=False)
        rows = open_alerts([sender.project.pk]).select_related("taken_in")[:SHOWN_AT_MOST]
        filters = request.query_params.getlist("filter")
        silences = active_silences(sender.project.pk, now=timezone.now())
        shown = [document for row in rows if keeps(filters, (document := _gettable(row, silences))["labels"])]
        return Response([document for document in shown if _is_asked_for(document, request)])


class AlertmanagerStatus(IntakeView):
    @extend_schema(summary="Say what amtool asks of an Alertmanager", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        version = {
            "version": IMITATED_VERSION,
            "revision": f"tradewatch-{settings.VERSION}",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
        }
        return Response(
            {
                "cluster": {"status": "disabled", "peers": []},
                "config": {"original": "# TradeWatch: routes and receivers are in its admin\n"},
                "uptime": timezone.now().isoformat(),
                "versionInfo": version,
            }
        )


class AlertmanagerWebhook(IntakeView):
    @extend_schema(
        summary="Take in a webhook of Alertmanager or Grafana",
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        sender, now = self.sender_of(request), timezone.now()
        alerts, errors = read_webhook(request.data, reading_of(sender.source), now=now)
        taken = take_in(sender.actor, sender.project.pk, alerts, source=sender.source, now=now)
        _refuse(errors, alerts)
        return Response({"alert_ids": [alert.pk for alert in taken]})


def _refuse(errors: Errors, taken: list[Incoming]) -> None:
    """Say what was bad, after the good ones were taken."""
    if errors:
        raise Invalid(f"{len(errors)} bad alerts, {len(taken)} taken", errors=errors)


def _gettable(alert: Alert, silences: Silences) -> dict[str, Any]:
    """Return an alert as Alertmanager shows it. Ours that came another way get the labels they would have had."""
    taken: TakenIn | None = getattr(alert, "taken_in", None)
    labels = taken.labels if taken else _labels_of(alert)
    annotations = taken.annotations if taken else {"summary": alert.title, "description": alert.message}
    ends_at = (taken.ends_at if taken else None) or timezone.now() + reading_of(None).resolve_timeout
    silenced_by = [public_id(pk) for pk, matchers in silences.items() if all_match(matchers, labels)]
    return {
        "annotations": annotations,
        "endsAt": ends_at.isoformat(),
        "fingerprint": taken.fingerprint if taken else f"{alert.pk:016x}",
        "receivers": [{"name": "tradewatch"}],
        "startsAt": alert.starts_at.isoformat(),
        "status": {
            "inhibitedBy": [],
            "silencedBy": silenced_by,
            "state": "suppressed" if silenced_by else "active",
        },
        "updatedAt": alert.last_at.isoformat(),
        "generatorURL": settings.PUBLIC_URL + alert.get_absolute_url(),
        "labels": labels,
    }


def _labels_of(alert: Alert) -> dict[str, str]:
    own = {"alertname": alert.title, "severity": alert.severity, "environment": alert.environment}
    return {name: str(value) for name, value in {**alert.tags, **own}.items() if value}


def _is_asked_for(document: dict[str, Any], request: Request) -> bool:
    """As Alertmanager: each of the switches leaves out one state, all are on unless said."""
    switch = "silenced" if document["status"]["silencedBy"] else "active"
    return request.query_params.get(switch, "true") != "false"


def active_silences(project_id: int, *, now: datetime) -> Silences:
    """Return {id: matchers} of the silences that hold now; one that cannot be read any more holds nothing."""
    rows = Silence.objects.filter(Q(project=project_id) | Q(project=None), starts_at__lte=now, ends_at__gt=now)
    found = {}
    for row in rows:
        with contextlib.suppress(MatcherFault):
            found[row.pk] = parse_matchers(row.matchers)
    return found
