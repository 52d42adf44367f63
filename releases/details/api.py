"""/release/releases: tell of a release, read one with all that is known of it, finalise, archive, restore, delete."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.artifacts.answers import download
from releases.artifacts.queries import artifacts_of
from releases.artifacts.services import delete_artifact
from releases.details.answers import answer_of, told_of
from releases.details.asked import Told
from releases.details.serializers import FinaliseRequest, OneReleaseAnswer, ReleaseRequest, ReleaseTold
from releases.details.services import (
    archive_release,
    create_release,
    delete_release,
    finalise_release,
    reopen_release,
    restore_release,
)
from releases.health import api as health
from releases.models import ReleaseArtifact, ReleaseDetail
from releases.queries import releases_of
from tradewatch.core.api import read_as
from tradewatch.core.faults import Unknown
from tradewatch.core.lookup import the_one
from tradewatch.core.openapi import ENVIRONMENT, WINDOW
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Release


class Releases(health.Releases):
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_releases_create",
        summary="Tell of a release",
        description="Told again, what is said anew is taken over: 200, not 201.",
        request=ReleaseRequest,
        responses={201: ReleaseTold, 200: ReleaseTold},
    )
    def post(self, request: Request) -> Response:
        said = read_as(ReleaseRequest, request.data)
        told = Told(said["version"], said.get("ref") or "", said.get("url") or "")
        project = self.project_of(request, write=True)
        created = create_release(self.actor_of(request), project, told, now=timezone.now())
        answer = ReleaseTold(told_of(created.detail.release, created.detail)).data
        return Response(answer, status=201 if created.is_new else 200)


class OneRelease(ApiView):
    read_scope = Scope.RELEASES_READ
    write_scope = Scope.RELEASES_WRITE
    write_role = Role.MANAGER

    @extend_schema(
        operation_id="release_releases_read",
        summary="One release: what was told of it, how it does, who wrote it, its artifacts",
        parameters=[ENVIRONMENT, *WINDOW],
        responses=OneReleaseAnswer,
    )
    def get(self, request: Request, release_id: int) -> Response:
        row = _visible(self, request, release_id)
        window, environment = self.window_of(request), self.environment_of(request)
        [line] = health.presented([row], window, environment)
        return Response(OneReleaseAnswer({**line, **answer_of(row)}).data)

    @extend_schema(
        operation_id="release_releases_delete",
        summary="Delete a release of which clients sent nothing",
        description="409 where they did, or an issue names it: archive it. Deployments keep the version as text.",
        responses={204: None},
    )
    def delete(self, request: Request, release_id: int) -> Response:
        delete_release(self.actor_of(request), _visible(self, request, release_id))
        return Response(status=204)


class SwitchRelease(ApiView):
    """One of the things that are done to a release and asked again without harm."""

    write_scope = Scope.RELEASES_WRITE
    switch: ClassVar[Callable[..., ReleaseDetail]]

    def done(self, request: Request, release_id: int, **values: Any) -> Response:
        row = _visible(self, request, release_id)
        detail = type(self).switch(self.actor_of(request), row, now=timezone.now(), **values)
        return Response(ReleaseTold(told_of(row, detail)).data)


class FinaliseRelease(SwitchRelease):
    switch = finalise_release

    @extend_schema(
        operation_id="release_releases_finalise",
        summary="Say that a release is complete",
        description="The first time holds, until it is reopened.",
        request=FinaliseRequest,
        responses=ReleaseTold,
    )
    def post(self, request: Request, release_id: int) -> Response:
        return self.done(request, release_id, at=read_as(FinaliseRequest, request.data).get("at"))


class ReopenRelease(SwitchRelease):
    switch = reopen_release

    @extend_schema(
        operation_id="release_releases_reopen",
        summary="Take back that a release is complete",
        request=None,
        responses=ReleaseTold,
    )
    def post(self, request: Request, release_id: int) -> Response:
        return self.done(request, release_id)


class ArchiveRelease(SwitchRelease):
    switch = archive_release

    @extend_schema(
        operation_id="release_releases_archive",
        summary="Leave a release out of lists until it is restored",
        request=None,
        responses=ReleaseTold,
    )
    def post(self, request: Request, release_id: int) -> Response:
        return self.done(request, release_id)


class RestoreRelease(SwitchRelease):
    switch = restore_release

    @extend_schema(
        operation_id="release_releases_restore",
        summary="Bring an archived release back into lists",
        request=None,
        responses=ReleaseTold,
    )
    def post(self, request: Request, release_id: int) -> Response:
        return self.done(request, release_id)


class Artifact(ApiView):
    read_scope = Scope.RELEASES_READ
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_artifact_download",
        summary="Download an artifact",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, release_id: int, artifact_id: int) -> HttpResponse:
        return download(self._artifact(request, release_id, artifact_id))

    @extend_schema(operation_id="release_artifact_delete", summary="Delete an artifact", responses={204: None})
    def delete(self, request: Request, release_id: int, artifact_id: int) -> Response:
        delete_artifact(self.actor_of(request), self._artifact(request, release_id, artifact_id).pk)
        return Response(status=204)

    def _artifact(self, request: Request, release_id: int, artifact_id: int) -> ReleaseArtifact:
        row = artifacts_of([_visible(self, request, release_id)]).filter(pk=artifact_id).first()
        if row is None:
            raise Unknown("the release has no such artifact")
        return row


def _visible(view: ApiView, request: Request, release_id: int) -> Release:
    return the_one(releases_of(view.visible_project_ids(request)), release_id, "release")
