"""While the clock stands, web processes stand in for it: they tell people, and keep what is measured meanwhile.

A worker that is dead or stopped cannot say so. Each web process looks at the clock's pulse every few seconds; while it
is late, one of them at a time opens the alert and does the few ticks by which it reaches somebody: keep our own
measures, judge the rules about them, judge news, move groups, send. All of them do no harm twice. Heavier work, and
rules about what is digested, wait for the clock: what nobody digests says nothing.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.choices import AlertCategory, AlertSeverity, RuleKind
from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services import judge_measures, judge_occurrences
from alerts.services.judging import end_news
from alerts.words import counted, duration_words
from tradewatch.core import pulse
from tradewatch.core.models import Pulse
from tradewatch.core.rounds import Rounds
from tradewatch.inbox.queries import backlog
from tradewatch.metrics.own.keeping import keep_own
from tradewatch.processes.overdue import claim_overdue
from tradewatch.projects.queries import first_project

LOOK_SECONDS = 3.0
ROUNDS = {"stand_in": 15.0}  # one process does a round, at most so often
AGAIN = timedelta(minutes=15)
TOLD, FINGERPRINT = "clock:told", "clock"
logger = logging.getLogger(__name__)


class StandIn(Rounds):
    """Looks at the clock, in a thread of a web process."""

    def __init__(self) -> None:
        self._started, self._has_seen_it_run = time.monotonic(), False
        # The database may be away or locked: whoever watches from outside has to tell.
        super().__init__(
            lambda: self.look(timezone.now()),
            name="stand-in",
            seconds=LOOK_SECONDS,
            trouble="the clock cannot be looked at",
        )

    def look(self, now: datetime) -> bool:
        """Look at the clock, do what its state asks for, and return whether it stands.

        After a start it gets a minute to run for the first time.
        """
        last = pulse.last_beat()
        if last is not None and not pulse.is_late(last, now=now):
            if not self._has_seen_it_run:
                logger.info("the clock runs")
            self._has_seen_it_run = True
            tell_that_it_runs(now)
            return False
        if not self._has_seen_it_run and time.monotonic() - self._started < pulse.LATE.total_seconds():
            return False
        if claim_overdue(ROUNDS, now=now):
            stand_in(lateness(last, now), now)
        return True


def lateness(last: datetime | None, now: datetime) -> timedelta | None:
    """Return how long ago the clock ran; None when it never has. A pulse of the future is of a clock set back."""
    if last is None or last > now + pulse.LATE:
        return None
    return now - last


def stand_in(late: timedelta | None, now: datetime) -> None:
    """Do one round: tell that the clock stands, keep what is measured, and do what brings messages out."""
    started = time.monotonic()
    tell_that_it_stands(late, now)
    keep_own(now)
    judge_measures(now, kinds=[RuleKind.OWN_HEALTH])
    judge_occurrences(now)
    turn(now)
    deliver_due(now + timedelta(seconds=time.monotonic() - started))  # the rest took its time: what leaves, leaves now


@transaction.atomic
def tell_that_it_stands(late: timedelta | None, now: datetime) -> None:
    """Tell alerts, at once and then every quarter of an hour."""
    told, project = pulse.last_beat(TOLD), first_project()
    if project is None or (told is not None and timedelta() <= now - told < AGAIN):
        return
    pulse.beat(now, name=TOLD)
    record_occurrences([_news(project.pk, late, now)])


@transaction.atomic
def tell_that_it_runs(now: datetime) -> None:
    """End what was told, if anything was."""
    project = first_project() if Pulse.objects.filter(name=TOLD).exists() else None
    if project is not None and Pulse.objects.filter(name=TOLD).delete()[0]:
        end_news(project.pk, FINGERPRINT, why="The clock runs again.", by="TradeWatch", now=now)


def _news(project_id: int, late: timedelta | None, now: datetime) -> Occurrence:
    since = "never ran" if late is None else f"last ran {duration_words(late)} ago"
    waiting = counted(backlog().pending, "envelope")
    return Occurrence(
        kind="clock.late",
        project_id=project_id,
        fingerprint=FINGERPRINT,
        severity=AlertSeverity.CRITICAL,
        category=AlertCategory.SYSTEM,
        title="TradeWatch's clock stands",
        message=f"The clock {since}: no other rule is judged, and nothing on a schedule happens. {waiting} wait to be "
        "digested. Start beat and a worker; `serve` starts its own again when it ends: its log says why it does.",
        link="/system#clock_age_seconds",
        occurred_at=now,
    )
