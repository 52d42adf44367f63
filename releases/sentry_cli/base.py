"""What every path of sentry-cli shares: whose organisation, which releases, and refusals as it can read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from releases.artifacts.asked import TooLarge, words_of_bytes
from releases.sentry_cli.bodies import most_usual
from releases.sentry_cli.reading import sentence_of
from releases.sentry_cli.shapes import ORGANISATION
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.projects.access import visible_projects
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Project, Release
from tradewatch.projects.queries import named_project
from tradewatch.projects.versions import fault_in_version


@extend_schema(exclude=True)
class SentryCliView(ApiView):
    """Answers refusals as `{"detail": "a sentence"}`: sentry-cli prints it only when nothing stands beside it."""

    read_scope = Scope.RELEASES_READ
    write_scope = Scope.RELEASES_WRITE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if kwargs.get("org", ORGANISATION) != ORGANISATION:
            raise Unknown(f"there is one organisation here: {ORGANISATION}")
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.most_bytes():
            raise TooLarge(f"the request is larger than {words_of_bytes(self.most_bytes())}")

    def most_bytes(self) -> int:
        """Return what a request may have; without a length REST framework reads nothing of its body."""
        return most_usual()

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if response.status_code >= 400 and isinstance(response.data, Mapping):
            response.data = {"detail": sentence_of(response.data)}
        return response

    def projects_of(self, request: Request, names: Sequence[str]) -> list[Project]:
        """Return the projects of these slugs or ids; without any the token's only one.

        Raises `Invalid` for one that is not visible to the caller, and where there is a choice.
        """
        visible = visible_projects(self.actor_of(request))
        if names:
            found = {name: named_project(name, visible) for name in names}
            if unknown := [name for name, project in found.items() if project is None]:
                raise Invalid(f"project {unknown[0]!r} is unknown, or not visible to this token")
            return list({project.pk: project for project in found.values() if project is not None}.values())
        some = list(visible[:2])
        if len(some) != 1:
            raise Invalid("say of which project: --project, or SENTRY_PROJECT")
        return some

    def releases_of(self, request: Request, version: str, names: Sequence[str] = ()) -> list[Release]:
        """Return the release of that version in each project that the caller sees, or of those named, by id.

        Raises `Unknown` where there is none, `Invalid` for a version that none can have.
        """
        if fault := fault_in_version(version):
            raise Invalid(f"the version {fault}")
        ids = [each.pk for each in self.projects_of(request, names)] if names else self.visible_project_ids(request)
        rows = list(Release.objects.filter(project__in=ids, version=version).select_related("project").order_by("id"))
        if not rows:
            raise Unknown(f"release {version} does not exist, or is not visible to this token")
        return rows
