from django.db.models import Q, QuerySet

from tradewatch.projects.models import Project

FIRST_PROJECT = "default"  # the slug of the project that the first start creates


def named_project(name: str, among: QuerySet[Project] | None = None) -> Project | None:
    """Return the project with this id or slug, of those in `among` (default: all)."""
    is_id = name.isascii() and name.isdigit() and len(name) < 10
    projects = Project.objects.all() if among is None else among
    return projects.filter(Q(slug=name) | Q(pk=int(name)) if is_id else Q(slug=name)).first()
