"""Shades charts while an alert fired."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.db.models import Q

from alerts.choices import AlertSeverity
from alerts.models import Alert
from tradewatch.metrics.markers import MOST, Band

_SHADED = (AlertSeverity.CRITICAL, AlertSeverity.ERROR)  # warnings last for days: they would shade everything


def alert_bands(project_ids: Sequence[int], environment: str, start: int, end: int) -> Iterator[Band]:
    """Yield a band for each alert, error or worse, that fired within [start, end), epoch seconds; the newest 40.

    One that still fires reaches to `end`. An alert of no environment belongs to each of them.
    """
    first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    alerts = Alert.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gt=first),
        project_id__in=project_ids,
        simulated="",
        starts_at__lt=last,
        severity__in=_SHADED,
    )
    if environment:
        alerts = alerts.filter(environment__in=(environment, ""))
    rows = alerts.order_by("-starts_at").values_list("pk", "title", "starts_at", "resolved_at")[:MOST]
    for pk, title, starts_at, resolved_at in rows:
        yield Band(
            start=int(starts_at.timestamp()),
            end=int(resolved_at.timestamp()) if resolved_at else end,
            words=f"alert fired: {title}",
            link=f"/alerts/{pk}",
        )
