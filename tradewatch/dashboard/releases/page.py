"""The page of one release: its health over the range, its issues, its deployments."""

from datetime import datetime
from typing import Any

from releases.deployments.queries import deployments_named
from releases.health.queries import ADOPTION_OVER, health_of, health_points
from releases.queries import issues_of, places_of
from tradewatch.core.windows import Window
from tradewatch.dashboard.chart_frame import make_frame
from tradewatch.dashboard.charts import Chart, Line, Values
from tradewatch.dashboard.releases.release_lines import last_deployments
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Release
from tradewatch.projects.versions import parse_version

ISSUES_SHOWN, DEPLOYMENTS_SHOWN = 20, 20


def page_of(row: Release, scope: Scope, *, now: datetime) -> dict[str, Any]:
    span = scope.range.span(now)
    environment = scope.environment or None
    over, last_day = Window(span.start, span.end), Window(now - ADOPTION_OVER, now)
    issues = issues_of(row.pk)
    return {
        "release": row,
        "parts": parse_version(row.version),
        "places": places_of([row])[row.pk],
        "health": health_of(row.project_id, [row.pk], over, environment)[row.pk],
        "last_day": health_of(row.project_id, [row.pk], last_day, environment)[row.pk],
        "chart": _chart(row, scope, now=now),
        "issues": [(title, words, list(rows[: ISSUES_SHOWN + 1])) for title, words, rows in issues],
        "most": ISSUES_SHOWN,
        "standings": last_deployments([row], environment).get(row.pk, ()),
        "deployments": list(deployments_named(row, environment)[:DEPLOYMENTS_SHOWN]),
    }


def _chart(row: Release, scope: Scope, *, now: datetime) -> Chart:
    frame = make_frame([row.project_id], scope.environment, scope.range, now=now)
    span = frame.span
    window = Window(span.start, span.end)
    points = {
        start: counts
        for start, *counts in health_points(
            row.project_id, row.pk, window, span.step_seconds, scope.environment or None
        )
    }
    starts = range(span.epoch_start, span.epoch_end, span.step_seconds)
    sessions, errored, crashed = (
        tuple(float(points[start][at]) if start in points else 0.0 for start in starts) for at in range(3)
    )
    more = [Line("errored", "s3", errored), Line("crashed", "err", crashed)] if points else []
    shown: Values = sessions if points else tuple(None for _ in starts)  # no session: nothing is known
    return frame.chart("sessions", "sessions", shown, empty="no session of it began in this time", more=more)
