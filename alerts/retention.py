from datetime import datetime, timedelta

from django.db.models import QuerySet

from alerts.choices import AlertState, GroupState
from alerts.models import Alert, AlertGroup, OccurrenceRecord

OCCURRENCES_KEPT = timedelta(days=30)  # as far back as rules can be replayed
RESOLVED_ALERTS_KEPT = timedelta(days=400)
_CHUNK = 500


def delete_old(now: datetime) -> int:
    """Delete judged occurrences after 30 days, what has ended with its timeline after 400. Returns how many rows."""
    occurrences = OccurrenceRecord.objects.filter(occurred_at__lt=now - OCCURRENCES_KEPT, judged_at__isnull=False)
    alerts = Alert.objects.filter(state=AlertState.RESOLVED, resolved_at__lt=now - RESOLVED_ALERTS_KEPT)
    groups = AlertGroup.objects.filter(state=GroupState.ENDED, ended_at__lt=now - RESOLVED_ALERTS_KEPT)
    return _delete_in_chunks(occurrences) + _delete_in_chunks(alerts) + _delete_in_chunks(groups)


def _delete_in_chunks(rows: QuerySet[OccurrenceRecord] | QuerySet[Alert] | QuerySet[AlertGroup]) -> int:
    """Each chunk is a commit of its own: nobody waits long for the write lock."""
    deleted = 0
    while chunk := list(rows.order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        rows.model._default_manager.filter(pk__in=chunk).delete()
        deleted += len(chunk)
    return deleted
