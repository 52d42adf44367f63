from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState, EntryKind
from alerts.matchers import MatcherFault, all_match, parse_matchers
from alerts.models import Alert, Silence, TimelineEntry
from alerts.suppression.silences import is_warning_due
from alerts.timeline import entry
from alerts.words import clock_words, counted
from tradewatch.core.live import push


def warn_of_ending_silences(now: datetime) -> int:
    """Say on each alert that a silence holds back and that still fires when the silence is about to end."""
    warned = 0
    for silence in Silence.objects.filter(starts_at__lte=now, ends_at__gt=now, warned_at=None):
        if is_warning_due(silence.starts_at, silence.ends_at, now=now):
            warned += _warn(silence, now=now)
    return warned


def firing_under(silence: Silence) -> list[Alert]:
    """Return the open alerts that the silence holds back."""
    try:
        matchers = parse_matchers(silence.matchers)
    except MatcherFault:
        return []
    rows = (
        Alert.objects.exclude(state=AlertState.RESOLVED).filter(simulated="").select_related("project", "team", "rule")
    )
    if silence.project_id is not None:
        rows = rows.filter(project=silence.project_id)
    return [alert for alert in rows.order_by("id") if all_match(matchers, alert.labels)]


@transaction.atomic
def _warn(silence: Silence, *, now: datetime) -> int:
    if not Silence.objects.filter(pk=silence.pk, warned_at=None).update(warned_at=now):
        return 0  # another process does it
    alerts = firing_under(silence)
    text = (
        f"The silence of {silence.created_by} ends at {clock_words(silence.ends_at, now=now)} and this still fires: "
        f"it is told then, {counted(len(alerts), 'alert')} in all."
    )
    TimelineEntry.objects.bulk_create(entry(alert, EntryKind.HELD, text, now=now) for alert in alerts)
    for project_id in {alert.project_id for alert in alerts}:
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]
    return len(alerts)
