"""The dashboard's panel of checks: what is wrong first, over the shown time."""

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.panels import Watched
from tradewatch.dashboard.checks.listing import SHOWN_AT_MOST, headline, lines_of
from tradewatch.performance.checks.queries import checks_of

SHOWN = 6
KEPT_SECONDS = 5  # rendered twice a second for whoever watches, and checks run every ten seconds at most


def checks_panel(watched: Watched) -> SafeString | None:
    """Return the checks of these projects; None: there is none."""
    shown = ",".join(map(str, watched.project_ids[:50]))
    key = f"checks-panel:{shown}:{watched.environment}:{(watched.end - watched.start).total_seconds():.0f}"
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    rows = list(checks_of(watched.project_ids, watched.environment or None)[:SHOWN_AT_MOST])
    if not rows:
        return ""
    lines = lines_of(rows, watched.start, watched.end, now=watched.now)
    return render_to_string("dashboard/checks/_panel.html", {"lines": lines[:SHOWN], "headline": headline(lines)})
