"""A snapshot as what the socket sends: the same partial templates that the server's first paint uses."""

from typing import Any

from django.template.loader import render_to_string

from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import Snapshot

PLACES = ("hero", "figures", "alerts", "loudest", "newest")


def make_message(snapshot: Snapshot, scope: Scope) -> dict[str, Any]:
    """Return the socket's message: HTML by the name of its place, charts by key. Without anybody's rights or tokens in
    it, because all watchers of a view get the same one."""
    context = {"snapshot": snapshot, "scope": scope, "now": snapshot.at}
    return {
        "type": "snapshot",
        "at": snapshot.at.isoformat(timespec="milliseconds"),
        "is_connected": snapshot.is_connected,
        "critical": snapshot.critical_alerts,
        "fragments": {name: render_to_string(f"dashboard/_{name}.html", context) for name in PLACES},
        "charts": {chart.key: chart.as_json() for chart in snapshot.charts},
    }
