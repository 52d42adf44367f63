"""Deploys of sentry-cli: one is a deployment of ours that succeeded, in each project of the release."""

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from releases.deployments.queries import names_of, went_out
from releases.deployments.recording import Ended, record_deployment
from releases.models import Deployment
from releases.sentry_cli.base import SentryCliView
from releases.sentry_cli.reading import read_moment, read_names, read_object, read_text
from releases.sentry_cli.shapes import deploy_shape

LISTED = 100


class Deploys(SentryCliView):
    def get(self, request: Request, org: str, version: str) -> Response:
        found: list[Deployment] = []
        for release in self.releases_of(request, version):
            rows = went_out([release.project_id]).filter(version__in=names_of(release))
            found += rows.order_by("-started_at", "-id")[:LISTED]
        newest_first = sorted(found, key=lambda row: (row.started_at, row.pk), reverse=True)
        return Response([deploy_shape(row) for row in newest_first[:LISTED]])

    @transaction.atomic
    def post(self, request: Request, org: str, version: str) -> Response:
        said, now = read_object(request.data), timezone.now()
        rows = self.releases_of(request, version, read_names(said, "projects"))
        ended = Ended(
            environment=read_text(said, "environment"),
            finished_at=read_moment(said, "dateFinished") or now,
            started_at=read_moment(said, "dateStarted"),
            name=read_text(said, "name"),
            url=read_text(said, "url"),
        )
        recorded = [record_deployment(self.actor_of(request), row, ended, now=now) for row in rows]
        status = 201 if any(each.is_new for each in recorded) else 200
        return Response(deploy_shape(recorded[0].deployment), status=status)
