"""The issues that a deployment brought."""

from releases.models import Deployment
from tradewatch.dashboard.releases.deployment.running import Running
from tradewatch.errors.models import Issue
from tradewatch.metrics.queries import totals

MOST = 200


def new_issues(row: Deployment, ran: Running) -> list[Issue]:
    """Return the issues first seen while it ran that had an event in its environment then, the most frequent first."""
    seen = Issue.objects.filter(
        project=row.project_id,
        merged_into=None,
        is_simulated=False,
        first_seen_at__gte=row.started_at,
        first_seen_at__lt=ran.end,
    )
    issues = {f"issue:{issue.pk}": issue for issue in seen.order_by("-event_count", "-pk")[:MOST]}
    start, end = int(row.started_at.timestamp()), ran.epochs[1] + 60
    met = totals([row.project_id], issues, start, end, row.environment)
    return [issue for series, issue in issues.items() if series in met]
