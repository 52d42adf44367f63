"""The panel of hosts on the dashboard and under /performance: what is wrong first."""

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.panels import Watched
from tradewatch.dashboard.hosts.cards import card_of, headline, worst_first
from tradewatch.performance.hosts.queries import hosts_of

SHOWN, READ_AT_MOST = 6, 500
KEPT_SECONDS = 5  # rendered twice a second for whoever watches, and hosts report once a minute


def hosts_panel(watched: Watched) -> SafeString | None:
    """Return the hosts of these projects; None: there is none."""
    shown = ",".join(map(str, watched.project_ids[:50]))
    key = f"hosts-panel:{shown}:{watched.environment}:{sorted(watched.parameters.items())}".replace(" ", "")
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    rows = hosts_of(watched.project_ids, watched.environment or None)[:READ_AT_MOST]
    cards = worst_first([card_of(host, now=watched.now) for host in rows])
    if not cards:
        return ""
    context = {
        "cards": cards[:SHOWN],
        "headline": headline(cards),
        "count": len(cards),
        "parameters": watched.parameters,
        "now": watched.now,
    }
    return render_to_string("dashboard/hosts/_panel.html", context)
