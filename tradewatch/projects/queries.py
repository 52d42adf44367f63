from django.db.models import Q, QuerySet

from tradewatch.projects.models import Project

FIRST_PROJECT = "default"  # the slug of the project that the first start creates


def first_project() -> Project | None:
    """Return whose people are told what is of the installation: the project of the first start, else the oldest."""
    return Project.objects.filter(slug=FIRST_PROJECT).first() or Project.objects.order_by("pk").first()


def named_project(name: str, among: QuerySet[Project] | None = None) -> Project | None:
    """Return the project with this id or slug, of those in `among` (default: all)."""
    is_id = name.isascii() and name.isdigit() and len(name) < 10
    projects = Project.objects.all() if among is None else among
    return projects.filter(Q(slug=name) | Q(pk=int(name)) if is_id else Q(slug=name)).first()
