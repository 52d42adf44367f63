"""Takes the looks that are due and writes each once. TradeWatch's own doing: a deployment's verdict has no actor."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from releases.choices import DeploymentState
from releases.models import Deployment, DeploymentLook
from releases.verdicts.aftermath import after_look
from releases.verdicts.due import LATEST, is_due, looks_missing
from releases.verdicts.evidence import Evidence, as_json
from releases.verdicts.looking import follower_of, look_at, stretch_after
from releases.verdicts.queries import deciding_look, looks_of
from releases.verdicts.stretches import LOOKS
from releases.verdicts.telling import tell_look
from releases.verdicts.words import summary_of
from tradewatch.core.live import push
from tradewatch.inbox.queries import backlog

MOST_A_TICK = 50

logger = logging.getLogger(__name__)


def take_due_looks(now: datetime) -> list[DeploymentLook]:
    """Take all looks that are due, the oldest deployment first; return those that this call wrote."""
    waiting = [each for each in _candidates(now) if looks_missing(look.minutes for look in looks_of(each))]
    oldest = _oldest_waiting() if waiting else None
    taken: list[DeploymentLook] = []
    for deployment in waiting:
        try:
            taken += _take(deployment, now=now, oldest_waiting=oldest)
        except Exception:  # one that cannot be looked at keeps no other from it
            logger.exception("look failed deployment=%s", deployment.pk)
        if len(taken) >= MOST_A_TICK:
            break
    return taken


def _candidates(now: datetime) -> list[Deployment]:
    newest = now - LATEST - timedelta(minutes=max(LOOKS) + 1)
    rows = Deployment.objects.filter(state=DeploymentState.SUCCEEDED, finished_at__gte=newest, finished_at__lte=now)
    return list(rows.prefetch_related("looks").order_by("finished_at", "id"))


def _take(deployment: Deployment, *, now: datetime, oldest_waiting: datetime | None) -> list[DeploymentLook]:
    follower, taken = follower_of(deployment), []
    for minutes in looks_missing(look.minutes for look in looks_of(deployment)):
        after = stretch_after(deployment, minutes, follower)
        if after is None or not is_due(after, now=now, oldest_waiting=oldest_waiting):
            continue
        evidence = look_at(deployment, after, minutes=minutes, follower=follower)
        look = write_look(deployment.pk, minutes, evidence, now=now)
        taken += [look] if look else []
    return taken


def write_look(deployment_id: int, minutes: int, evidence: Evidence, *, now: datetime) -> DeploymentLook | None:
    """Write a look, the deployment's verdict, and what others do about it, in one transaction.

    None where another worker wrote it, or the deployment no longer stands.
    """
    try:
        with transaction.atomic():
            return _write(deployment_id, minutes, evidence, now=now)
    except IntegrityError:
        if DeploymentLook.objects.filter(deployment=deployment_id, minutes=minutes).exists():
            return None
        raise


def _write(deployment_id: int, minutes: int, evidence: Evidence, *, now: datetime) -> DeploymentLook | None:
    rows = Deployment.objects.select_for_update(of=("self",)).select_related("project")
    row = rows.filter(pk=deployment_id, state=DeploymentState.SUCCEEDED).first()
    if row is None:
        return None
    look = DeploymentLook.objects.create(
        deployment=row,
        minutes=minutes,
        looked_at=now,
        verdict=evidence.judgement.verdict,
        summary=summary_of(evidence),
        evidence=as_json(evidence),
    )
    deciding = deciding_look(looks_of(row)) or look
    row.verdict, row.verdict_at = deciding.verdict, deciding.looked_at
    row.save(update_fields=["verdict", "verdict_at"])
    tell_look(look, evidence, now=now)
    after_look(look)
    transaction.on_commit(lambda: push("releases", row.project_id))
    return look


def _oldest_waiting() -> datetime | None:
    oldest = backlog().oldest_received_at
    return None if oldest is None else datetime.fromtimestamp(oldest, UTC)
