"""The dashboard's panel: what is deployed where, what is on its way."""

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.panels import Watched
from tradewatch.dashboard.releases.listing import PROJECTS_SHOWN, cards_of
from tradewatch.projects.models import Project

SHOWN = 6
KEPT_SECONDS = 5  # rendered twice a second for whoever watches


def deployed_panel(watched: Watched) -> SafeString | None:
    """Return the environments of these projects; None: nothing was ever deployed."""
    shown = ",".join(map(str, watched.project_ids[:50]))
    query = "&".join(f"{name}={value}" for name, value in sorted(watched.parameters.items()))
    key = f"deployed-panel:{shown}:{watched.environment}:{query}"
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    projects = list(Project.objects.filter(pk__in=watched.project_ids)[:PROJECTS_SHOWN])
    cards = cards_of(projects, watched.environment)
    if not cards:
        return ""
    context = {"cards": cards[:SHOWN], "parameters": watched.parameters, "now": watched.now}
    return render_to_string("releases/_panel.html", context)
