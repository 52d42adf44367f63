"""POST /v2/enqueue: whatever can page PagerDuty can page TradeWatch. The routing key is a source's key."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.intake.pagerduty import BadEvent, PagerEvent, read_event, routing_key_of
from alerts.intake_access import REQUESTS_PER_MINUTE, Sender, sender_of_source
from alerts.models import Alert
from alerts.services import acknowledge_alert
from alerts.services.intake_sources import note_use, source_of
from alerts.services.judging import observe_end
from alerts.services.taking_in import reading_of, take_in
from tradewatch.core.rates import seconds_until_allowed
from tradewatch.projects.api import ApiView


class Enqueue(ApiView):
    """The credential is in the body, so nothing is asked before it is read; guessing is limited per address."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []

    @extend_schema(
        summary="Take in an event of PagerDuty's Events API v2",
        request=OpenApiTypes.OBJECT,
        responses={202: OpenApiTypes.OBJECT, 400: OpenApiTypes.OBJECT},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        try:
            return self._take(request.data)
        except BadEvent as bad:
            return Response(_answer("invalid event", "Event object is invalid", errors=bad.errors), status=400)

    def _take(self, body: Any) -> Response:
        source, now = source_of(routing_key_of(body)), timezone.now()
        if source is None:
            raise BadEvent(["'routing_key' is unknown"])
        wait = seconds_until_allowed(f"intake:{source.pk}", limit=REQUESTS_PER_MINUTE)
        if wait is not None:
            throttled = _answer("throttle exceeded", "Requests for this service are arriving too quickly")
            return Response(throttled, status=429, headers={"Retry-After": str(wait)})
        event = read_event(body, source.pk, reading_of(source), now=now)
        note_use(source, now=now)
        _do(event, sender_of_source(source))
        return Response(_answer("success", "Event processed", dedup_key=event.dedup_key), status=202)


def _do(event: PagerEvent, sender: Sender) -> None:
    """An acknowledge or resolve of an unknown key: accepted, no effect."""
    now, label = timezone.now(), sender.actor.label
    if event.incoming is not None:
        take_in(sender.actor, sender.project.pk, [event.incoming], source=sender.source, now=now)
    elif event.action == "resolve":
        observe_end(sender.project.pk, event.key, why=f"{label} says that it ended.", by=label, now=now)
    elif (alert := _open_alert(sender.project.pk, event.key)) is not None:
        acknowledge_alert(sender.actor, alert)


def _open_alert(project_id: int, key: str) -> Alert | None:
    return Alert.objects.filter(project_id=project_id, dedup_key=key).exclude(state="resolved").first()


def _answer(status: str, message: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "message": message, **more}
