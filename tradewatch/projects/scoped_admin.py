"""Admin pages that show the projects of whoever looks, and nothing of others'."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest

from tradewatch.core.actors import Actor
from tradewatch.core.addresses import address_of
from tradewatch.core.admin import PlainAdmin, RecordAdmin, faults_as_messages
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Project


def admin_actor(request: HttpRequest) -> Actor:
    """Return the person behind an admin request."""
    user = request.user
    return Actor(kind="user", id=user.pk, label=user.get_username(), address=address_of(request))


class VisibleProjectFilter(RelatedFieldListFilter):
    """A filter by project that names only those the person may see: Django's names all there are."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(project.pk), str(project)) for project in visible_projects(admin_actor(request))]


class ProjectFilters:
    """Lets every filter by a project, in `list_filter` of whatever admin, name the visible ones alone."""

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = super().get_list_filter(request)  # type: ignore[misc]
        return [(each, VisibleProjectFilter) if self._leads_to_project(each) else each for each in filters]

    def _leads_to_project(self, name: Any) -> bool:
        if not isinstance(name, str):
            return False
        try:
            field = get_fields_from_path(self.model, name)[-1]  # type: ignore[attr-defined]
        except (FieldDoesNotExist, NotRelationField):
            return False
        return getattr(field, "related_model", None) is Project


class InVisibleProjects(ProjectFilters):
    """Narrows lists and pages to the projects that the person may see; `project_path` leads to the project's id."""

    project_path = "project_id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        if request.user.is_superuser:
            return rows
        visible = visible_projects(admin_actor(request)).values_list("id", flat=True)
        return rows.filter(**{f"{self.project_path}__in": list(visible)})


class ScopedAdmin(InVisibleProjects, PlainAdmin):
    """Things of a project that people edit."""


class ScopedRecordAdmin(InVisibleProjects, RecordAdmin):
    """Things of a project that TradeWatch writes."""


def act_on_each(request: HttpRequest, rows: QuerySet[Any], act: Callable[[Actor, Any], Any], done: str) -> None:
    """Do `act` to each row as the person who asked; say how many were `done`, and what a service refused."""
    changed = 0
    for row in rows:
        with faults_as_messages(request):
            act(admin_actor(request), row)
            changed += 1
    messages.success(request, f"{changed} {done}")
