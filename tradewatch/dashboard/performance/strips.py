"""What stands below the transactions: the panels of hosts, checks and findings, where somebody registered them."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from tradewatch.core.panels import Watched, render_dashboard_panel
from tradewatch.dashboard.performance.reading import Asked

STRIPS = (("Hosts", "c12"), ("Checks", "c7"), ("Found in traces", "c5"))


def strips(asked: Asked) -> Sequence[tuple[str, SafeString]]:
    """Return (width, HTML) of each that has something to show."""
    watched = Watched(
        project_ids=asked.project_ids,
        environment=asked.scope.environment,
        start=asked.span.start,
        end=asked.span.end,
        now=asked.now,
        parameters=asked.scope.values(),
    )
    rendered = [(width, render_dashboard_panel(name, watched)) for name, width in STRIPS]
    return [(width, html) for width, html in rendered if html]
