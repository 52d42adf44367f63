"""What came of a simulation, once its event is stored and every rule has judged it. Written once."""

import logging
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, OccurrenceRecord
from alerts.occurrence import SIMULATED_EVENT
from alerts.services.judging import as_occurrence
from alerts.simulating.judging import RuleAnswer, answers_to
from alerts.simulating.planning import planned_routes
from debugging.models import Simulation
from tradewatch.core.live import push
from tradewatch.errors.families import root_of
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.simulated import home_of_hashes

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=10)
MOST_A_ROUND = 100
_SLACK = timedelta(minutes=1)  # between the clocks of two processes
_PAUSE_SECONDS = 0.15
_UNSEEN = (
    f"The event has not come out of the queue within {LOST_AFTER // timedelta(minutes=1)} minutes: "
    "a dead letter may say why."
)
_BROKEN = "The event came, but what came of it cannot be read: an error inside TradeWatch, it is in the log."


def settle_pending(now: datetime) -> int:
    """Write the results that are known now. Returns how many."""
    rows = Simulation.objects.filter(result__isnull=True).order_by("id")[:MOST_A_ROUND]
    return sum(settle(row, now=now) for row in rows)


def settled_within(row: Simulation, seconds: float) -> bool:
    """Wait for the result at most so long. Not in a transaction: what is waited for is others' commits."""
    end = time.monotonic() + seconds
    while not (done := settle(row, now=timezone.now())) and time.monotonic() < end:
        time.sleep(_PAUSE_SECONDS)
    return done


def settle(row: Simulation, *, now: datetime) -> bool:
    """Write the result if it is known now; return whether it is there. `row.result` has it then.

    One that cannot be put together is tried again until it counts as lost: it keeps no other from its result.
    """
    if row.result is None:
        try:
            row.result = _result(row, now=now)
        except Exception:
            logger.exception("simulation not settled simulation=%s", row.pk)
            row.result = _lost(_BROKEN) if now - row.requested_at > LOST_AFTER else None
        if row.result is None:
            return False
        if Simulation.objects.filter(pk=row.pk, result__isnull=True).update(result=row.result):
            project_id = row.session.project_id
            transaction.on_commit(partial(push, "debug", project_id))
    return True


def _result(row: Simulation, *, now: datetime) -> dict[str, Any] | None:
    project_id = row.session.project_id
    events = Event.objects.filter(project=project_id, event_id=row.event_id).select_related("issue__project")
    event = events.first()
    if event is None:
        return _lost(_UNSEEN) if now - row.requested_at > LOST_AFTER else None
    news = _news(row, project_id)
    if not news or any(each.judged_at is None for each in news):
        return None
    home = root_of(event.issue)
    answers = answers_to([as_occurrence(each) for each in news], now=now)
    alerts = Alert.objects.filter(project=project_id, dedup_key=news[0].fingerprint)
    alert = alerts.select_related("project", "team", "rule").first()
    return {
        "issue": _issue(home),
        "matches_original": home.pk == _original_id(row),
        "rules": [_rule(each) for each in answers],
        "alert": None if alert is None else {"id": alert.pk, "severity": alert.severity, "url": f"/alerts/{alert.pk}"},
        "routes": [] if alert is None else [asdict(each) for each in planned_routes(alert, now=now)],
    }


def _news(row: Simulation, project_id: int) -> list[OccurrenceRecord]:
    """Return all that alerts were told of the event."""
    records = OccurrenceRecord.objects.filter(project=project_id, occurred_at__gte=row.requested_at - _SLACK)
    named = records.filter(fingerprint__startswith=f"{SIMULATED_EVENT}:{row.event_id.hex}:")
    came = named.filter(kind=SIMULATED_EVENT).first()
    if came is None:
        return []
    return list(records.filter(fingerprint=came.fingerprint).order_by("id"))


def _original_id(row: Simulation) -> int | None:
    session = row.session
    if session.event is not None:
        return root_of(session.event.issue).pk
    home = home_of_hashes(session.project_id, session.context.hashes) if session.context is not None else None
    return None if home is None else root_of(home).pk


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.pk,
        "number": issue.number,
        "title": issue.title,
        "url": issue.get_absolute_url(),
        "is_simulated": issue.is_simulated,
    }


def _rule(answer: RuleAnswer) -> dict[str, Any]:
    rule, verdict = answer.rule, answer.verdict
    return {"id": rule.pk, "name": rule.name, "kind": rule.kind, "fires": verdict.fires, "why": verdict.reason}


def _lost(fault: str) -> dict[str, Any]:
    return {"issue": None, "matches_original": False, "rules": [], "alert": None, "routes": [], "fault": fault}
