"""Looks for what fires and has lost its clock: repaired, said, and looked at. Outside hears from it once a minute."""

import logging
from datetime import datetime, timedelta

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts.choices import AlertState, EntryKind, GroupState
from alerts.engine.plans import read_plan
from alerts.engine.reminding import timer_moment
from alerts.engine.turning import turn
from alerts.models import Alert, AlertGroup, GroupMember
from alerts.timeline import note
from alerts.words import duration_words
from tradewatch.core.net import guarded_client

LATE = timedelta(seconds=90)  # with the beat of half a minute: found within two minutes
MOST_A_ROUND = 200
PING_TIMEOUT_SECONDS = 5.0
# What has stopped on purpose has neither a step nor a kind of timer any more.
_STEP_LOST = Q(step__isnull=False, step_at=None)
_TIMER_LOST = ~Q(timer_kind="") & Q(timer_at=None)
logger = logging.getLogger(__name__)


def watch(now: datetime) -> int:
    """Repair the groups whose moment is lost or long past, and the open alerts that are in no group; then do what is
    due and ping the dead man's switch. Returns how many were repaired."""
    repaired = _repair_groups(now) + _repair_alerts(now)
    if repaired:
        logger.warning("watchdog repaired=%s", repaired)
        turn(now)
    ping_deadman()
    return repaired


def ping_deadman() -> None:
    """Call TRADEWATCH_DEADMAN_URL, whose owner raises the alarm when the calls stop. Failures are logged, no more."""
    if not settings.DEADMAN_URL:
        return
    try:
        # The answer's body is left unread: one that drips would hold the watchdog for as long as it likes.
        with (
            guarded_client(timeout_seconds=PING_TIMEOUT_SECONDS) as client,
            client.stream("POST", settings.DEADMAN_URL) as response,
        ):
            response.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Without the URL: it is as good as a key.
        logger.warning("dead man's switch not reached error=%s", type(error).__name__)


def _repair_groups(now: datetime) -> int:
    lost = AlertGroup.objects.exclude(state=GroupState.ENDED).filter(
        Q(next_due_at=None) | Q(next_due_at__lt=now - LATE) | _STEP_LOST | _TIMER_LOST
    )
    repaired = 0
    # In the order of the index of open groups: by id SQLite would read all that ever ended.
    for group_id in list(lost.order_by("next_due_at", "id").values_list("pk", flat=True)[:MOST_A_ROUND]):
        with transaction.atomic():
            group = lost.filter(pk=group_id).select_for_update(skip_locked=True, no_key=True).first()
            if group is not None:
                _repair(group, now=now)
                repaired += 1
    return repaired


def _repair(group: AlertGroup, *, now: datetime) -> None:
    note(group, EntryKind.WATCHDOG, f"Watchdog: {_what_was_lost(group, now=now)} Looked at again now.", now=now)
    if group.look_at is None or group.look_at < now - LATE:
        group.look_at = now
    if group.step is not None and group.step_at is None:
        group.step_at = now
    if group.timer_kind and group.timer_at is None:
        group.timer_at = timer_moment(group, read_plan(group.plan), now=now)
    group.next_due_at = now
    group.save(update_fields=["look_at", "step_at", "timer_at", "next_due_at"])


def _what_was_lost(group: AlertGroup, *, now: datetime) -> str:
    if group.next_due_at is None:
        return "its next moment was lost."
    if group.next_due_at < now - LATE:
        return f"it was due {duration_words(now - group.next_due_at)} ago and nobody had looked."
    return "the moment of its next step or timer was lost."


def _repair_alerts(now: datetime) -> int:
    """Send through the routes again what is open and in no open group, though it is not waiting to be placed."""
    homes = GroupMember.objects.filter(alert=OuterRef("pk")).exclude(group__state=GroupState.ENDED)
    rows = Alert.objects.exclude(state=AlertState.RESOLVED).filter(is_unrouted=False).exclude(Exists(homes))
    repaired = 0
    with transaction.atomic():
        for alert in rows.order_by("id").select_for_update(skip_locked=True, no_key=True)[:MOST_A_ROUND]:
            alert.is_unrouted = True
            alert.save(update_fields=["is_unrouted"])
            note(alert, EntryKind.WATCHDOG, "Watchdog: it was in no group. Sent through the routes again.", now=now)
            repaired += 1
    return repaired
