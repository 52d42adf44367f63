"""What a page is about: which project, environment and time range. It lives in the URL and survives every link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils import timezone

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.dashboard.ranges import Period, read_period
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Scope:
    """`project` None: all of `projects`, which are those the user may see. `environment` empty: all."""

    projects: tuple[Project, ...]
    project: Project | None
    environment: str
    range: Period

    @property
    def project_ids(self) -> tuple[int, ...]:
        return (self.project.id,) if self.project else tuple(project.id for project in self.projects)

    @property
    def query(self) -> str:
        """Return the query string of links that keep this scope, "?" included; empty where all is the default."""
        return self.query_with({})

    def query_with(self, further: Mapping[str, str]) -> str:
        """The same with `further` parameters."""
        values = {**self.values(), **further}
        return ("?" + urlencode(values)) if values else ""

    def values(self) -> dict[str, str]:
        values = {}
        if self.project and len(self.projects) > 1:
            values["project"] = self.project.slug
        if self.environment:
            values["environment"] = self.environment
        return values | self.range.parameters()

    @property
    def words(self) -> str:
        return f"{self.project.name if self.project else 'all projects'}, {self.environment or 'all environments'}"

    def in_range(self, chosen: Period) -> "Scope":
        return replace(self, range=chosen)

    def in_environment(self, environment: str) -> "Scope":
        return replace(self, environment=environment)

    def in_project(self, project: Project | None) -> "Scope":
        return replace(self, project=project, environment="")


def user_actor(user: AbstractBaseUser | AnonymousUser, address: str | None = None) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.get_username(), address=address)


def read_scope(actor: Actor, parameters: Mapping[str, str]) -> Scope:
    """Return the scope that the URL's `parameters` name, within what `actor` may see.

    One visible project is chosen by itself. Raises `Unknown` for a project that is not there or not theirs, `Invalid`
    for a time that is none.
    """
    projects = tuple(visible_projects(actor))
    return Scope(
        projects=projects,
        project=_choose(projects, parameters.get("project", "")),
        environment=parameters.get("environment", "")[:64],
        range=read_period(parameters, now=timezone.now()),
    )


def _choose(projects: tuple[Project, ...], slug: str) -> Project | None:
    if slug:
        for project in projects:
            if project.slug == slug:
                return project
        raise Unknown(f"no project {slug}")
    return projects[0] if len(projects) == 1 else None
