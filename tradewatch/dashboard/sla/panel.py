"""The panels of SLA on other pages: budgets on the dashboard and the wall, what an issue cost on its own page."""

from collections.abc import Sequence

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from sla.queries import targets_of
from tradewatch.core.panels import Watched
from tradewatch.dashboard.sla.listing import headline, lines_of
from tradewatch.dashboard.sla.reading import Seen, see
from tradewatch.dashboard.sla.spent import issue_costs, release_costs
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Release

SHOWN = 5
MOST_TARGETS = 200
KEPT_SECONDS = 10  # rendered twice a second for whoever watches; the figures change with each minute
COST_KEPT_SECONDS = 60


def sla_panel(watched: Watched) -> SafeString | None:
    """Return the budgets of these projects, the worst first; None: there is no target."""
    shown = ",".join(map(str, watched.project_ids[:50]))
    query = "&".join(f"{name}={value}" for name, value in sorted(watched.parameters.items()))
    key = f"sla-panel:{shown}:{watched.environment}:{query}"
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def issue_cost_panel(issue_id: int) -> SafeString | None:
    """Return what the issue cost the budgets of its project; None: nothing, or it is not known to be an issue."""
    key = f"sla-issue:{issue_id}"
    html: str = cache.get_or_set(key, lambda: _render_issue(issue_id), COST_KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def release_cost_panel(release_id: int) -> SafeString | None:
    """Return what the release cost the budgets of its project; None: nothing."""
    key = f"sla-release:{release_id}"
    html: str = cache.get_or_set(key, lambda: _render_release(release_id), COST_KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    seen = _of_environment(
        see(list(targets_of(watched.project_ids)[:MOST_TARGETS]), now=watched.now), watched.environment
    )
    if not seen:
        return ""
    lines = lines_of(seen)
    context = {
        "lines": lines[:SHOWN],
        "headline": headline(lines),
        "total": len(lines),
        "parameters": dict(watched.parameters),
        "several": len(watched.project_ids) > 1,
    }
    return render_to_string("sla/_panel.html", context)


def _render_issue(issue_id: int) -> str:
    issue = Issue.objects.filter(pk=issue_id, merged_into=None).first()
    if issue is None:
        return ""
    costs = issue_costs(see(list(targets_of([issue.project_id])[:MOST_TARGETS]), now=timezone.now()), issue_id)
    return render_to_string("sla/_cost_panel.html", {"costs": costs}) if costs else ""


def _render_release(release_id: int) -> str:
    release = Release.objects.filter(pk=release_id).first()
    if release is None:
        return ""
    seen = see(list(targets_of([release.project_id])[:MOST_TARGETS]), now=timezone.now())
    costs = release_costs(seen, release.version)
    return render_to_string("sla/_cost_panel.html", {"costs": costs}) if costs else ""


def _of_environment(seen: Sequence[Seen], environment: str) -> list[Seen]:
    return [each for each in seen if not environment or each.version.environment in ("", environment)]
