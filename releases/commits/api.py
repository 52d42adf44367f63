"""/release/commits: CI tells what a release is made of, and anybody with the right reads it."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.commits.asked import read_told
from releases.commits.queries import authors_of, files_of, listed_releases, release_commits
from releases.commits.serializers import (
    AuthorAnswer,
    CommitAnswer,
    CommitPage,
    CommitQuery,
    CommitsKept,
    CommitsRequest,
)
from releases.commits.services import Kept, tell_commits
from tradewatch.core.api import read_as
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.openapi import PAGE, PROJECT
from tradewatch.core.paging import read_page
from tradewatch.projects.api import ApiView, page_size
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Release


class ReleaseCommits(ApiView):
    read_scope = Scope.RELEASES_READ
    write_scope = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="release_commits_list",
        summary="What a release is made of, the newest commit first",
        description="Of one project: the named one, else the token's only one, else `default`.",
        parameters=[PROJECT, CommitQuery, *PAGE],
        responses=CommitPage,
    )
    def get(self, request: Request) -> Response:
        asked = read_as(CommitQuery, request.query_params)
        project = self.project_of(request, write=False)
        releases = listed_releases(project.pk, asked["version"])
        if not releases and not Release.objects.filter(project=project, version=asked["version"]).exists():
            raise Unknown("nobody told anything of such a release")
        rows = release_commits(releases)
        order, cursor = ("release_id", "position", "id"), request.query_params.get("cursor")
        page = read_page(rows, order=order, cursor=cursor, size=page_size(request))
        files = {"files": files_of([row.commit for row in page.rows])}
        return Response(
            {
                "results": [CommitAnswer(row, context=files).data for row in page.rows],
                "next": page.next,
                "total": rows.count(),
                "authors": [AuthorAnswer(each).data for each in authors_of(rows)],
            }
        )

    @extend_schema(
        operation_id="release_commits_tell",
        summary="Tell what a release is made of",
        description="Commits are added to those the release has (`replace`: they take their place), in as many "
        "requests as it takes. 201 when any was new to the release, else 200.",
        request=CommitsRequest,
        responses={201: CommitsKept, 200: CommitsKept},
    )
    def post(self, request: Request) -> Response:
        told, faults = read_told(request.data)
        project = self.project_of(request, write=True)
        if told is None:
            raise Invalid("bad commits", errors=faults)
        kept = tell_commits(self.actor_of(request), project, told, now=timezone.now())
        return Response(_answer(kept), status=201 if kept.added else 200)


def _answer(kept: Kept) -> dict[str, object]:
    return {
        "project": kept.release.project.slug,
        "version": kept.release.version,
        "repository": kept.repository.name,
        "added": kept.added,
        "total": kept.total,
        "url": f"{settings.PUBLIC_URL}{reverse('release', args=[kept.release.pk])}",
    }
