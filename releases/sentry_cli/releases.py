"""Releases of sentry-cli: new, list, info, finalize, archive, restore, delete."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from releases.details.asked import Told
from releases.details.queries import archived, shown
from releases.details.services import (
    archive_release,
    change_release,
    create_release,
    delete_release,
    finalise_release,
    restore_release,
)
from releases.queries import releases_of
from releases.sentry_cli.base import SentryCliView
from releases.sentry_cli.commit_reading import read_commits, read_refs
from releases.sentry_cli.commits import commits_of, previous_with_commits, set_commits, set_refs, with_repositories
from releases.sentry_cli.facts import facts_of
from releases.sentry_cli.reading import read_moment, read_names, read_object, read_text
from releases.sentry_cli.shapes import commit_shape, release_shape
from tradewatch.core.faults import Invalid
from tradewatch.projects.models import Release

LISTED, COMMITS_LISTED = 100, 1000
_STATUSES = {"archived": archive_release, "open": restore_release}


class Releases(SentryCliView):
    """`releases new`, `releases list`; archive and restore post here too, with a status."""

    def get(self, request: Request, org: str) -> Response:
        return Response(_listed(request, releases_of(self.visible_project_ids(request))))

    def post(self, request: Request, org: str) -> Response:
        return self.tell(request)

    @transaction.atomic
    def tell(self, request: Request, project: str = "") -> Response:
        """Make a release or change its status. `project` goes before the projects that the body names."""
        said = read_object(request.data)
        version, names = read_text(said, "version"), [project] if project else read_names(said, "projects")
        if said.get("status"):
            rows = self.releases_of(request, version, names)
            _switch(self, request, rows, read_text(said, "status"))
            return Response(shape_of(rows))
        return self._create(request, names, told_of(version, said))

    def _create(self, request: Request, names: Sequence[str], told: Told) -> Response:
        actor, now = self.actor_of(request), timezone.now()
        created = [create_release(actor, each, told, now=now) for each in self.projects_of(request, names)]
        is_new = any(each.is_new for each in created)
        return Response(shape_of([each.detail.release for each in created]), status=201 if is_new else 200)


class ReleasesOfProject(Releases):
    """The same of one project; sentry-cli 2 makes releases here."""

    def get(self, request: Request, org: str, project: str = "") -> Response:
        ids = [each.pk for each in self.projects_of(request, [project])]
        return Response(_listed(request, releases_of(ids)))

    def post(self, request: Request, org: str, project: str = "") -> Response:
        return self.tell(request, project)


class OneRelease(SentryCliView):
    """`releases info`, `finalize`, `delete`, `set-commits`: of the version in every project that the token sees.

    sentry-cli 2 names a project in the path.
    """

    def get(self, request: Request, org: str, version: str, project: str = "") -> Response:
        return Response(shape_of(self.releases_of(request, version, _named(project))))

    def put(self, request: Request, org: str, version: str, project: str = "") -> Response:
        said = read_object(request.data)
        rows = self.releases_of(request, version, _named(project) or read_names(said, "projects"))
        self._set_commits(request, rows, said)
        self._change(request, rows, version, said)
        return Response(shape_of(rows))

    def _set_commits(self, request: Request, rows: Sequence[Release], said: Any) -> None:
        """Not in one transaction: many commits are stored in several, and git is read."""
        actor, now = self.actor_of(request), timezone.now()
        refs, commits = read_refs(said), read_commits(said)
        if refs is not None:
            for row in with_repositories(rows, refs):
                set_refs(actor, row, refs, now=now)
        if commits is not None:
            for row in rows:
                set_commits(actor, row, commits, now=now)

    @transaction.atomic
    def _change(self, request: Request, rows: Sequence[Release], version: str, said: Any) -> None:
        told, actor, now = told_of(version, said), self.actor_of(request), timezone.now()
        for row in rows:
            if told.ref or told.url:
                change_release(actor, row, ref=told.ref, url=told.url, now=now)
            if told.finalised_at is not None:
                finalise_release(actor, row, at=told.finalised_at, now=now)
        if said.get("status"):
            _switch(self, request, rows, read_text(said, "status"))

    @transaction.atomic
    def delete(self, request: Request, org: str, version: str, project: str = "") -> Response:
        for row in self.releases_of(request, version, _named(project)):
            delete_release(self.actor_of(request), row)
        return Response(status=204)


class ReleaseCommits(SentryCliView):
    """`releases info --show-commits`."""

    def get(self, request: Request, org: str, version: str, project: str = "") -> Response:
        rows = commits_of(self.releases_of(request, version, _named(project)), most=COMMITS_LISTED)
        return Response([commit_shape(each) for each in rows])


class PreviousWithCommits(SentryCliView):
    """From which commit on `set-commits` sends them; an empty object where nothing is known of a release before."""

    def get(self, request: Request, org: str, version: str) -> Response:
        found = (previous_with_commits(each) for each in self.releases_of(request, version))
        previous = next((each for each in found if each), None)
        if previous is None:
            return Response({})
        return Response({**shape_of([previous.release]), "lastCommit": commit_shape(previous.head)})


def told_of(version: str, said: Any) -> Told:
    """Return what is said of a release. That it began to be made (`dateStarted`) is not kept."""
    read_moment(said, "dateStarted")
    return Told(version, read_text(said, "ref"), read_text(said, "url"), read_moment(said, "dateReleased"))


def shape_of(rows: Sequence[Release]) -> dict[str, Any]:
    return release_shape(facts_of(rows))


def _named(project: str) -> list[str]:
    return [project] if project else []


def _switch(view: SentryCliView, request: Request, rows: Iterable[Release], status: str) -> None:
    if status not in _STATUSES:
        raise Invalid(f"status is archived or open, not {status[:40]!r}")
    for row in rows:
        _STATUSES[status](view.actor_of(request), row, now=timezone.now())


def _listed(request: Request, rows: QuerySet[Release]) -> list[dict[str, Any]]:
    """Return the newest versions, each once. Archived ones only where `status=archived` asks for them."""
    rows = archived(rows) if request.query_params.get("status") == "archived" else shown(rows)
    if text := request.query_params.get("query"):
        rows = rows.filter(version__icontains=text)
    by_version: dict[str, list[Any]] = {}
    for facts in facts_of(list(rows.order_by("-first_seen_at", "-id")[:LISTED])):
        by_version.setdefault(facts.release.version, []).append(facts)
    return [release_shape(each) for each in by_version.values()]
