"""/release/notes/{version}: JSON, Markdown or HTML."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.notes.asked import FORMATS, PRODUCTION, read_asked
from releases.notes.html import html_of
from releases.notes.markdown import markdown_of
from releases.notes.presenting import presented
from releases.notes.queries import asked_notes
from releases.notes.serializers import NotesAnswer
from tradewatch.core.negotiation import FirstOfEach
from tradewatch.core.openapi import PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

ASKED = [
    OpenApiParameter("format", str, enum=list(FORMATS), description="default json"),
    OpenApiParameter(
        "environment", str, description=f"whose last deployment before it they begin at; default {PRODUCTION}"
    ),
    OpenApiParameter("previous", str, description="the version they begin at, in place of that one"),
]


class ReleaseNotes(ApiView):
    read_scope = Scope.RELEASES_READ
    content_negotiation_class = FirstOfEach

    @extend_schema(
        operation_id="release_notes",
        summary="What is new in a version",
        description="Of one project: the named one, else the token's only one, else `default`.",
        parameters=[PROJECT, *ASKED],
        responses={
            (200, "application/json"): NotesAnswer,
            (200, "text/markdown"): str,
            (200, "text/html"): str,
        },
    )
    def get(self, request: Request, version: str) -> HttpResponse:
        asked = read_asked(request.query_params.dict())
        project = self.project_of(request, write=False)
        notes = asked_notes(project.pk, version, asked)
        if asked.form == "json":
            return Response(presented(notes))
        if asked.form == "markdown":
            return HttpResponse(markdown_of(notes), content_type="text/markdown; charset=utf-8")
        return HttpResponse(html_of(notes), content_type="text/html; charset=utf-8")
