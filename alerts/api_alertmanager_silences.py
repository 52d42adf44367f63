"""Silences as amtool adds, queries and expires them. Adding takes an API token: a source's key sends alerts alone."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api_alertmanager import LISTED
from alerts.intake.filters import keeps
from alerts.intake.silences import Asked, id_of, public_id, read_silence, shown_matchers
from alerts.intake_access import IntakeView, Sender
from alerts.models import IntakeSource, Silence
from alerts.services.silencing import change_silence, expire_silence, open_silence
from tradewatch.core.faults import NotAllowed
from tradewatch.core.lookup import the_one

SHOWN_AT_MOST = 500


class AlertmanagerSilences(IntakeView):
    @extend_schema(summary="Silences, as amtool reads them", responses={200: LISTED})
    def get(self, request: Request) -> Response:
        rows = _silences_of(self.sender_of(request, write=False))[:SHOWN_AT_MOST]
        filters = request.query_params.getlist("filter")
        return Response([shown for row in rows if _is_kept(shown := _gettable(row), filters)])

    @extend_schema(
        operation_id="alertmanager_silence_add",
        summary="Open a silence as amtool asks for it",
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        sender = _person_or_token(self.sender_of(request), request)
        asked = read_silence(request.data, now=timezone.now())
        return Response({"silenceID": public_id(_open(sender, asked).pk)})


class AlertmanagerSilence(IntakeView):
    @extend_schema(
        operation_id="alertmanager_silence_read", summary="One silence", responses={200: OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, silence_id: str) -> Response:
        return Response(_gettable(_named(self.sender_of(request, write=False), silence_id)))

    @extend_schema(summary="End a silence", responses={200: None})
    def delete(self, request: Request, silence_id: str) -> Response:
        sender = _person_or_token(self.sender_of(request), request)
        expire_silence(sender.actor, _named(sender, silence_id))
        return Response(status=200)


def _open(sender: Sender, asked: Asked) -> Silence:
    fields = {
        "matchers": asked.matchers,
        "starts_at": asked.starts_at,
        "ends_at": asked.ends_at,
        "comment": asked.comment,
    }
    if asked.replaces is None:
        return open_silence(sender.actor, Silence(project=sender.project, **fields))
    return change_silence(sender.actor, _named(sender, public_id(asked.replaces)), **fields)


def _silences_of(sender: Sender) -> QuerySet[Silence]:
    return Silence.objects.filter(Q(project=sender.project) | Q(project=None)).order_by("-id")


def _named(sender: Sender, text: str) -> Silence:
    return the_one(_silences_of(sender), id_of(text), "silence")


def _person_or_token(sender: Sender, request: Request) -> Sender:
    if isinstance(request.auth, IntakeSource):
        raise NotAllowed("the key of a source sends alerts; silences take an API token with alerts:write")
    return sender


def _gettable(row: Silence) -> dict[str, Any]:
    return {
        "id": public_id(row.pk),
        "matchers": shown_matchers(row.matchers),
        "startsAt": row.starts_at.isoformat(),
        "endsAt": row.ends_at.isoformat(),
        "updatedAt": row.created_at.isoformat(),
        "createdBy": row.created_by,
        "comment": row.comment,
        "status": {"state": row.state.value},
    }


def _is_kept(shown: dict[str, Any], filters: list[str]) -> bool:
    """As Alertmanager: a filter is held against what the silence's own matchers name."""
    return keeps(filters, {each["name"]: each["value"] for each in shown["matchers"]})
