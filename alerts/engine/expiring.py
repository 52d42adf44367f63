from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services.ending import End, end_many, ended_words
from alerts.words import duration_words

ENDED_AT_ONCE = 1_000


def end_expired(now: datetime) -> int:
    """End the alerts that nothing has triggered for as long as their rule allows. Returns how many."""
    expired = Alert.objects.exclude(state=AlertState.RESOLVED).filter(expires_at__lte=now)
    if not expired.exists():
        return 0
    with transaction.atomic():
        alerts = list(expired.order_by("id").select_for_update(skip_locked=True, no_key=True)[:ENDED_AT_ONCE])
        end_many([_end(alert, now=now) for alert in alerts], now=now)
    return len(alerts)


def _end(alert: Alert, *, now: datetime) -> End:
    ending = ended_words(alert, now=now)
    return End(alert, ending, f"{ending}. Nothing for {duration_words(now - alert.last_at)}.", by="TradeWatch")
