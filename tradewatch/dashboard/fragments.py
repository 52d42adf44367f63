"""A snapshot as what the socket sends: the same partial templates that the server's first paint uses."""

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from tradewatch.core.panels import Watched, render_dashboard_panels
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import Snapshot

PLACES = ("hero", "figures", "alerts", "loudest", "newest", "health")


def make_message(snapshot: Snapshot, scope: Scope) -> dict[str, Any]:
    """Return the socket's message: HTML by the name of its place, charts by key. Without anybody's rights or tokens in
    it, because all watchers of a view get the same one."""
    context = {"snapshot": snapshot, "scope": scope, "now": snapshot.at}
    return {
        "type": "snapshot",
        "at": snapshot.at.isoformat(timespec="milliseconds"),
        "is_connected": snapshot.is_connected,
        "critical": snapshot.critical_alerts,
        "latest": latest(snapshot, scope),
        "fragments": {
            **{name: render_to_string(f"dashboard/_{name}.html", context) for name in PLACES},
            **{panel.key: panel.html for panel in render_dashboard_panels(watched(snapshot, scope))},
        },
        "charts": {chart.key: chart.as_json() for chart in snapshot.charts},
    }


def watched(snapshot: Snapshot, scope: Scope) -> Watched:
    """Return what the panels of other apps are told."""
    return Watched(
        project_ids=scope.project_ids,
        environment=scope.environment,
        start=snapshot.start,
        end=snapshot.end,
        now=snapshot.at,
        parameters=scope.values(),
    )


def latest(snapshot: Snapshot, scope: Scope) -> dict[str, str] | None:
    """Return the issue seen last of those shown: what the first steps say has arrived."""
    seen = max([*snapshot.newest, *snapshot.loudest], key=lambda line: line.last_seen_at, default=None)
    if seen is None:
        return None
    return {
        "title": f"{seen.type}: {seen.message}" if seen.message else seen.type,
        "href": reverse("issue", args=[seen.id]) + scope.query,
        "at": seen.last_seen_at.isoformat(timespec="milliseconds"),
    }
