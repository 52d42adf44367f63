"""Files of a release, one by one: `releases files` of sentry-cli 2, and whoever speaks Sentry's API."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from releases.artifacts.answers import download
from releases.artifacts.asked import Draft, read_headers
from releases.artifacts.queries import artifacts_of
from releases.artifacts.services import delete_artifact, store_artifact
from releases.models import ReleaseArtifact
from releases.sentry_cli.base import SentryCliView
from releases.sentry_cli.bodies import most_with_file
from releases.sentry_cli.shapes import artifact_shape
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.parsers import JsonBody
from tradewatch.projects.models import Release

LISTED = 1000


class FilesView(SentryCliView):
    def own(self, request: Request, version: str, project: str | None) -> list[Release]:
        return self.releases_of(request, version, [project] if project else [])


class Files(FilesView):
    parser_classes = [MultiPartParser, JsonBody]

    def most_bytes(self) -> int:
        return most_with_file()

    def get(self, request: Request, org: str, version: str, project: str | None = None) -> Response:
        rows = artifacts_of(self.own(request, version, project))[:LISTED]
        return Response([artifact_shape(row) for row in rows])

    @transaction.atomic
    def post(self, request: Request, org: str, version: str, project: str | None = None) -> Response:
        releases, draft = self.own(request, version, project), _draft_of(request)
        stored = [store_artifact(self.actor_of(request), each, draft, now=timezone.now()) for each in releases]
        return Response(artifact_shape(stored[0].artifact), status=201 if stored[0].is_new else 200)


class OneFile(FilesView):
    def get(
        self, request: Request, org: str, version: str, file_id: int, project: str | None = None
    ) -> Response | HttpResponse:
        row = self._file(request, version, file_id, project)
        return download(row) if "download" in request.query_params else Response(artifact_shape(row))

    def delete(self, request: Request, org: str, version: str, file_id: int, project: str | None = None) -> Response:
        delete_artifact(self.actor_of(request), self._file(request, version, file_id, project).pk)
        return Response(status=204)

    def _file(self, request: Request, version: str, file_id: int, project: str | None) -> ReleaseArtifact:
        row = artifacts_of(self.own(request, version, project)).filter(pk=file_id).first()
        if row is None:
            raise Unknown("the release has no such file")
        return row


def _draft_of(request: Request) -> Draft:
    data: Any = request.data
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("expected a file as `file`, in multipart/form-data")
    name, dist = str(data.get("name") or file.name or ""), str(data.get("dist") or "")
    return Draft(name, file.read(), dist, read_headers(data.getlist("header")))
