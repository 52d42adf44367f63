"""Tells CI of requested rollbacks. The rows say what is due; a lost worker's claim runs out, and another one tells.

So CI may hear of one twice, with the same `webhook-id`, and never not at all.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from alerts.channels.http import post
from alerts.channels.outcome import Outcome
from alerts.channels.webhook import signed_headers
from releases.choices import RollbackState
from releases.models import ReleaseSettings, Rollback
from releases.rollbacks.message import body_of, message_id_of
from releases.rollbacks.retries import wait_after
from releases.rollbacks.webhook import keys_of
from tradewatch.core.live import push

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)  # longer than one POST takes: alerts.channels.http ends it after some 50 s
MOST_A_TICK = 20
NOT_WANTED = "not told: the project has no rollback webhook any more"
UNSIGNED = "not told: there is no secret to sign with (another TRADEWATCH_SECRET_KEY?), make a new one"


def tell_due(now: datetime) -> int:
    """Tell CI of what is due; return how many were tried. Waits on the network, in no transaction."""
    due = Rollback.objects.filter(state=RollbackState.REQUESTED, next_try_at__lte=now).order_by("next_try_at", "id")
    tried = 0
    for pk, due_at in due.values_list("pk", "next_try_at")[:MOST_A_TICK]:
        until = timezone.now() + LEASE
        if _claim(pk, due_at, until):
            _tell(pk, until)
            tried += 1
    return tried


def _claim(pk: int, due_at: datetime | None, until: datetime) -> bool:
    """Take the row for this worker alone until the lease runs out. False: another took it, or it was withdrawn."""
    rows = Rollback.objects.filter(pk=pk, state=RollbackState.REQUESTED, next_try_at=due_at)
    return bool(rows.update(next_try_at=until, tries=F("tries") + 1))


def _tell(pk: int, until: datetime) -> None:
    rollback = Rollback.objects.select_related("deployment__project").get(pk=pk)
    wanted = ReleaseSettings.objects.filter(project=rollback.deployment.project_id).exclude(rollback_url="").first()
    outcome = _unsent(NOT_WANTED) if wanted is None else _post(rollback, wanted)
    _settle(rollback, until, outcome, now=timezone.now())


def _post(rollback: Rollback, wanted: ReleaseSettings) -> Outcome:
    keys = keys_of(wanted)
    if not keys:
        return _unsent(UNSIGNED)
    now, body, secrets = timezone.now(), body_of(rollback), [*keys, wanted.rollback_url.partition("?")[2]]
    headers = signed_headers(body, keys, message_id_of(rollback), now=now)
    return post(wanted.rollback_url, body, headers=headers, secrets=secrets, now=now)


def _unsent(why: str) -> Outcome:
    return Outcome(is_sent=False, answer=why, is_permanent=True)


@transaction.atomic
def _settle(rollback: Rollback, until: datetime, outcome: Outcome, *, now: datetime) -> None:
    """Write what came of it. When it is tried again is left alone where the claim ran out or nothing waits for CI."""
    wait = None if outcome.is_sent or outcome.is_permanent else wait_after(rollback.tries, asked=outcome.retry_after)
    rows = Rollback.objects.filter(pk=rollback.pk)
    rows.filter(next_try_at=until).update(next_try_at=None if wait is None else now + wait)
    rows.update(answer=outcome.answer[:300], **({"told_at": now} if outcome.is_sent else {}))
    if not outcome.is_sent:
        logger.warning("rollback not told rollback=%s try=%s", rollback.pk, rollback.tries)
    transaction.on_commit(lambda: push("releases", rollback.deployment.project_id))
