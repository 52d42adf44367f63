"""The way back: whether it is offered, what it undoes, how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from releases.choices import DeploymentState, RollbackState
from releases.commits.ranges import commits_between
from releases.models import Deployment, Rollback
from releases.models.rollbacks import OPEN_STATES
from releases.rollbacks.queries import Offer, offer_of, way_back_from, webhook_of
from tradewatch.dashboard.releases.deployment.asked import Asked

_BADGES = {
    RollbackState.REQUESTED: "info",
    RollbackState.DEPLOYED: "info",
    RollbackState.VERIFIED: "ok",
    RollbackState.FAILED: "bad",
    RollbackState.UNVERIFIED: "hollow",
    RollbackState.WITHDRAWN: "hollow",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a rollback's timeline. `tick` is a class of the kit: ok, bad or none; `at` None: not yet."""

    tick: str
    name: str
    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    row: Rollback
    badge: str
    steps: tuple[Step, ...]
    may_withdraw: bool
    may_tell: bool


def rollback(asked: Asked) -> Mapping[str, Any]:
    row = asked.row
    rows = row.rollbacks.select_related("deployment", "restoring").order_by("-requested_at", "-pk")
    of_it = rows.first()
    offer = offer_of(row)
    way = offer or _by_hand(row, asked)
    return {
        "way_back": way,
        "is_offered": offer is not None,
        "undoes": _undoes(row, way) if way else None,
        "rollback": shown(of_it) if of_it else None,
        "restored": row.restores.select_related("deployment").order_by("-requested_at").first(),
    }


def shown(row: Rollback) -> Shown:
    is_requested = row.state == RollbackState.REQUESTED
    has_given_up = is_requested and row.next_try_at is None and row.told_at is None
    may_tell = has_given_up and bool(webhook_of(row.deployment.project_id))
    return Shown(row, _BADGES[RollbackState(row.state)], steps_of(row), is_requested, may_tell)


def steps_of(row: Rollback) -> tuple[Step, ...]:
    """Return what happened and what is next, in order."""
    asked = Step(
        "ok",
        row.get_opening_display(),
        f"{row.requested_by}: {row.reason}" if row.reason else row.requested_by,
        row.requested_at,
    )
    steps = [asked]
    if row.tries or row.told_at or row.next_try_at:
        steps.append(_told(row))
    if row.deployed_at:
        steps.append(Step("ok", f"{row.to_version} deployed", "", row.deployed_at))
    elif row.restoring is not None and row.state == RollbackState.REQUESTED:
        steps.append(_under_way(row.restoring))
    if row.closed_at:
        tick = {RollbackState.VERIFIED: "ok", RollbackState.FAILED: "bad"}.get(RollbackState(row.state), "")
        steps.append(Step(tick, row.get_state_display(), row.outcome, row.closed_at))
    elif row.state == RollbackState.DEPLOYED:
        steps.append(Step("", "Health is tested", "5, 15 and 60 min after it was deployed", None))
    return tuple(steps)


def _told(row: Rollback) -> Step:
    if row.told_at:
        return Step("ok", "CI took it", row.answer, row.told_at)
    tries = f"{row.tries} {'try' if row.tries == 1 else 'tries'}"
    if row.next_try_at:
        return Step("", "CI is told", f"{tries} so far: {row.answer}" if row.answer else "in some seconds", None)
    return Step("bad", "CI did not take it", f"{tries}: {row.answer}", None)


def _under_way(row: Deployment) -> Step:
    tick = "bad" if row.state in (DeploymentState.FAILED, DeploymentState.ABANDONED) else ""
    return Step(tick, f"Deployment {row.pk} of {row.version}", row.get_state_display().lower(), row.started_at)


def _by_hand(row: Deployment, asked: Asked) -> Offer | None:
    """Return the way back of what runs and is not found unhealthy: nobody offers it, and a person may still ask."""
    if row.state != DeploymentState.SUCCEEDED or row.rollbacks.filter(state__in=OPEN_STATES).exists():
        return None
    later = Deployment.objects.filter(
        project=row.project_id, environment=row.environment, state=DeploymentState.SUCCEEDED
    ).filter(finished_at__gt=row.finished_at)
    return None if later.exists() else way_back_from(row)


def _undoes(row: Deployment, way: Offer) -> int | None:
    return len(commits_between(row.project_id, way.to_version, row.version)) or way.commits
