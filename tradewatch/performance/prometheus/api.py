"""The endpoint. Text or OpenMetrics, as the scraper's Accept header asks."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from prometheus_client.exposition import choose_encoder
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from tradewatch.core.openapi import PROJECT
from tradewatch.metrics.exports import all_exports
from tradewatch.performance.prometheus.processes import process_families
from tradewatch.performance.prometheus.scrape import Scraper
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

_scraper = Scraper()


class AnyAccept(BaseContentNegotiation):
    """Takes every Accept header: REST framework knows none of those that Prometheus sends, and would answer 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type

    def select_parser(self, request, parsers):  # type: ignore[no-untyped-def]  # as the base class declares it
        return parsers[0]


class Prometheus(ApiView):
    """Alerts, heartbeats, hosts and rates are those of the projects that the asker may see; the rest is of the
    installation."""

    read_scope = Scope.PERFORMANCE_READ
    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="Everything for a Prometheus to scrape",
        parameters=[PROJECT],
        responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "text exposition; OpenMetrics when asked")},
    )
    def get(self, request: Request) -> HttpResponse:
        exports = {**all_exports(), "requests": lambda _: process_families(settings.PROMETHEUS_FOLDER)}
        project_ids = self.visible_project_ids(request)
        found = _scraper.scrape(exports, project_ids, timeout_seconds=settings.SCRAPE_SECONDS)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return HttpResponse(encode(found), content_type=content_type)
