"""What stands below the transactions: hosts and checks, where their panels are registered, and what traces show."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.panels import Watched, render_dashboard_panel
from tradewatch.dashboard.performance.reading import Asked
from tradewatch.dashboard.traces.found import found_lines

FOUND = 5


def strips(asked: Asked) -> Sequence[tuple[str, SafeString]]:
    """Return (width, HTML) of each that has something to show: hosts over all, checks beside what traces show."""
    watched = Watched(
        project_ids=asked.project_ids,
        environment=asked.scope.environment,
        start=asked.span.start,
        end=asked.span.end,
        now=asked.now,
        parameters=asked.scope.values(),
    )
    hosts = render_dashboard_panel("Hosts", watched)
    beside = [("c7", render_dashboard_panel("Checks", watched)), ("c5", _found(asked))]
    shown = [(width, html) for width, html in beside if html]
    if len(shown) == 1:
        shown = [("c12", shown[0][1])]
    return [("c12", hosts), *shown] if hosts else shown


def _found(asked: Asked) -> SafeString:
    """Return what makes requests slow for a reason that can be named, the costliest first; empty without any."""
    found = found_lines(asked.scope, now=asked.now, limit=FOUND)
    if not found:
        return SafeString("")
    context = {"found": found, "scope": asked.scope, "now": asked.now}
    return mark_safe(render_to_string("dashboard/performance/_found.html", context))  # noqa: S308  # our own template
