"""When an alert about one thing fired, as shaded times of that thing's own charts."""

from datetime import UTC, datetime

from alerts.models import Alert
from tradewatch.metrics.markers import Band

BANDS = 50


def bands_of(project_id: int, dedup_key: str, start: datetime, end: datetime) -> tuple[Band, ...]:
    """Return the newest times within [start, end] in which an alert of that key was open."""
    alerts = Alert.objects.filter(project=project_id, dedup_key=dedup_key, starts_at__lt=end)
    newest = alerts.order_by("-starts_at").values_list("starts_at", "resolved_at")[:BANDS]
    shaded = [(max(low, start), min(high or end, end)) for low, high in newest]
    return tuple(Band(_epoch(low), _epoch(high)) for low, high in sorted(shaded) if low < high)


def _epoch(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())
