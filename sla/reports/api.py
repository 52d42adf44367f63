"""GET /sla/report: a period's document as JSON, HTML, PDF or CSV."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sla.reports.asking import FORMATS, MOST_DAYS, read_asked, read_format
from sla.reports.canonical import Document
from sla.reports.document import build
from sla.reports.forms import File, file_of
from sla.reports.html import style_source
from sla.reports.serializers import ReportAnswer
from tradewatch.core.negotiation import FirstOfEach
from tradewatch.core.openapi import PROJECT
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

PERIOD = [
    OpenApiParameter("period_days", int, description=f"the last days, 1 to {MOST_DAYS}; default 30"),
    OpenApiParameter(
        "period", str, description="2026-10, 2026-10-05, 2026-W41, 2026-Q4 or 2026, in the zone of each target"
    ),
]
FORMAT = OpenApiParameter("format", str, enum=list(FORMATS), description="default json")


class SlaReport(ApiView):
    read_scope = Scope.SLA_READ
    content_negotiation_class = FirstOfEach

    @extend_schema(
        summary="What a project's targets came to over a period",
        parameters=[PROJECT, *PERIOD, FORMAT],
        responses={
            (200, "application/json"): ReportAnswer,
            (200, "text/html"): str,
            (200, "application/pdf"): bytes,
            (200, "text/csv"): str,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        parameters = request.query_params.dict()
        form, asked = read_format(parameters), read_asked(parameters)
        document = build(self.project_of(request, write=False), asked, timezone.now())
        return Response(document) if form == "json" else answer_of(document, file_of(document, form))


def answer_of(document: Document, file: File) -> HttpResponse:
    """Return the file: HTML to be read in the browser under its own styles, the others to be saved."""
    answer = HttpResponse(file.content, content_type=file.content_type)
    if file.content_type.startswith("text/html"):
        setattr(answer, "_csp_replace", {"style-src": [style_source(document)]})  # noqa: B010  # the hook of django-csp
    else:
        answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
