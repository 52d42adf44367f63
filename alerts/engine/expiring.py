from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services.ending import end_alert
from alerts.words import duration_words


def end_expired(now: datetime) -> int:
    """End the alerts that nothing has triggered for as long as their rule allows. Returns how many."""
    expired = Alert.objects.exclude(state=AlertState.RESOLVED).filter(expires_at__lte=now)
    if not expired.exists():
        return 0
    with transaction.atomic():
        alerts = list(expired.order_by("id").select_for_update(skip_locked=True, no_key=True)[:200])
        for alert in alerts:
            quiet = duration_words(now - alert.last_at)
            ending = f"Ended: {alert.title}, {duration_words(now - alert.starts_at)}"
            end_alert(alert, ending=ending, why=f"{ending}. Nothing for {quiet}.", by="TradeWatch", now=now)
    return len(alerts)
