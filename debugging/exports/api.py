"""/debug/session/{id}/reproduction."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from debugging.exports.gathering import Choice
from debugging.exports.services import FORMATS, export_reproduction
from debugging.sessions.queries import sessions_of
from tradewatch.core.api import read_as
from tradewatch.core.fields import IdField
from tradewatch.core.lookup import the_one
from tradewatch.core.negotiation import FirstOfEach
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class ReproductionQuery(serializers.Serializer[None]):
    format = serializers.ChoiceField(list(FORMATS), default="pytest")
    replay = IdField(required=False)
    shrink = IdField(required=False)
    target = serializers.CharField(required=False, max_length=100)
    expect = serializers.IntegerField(required=False, min_value=100, max_value=599)


class SessionReproduction(ApiView):
    read_scope = Scope.DEBUG_READ
    content_negotiation_class = FirstOfEach

    @extend_schema(
        operation_id="debug_session_reproduction",
        summary="The request as a test for pytest, a curl line or a .http file",
        description="A text to save. Secrets are environment variables, named at its head; it holds none.",
        parameters=[
            OpenApiParameter("format", str, enum=list(FORMATS), description="default pytest"),
            OpenApiParameter("replay", int, description="id of a replay of the session: with its changes"),
            OpenApiParameter("shrink", int, description="id of a search: the smallest request that it found"),
            OpenApiParameter("target", str, description="name of the target; else the replay's, else a local one"),
            OpenApiParameter("expect", int, description="status of the right answer; else: no 5xx, not as it was"),
        ],
        responses={(200, "text/plain"): str},
    )
    def get(self, request: Request, session_id: int) -> HttpResponse:
        said = read_as(ReproductionQuery, request.query_params.dict())
        session = the_one(sessions_of(self.visible_project_ids(request)), session_id, "session")
        choice = Choice(said.get("replay"), said.get("shrink"), said.get("target", ""), said.get("expect"))
        made = export_reproduction(self.actor_of(request), session, said["format"], choice, now=timezone.now())
        return HttpResponse(
            made.text.encode("utf-8", "replace"),
            content_type="text/plain; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{made.name}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )
