"""Sends what waits for an upstream, window by window. One sender an upstream: it holds a lease, and renews it.

Whatever dies in the middle of a window leaves its entries where they are: they are sent again, under the same ids.
"""

import logging
import random
import threading
import time
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.relay.choices import SHARED, UpstreamState
from tradewatch.ingest.relay.circuit import Standing, after, refusing, waiting
from tradewatch.ingest.relay.queue import all_limited_until, note_standing, settle, take
from tradewatch.ingest.relay.sending import TOTAL_SECONDS, Line
from tradewatch.ingest.relay.spool import ROWS_A_STEP, delete_entries
from tradewatch.ingest.relay.targets import NoTargetError, Target, target_of

LEASE = timedelta(seconds=TOTAL_SECONDS + 10)  # a window, and noting what became of it
TARGET_SECONDS = 5.0  # how long a DSN is held before it is read anew
ASKED_AGAIN = timedelta(seconds=30)

logger = logging.getLogger(__name__)


def due_upstreams(now: datetime) -> list[int]:
    """Return the upstreams to which something may be sent now, and which no other sender holds."""
    return list(_due(now).values_list("pk", flat=True))


def drop_leases() -> None:
    """Take over from senders that are gone, where only one process may send."""
    RelayUpstream.objects.exclude(lease="").update(lease="", leased_until=None)


def send_due(upstream: int, *, stop: threading.Event, deadline: float | None = None) -> int:
    """Send until nothing is left that may go, `stop` is set, or the monotonic clock passes `deadline`; return how many
    windows that took. 0: another sender was faster."""
    lease = uuid4().hex
    if not _claim(upstream, lease):
        return 0
    try:
        return _Sender(upstream, lease).run(stop, deadline)
    finally:
        RelayUpstream.objects.filter(pk=upstream, lease=lease).update(lease="", leased_until=None)


class _Sender:
    def __init__(self, upstream: int, lease: str) -> None:
        self._upstream, self._lease = upstream, lease
        self._line: Line | None = None
        self._looked_at = float("-inf")
        self._windows = 0

    def run(self, stop: threading.Event, deadline: float | None) -> int:
        try:
            while not stop.is_set() and (deadline is None or time.monotonic() < deadline) and self._step():
                pass
        finally:
            if self._line is not None:
                self._line.close()
        return self._windows

    def _step(self) -> bool:
        """Send one window; return whether there may be another at once."""
        now = timezone.now()
        row = RelayUpstream.objects.get(pk=self._upstream)
        if row.lease != self._lease or (row.next_at is not None and row.next_at > now):
            return False
        standing = standing_of(row)
        if not self._find_line(standing, now) or self._line is None:
            return False
        entries = take(self._upstream, row.limits, failures=row.failures, now=now)
        if not entries:
            return self._wait_for_limits(standing, now)
        sent = self._line.run(entries, row.limits)
        self._windows += 1
        now = timezone.now()
        news = after(standing, [each.outcome for each in sent], draw=random.random(), now=now)  # noqa: S311
        if _is_told(standing.state, news.state):
            logger.log(*_words(self._upstream, news))
        settled = settle(self._upstream, sent, news, now=now)
        return settled.entries > 0 and _renew(self._upstream, self._lease, now)

    def _find_line(self, standing: Standing, now: datetime) -> bool:
        """Have a line to the upstream as it is named now; False when there is none to have."""
        if time.monotonic() - self._looked_at < TARGET_SECONDS:
            return True
        try:
            target = target_of(self._upstream)
        except NoTargetError as error:
            note_standing(self._upstream, refusing(standing, str(error), again=ASKED_AGAIN, now=now))
            return False
        if target is None:
            _let_go_all(self._upstream, now)
            return False
        self._use(target)
        return True

    def _use(self, target: Target) -> None:
        self._looked_at = time.monotonic()
        if self._line is None or self._line.target != target:
            if self._line is not None:
                self._line.close()
            self._line = Line(target)

    def _wait_for_limits(self, standing: Standing, now: datetime) -> bool:
        until = all_limited_until(self._upstream, standing.limits or {}, now=now)
        if until is not None:
            note_standing(self._upstream, waiting(standing, until, now=now))
        return False


def standing_of(row: RelayUpstream) -> Standing:
    return Standing(UpstreamState(row.state), row.since, row.next_at, row.failures, row.detail, row.limits)


def _due(now: datetime) -> QuerySet[RelayUpstream]:
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return RelayUpstream.objects.filter(free, Q(next_at=None) | Q(next_at__lte=now), entries__gt=0)


def _claim(upstream: int, lease: str) -> bool:
    now = timezone.now()
    return bool(_due(now).filter(pk=upstream).update(lease=lease, leased_until=now + LEASE))


def _renew(upstream: int, lease: str, now: datetime) -> bool:
    return bool(RelayUpstream.objects.filter(pk=upstream, lease=lease).update(leased_until=now + LEASE))


def _let_go_all(upstream: int, now: datetime) -> None:
    """Nobody names this upstream any more: what still waits for it goes, counted, a step at a time."""
    with transaction.atomic():
        row = RelayUpstream.objects.select_for_update().get(pk=upstream)
        found = list(RelayEntry.objects.filter(upstream=upstream).values_list("pk", "category", "size")[:ROWS_A_STEP])
        delete_entries([entry_id for entry_id, _, _ in found])
        for _, category, _ in found:
            row.add("dropped", category)
        row.entries -= len(found)
        row.size -= sum(size for _, _, size in found)
        row.detail = "nobody names this upstream any more: what waited for it was let go"
        row.save()


def _is_told(was: UpstreamState, now: UpstreamState) -> bool:
    """Say whether the log is told. That an upstream waits is not, nor that some of it goes meanwhile."""
    return now != was and (was, now) != (UpstreamState.WAITING, UpstreamState.UP)


def _words(upstream: int, news: Standing) -> tuple[int, str, str, str, str]:
    level = logging.INFO if news.state == UpstreamState.UP else logging.WARNING
    name = "SENTRY_DSN" if upstream == SHARED else f"project {upstream}"
    return level, "relay: upstream of %s is %s (%s)", name, str(news.state), news.detail
