"""Who asks, and what there is: `sentry-cli info`, `organizations list`, `projects list`, `repos list`."""

from rest_framework.request import Request
from rest_framework.response import Response

from releases.models import Repository
from releases.sentry_cli.base import SentryCliView
from releases.sentry_cli.shapes import organisation_shape, project_shape, repository_shape
from tradewatch.core.faults import Fault
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import ApiToken

MOST = 1000


class NotServed(Fault):
    """Neither 404, of which sentry-cli makes "project not found", nor 501: nothing of ours went wrong."""


class WhoAsks(SentryCliView):
    def get(self, request: Request) -> Response:
        actor = self.actor_of(request)
        scopes = list(request.auth.scopes) if isinstance(request.auth, ApiToken) else []
        user = {"id": str(actor.id), "email": f"{actor.kind} {actor.label}", "name": actor.label}
        return Response({"version": "0", "auth": {"scopes": scopes}, "user": user})


class Organisations(SentryCliView):
    def get(self, request: Request) -> Response:
        return Response([organisation_shape(visible_projects(self.actor_of(request)).order_by("id").first())])


class Projects(SentryCliView):
    def get(self, request: Request, org: str) -> Response:
        rows = visible_projects(self.actor_of(request)).distinct().order_by("slug")[:MOST]
        return Response([project_shape(each) for each in rows])


class Repositories(SentryCliView):
    """A name once: those of several projects are one to sentry-cli, the one that TradeWatch reads before others."""

    def get(self, request: Request, org: str) -> Response:
        rows = Repository.objects.filter(project__in=self.visible_project_ids(request)).order_by("name", "path", "id")
        by_name = {row.name: row for row in rows[:MOST]}  # one with a path is the last of its name
        return Response([repository_shape(row) for row in by_name.values()])


class NothingHere(SentryCliView):
    """Everything else that sentry-cli may ask for."""

    def get(self, request: Request, rest: str) -> Response:
        raise NotServed(f"TradeWatch does not serve /api/0/{rest[:200]}: it has releases, deploys and artifacts")

    def post(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)

    def put(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)

    def delete(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)
