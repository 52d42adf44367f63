"""The alerts that began while a deployment's version ran."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from alerts.choices import AlertState
from alerts.models import Alert
from releases.models import Deployment
from tradewatch.dashboard import words
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.deployment.running import running_of

SHOWN = 8
_OPEN_FIRST = Case(When(state=AlertState.RESOLVED, then=Value(1)), default=Value(0), output_field=IntegerField())


def alerts(asked: Asked) -> Mapping[str, Any]:
    ran = running_of(asked.row, now=asked.now)
    if ran is None:
        return {"alerts_since": []}
    found = alerts_since(asked.row, ran.end if ran.successor else None)
    return {"alerts_since": [(alert, how_long(alert, asked.now)) for alert in found[: SHOWN + 1]], "most_alerts": SHOWN}


def alerts_since(row: Deployment, end: datetime | None) -> list[Alert]:
    """Return what began in its environment, or in none, from its start until `end`; the open ones first."""
    found = Alert.objects.filter(project=row.project_id, simulated="", starts_at__gte=row.started_at)
    found = found.filter(Q(environment=row.environment) | Q(environment=""))
    if end is not None:
        found = found.filter(starts_at__lt=end)
    return list(found.order_by(_OPEN_FIRST, "-starts_at", "-id")[: SHOWN + 1])


def how_long(alert: Alert, now: datetime) -> str:
    """Return `firing 12 min`, `acknowledged by Mara, 12 min`, `ended after 24 min`."""
    length = words.span((alert.resolved_at or now) - alert.starts_at)
    if alert.state == AlertState.RESOLVED:
        return f"ended after {length}"
    if alert.state == AlertState.ACKNOWLEDGED:
        return f"acknowledged by {alert.acknowledged_by}, {length}"
    return f"{alert.get_state_display().lower()} {length}"
