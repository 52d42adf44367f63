"""What a deployment cost while its version ran: points of budgets, requests that failed, users who met its new issues.

Budgets are judged as of when it stopped to run (now, while it does), each over its own period: of that the bad events
that are the release's own, from the deployment's start on, or, where requests name no release, all since its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache

from releases.models import Deployment
from sla.costs import by_release
from sla.costs.slots import slots_of
from sla.costs.splitting import Slot
from sla.figures.reading import Opened, opened
from sla.minutes.values import UNIT
from sla.models import Target
from sla.queries import targets_of
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.deployment.new_issues import new_issues
from tradewatch.dashboard.releases.deployment.running import Running, running_of
from tradewatch.dashboard.releases.points import budget_words
from tradewatch.dashboard.sla.words import left_words, window_words
from tradewatch.errors.models import IssueUser
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.figures import Figures
from tradewatch.projects.versions import is_named

KEPT_SECONDS = 60  # a minute's counts change with the minute
MOST_TARGETS = 50
MINUTE = 60


@dataclass(frozen=True, slots=True)
class BudgetCost:
    """What a target's budget paid. `is_own`: the release's own failures; else all that was bad while it ran."""

    target: Target
    points: str
    window: str
    left: str
    without: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """`failed` of `requests` while it ran, of its own where they name it; `users` met issues that it brought."""

    budgets: Sequence[BudgetCost]
    requests: float
    failed: float
    users: int
    is_own: bool


def cost(asked: Asked) -> Mapping[str, Any]:
    ran = running_of(asked.row, now=asked.now)
    return {"ran": ran, "cost": _remembered(asked.row, ran) if ran else None}


def _remembered(row: Deployment, ran: Running) -> Cost:
    start, end = ran.epochs
    key = f"deployment-cost:{row.pk}:{start}:{end // 60}"
    found: Cost | None = cache.get(key)
    if found is None:
        found = cost_of(row, ran)
        cache.set(key, found, KEPT_SECONDS)
    return found


def cost_of(row: Deployment, ran: Running) -> Cost:
    own = _by_own(queries.by_release([row.project_id], *_since_start(row, ran), environment=row.environment), row)
    counted = own or list(queries.by_release([row.project_id], *ran.epochs, environment=row.environment).values())
    figures = summed(counted)
    return Cost(
        budgets=_budgets(row, ran),
        requests=figures.weighted,
        failed=figures.weighted_failed,
        users=_users(row, ran),
        is_own=bool(own),
    )


def _by_own(found: Mapping[str, Figures], row: Deployment) -> list[Figures]:
    return [figures for version, figures in found.items() if is_named(version, row.version)]


def _since_start(row: Deployment, ran: Running) -> tuple[int, int]:
    """Return from the minute of its start: the first of its processes answer before the last one is there."""
    return int(row.started_at.timestamp()) // MINUTE * MINUTE, ran.epochs[1]


def summed(figures: Sequence[Figures]) -> Figures:
    total = Figures()
    for each in figures:
        total.merge(each)
    return total


def _users(row: Deployment, ran: Running) -> int:
    """Return exactly how many users met the issues that were first seen while it ran."""
    issues = [issue.pk for issue in new_issues(row, ran)]
    return IssueUser.objects.filter(issue__in=issues).values("user_hash").distinct().count()


# --- budgets ---------------------------------------------------------------------------------------------------------
def _budgets(row: Deployment, ran: Running) -> list[BudgetCost]:
    """Return what each target of that environment paid, the dearest first; those that paid nothing are left out."""
    targets = list(targets_of([row.project_id])[:MOST_TARGETS])
    found = [
        (paid, each)
        for each in opened(targets, ran.end).values()
        if each.version.environment in ("", row.environment) and (paid := _paid(each, row, ran)).events > 0
    ]
    dearest = sorted(found, key=lambda pair: (-pair[0].share, pair[1].target.metric_name))
    return [_said(paid, each) for paid, each in dearest]


@dataclass(frozen=True, slots=True)
class Paid:
    """`events` in millionths; `share` of what the budget allows, from 0.0, past 1.0 where it is overspent."""

    events: int
    share: Decimal
    is_own: bool


def _paid(seen: Opened, row: Deployment, ran: Running) -> Paid:
    slots = slots_of(seen.version, seen.judged, seen.minutes)
    allowed = seen.judged.adjusted.allowed
    own = _own_events(seen, _within(slots, *_since_start(row, ran)), row, ran)
    events = sum(slot.bad for slot in _within(slots, *ran.epochs)) if own is None else own
    return Paid(events, Decimal(events) / UNIT / allowed if allowed else Decimal(0), own is not None)


def _own_events(seen: Opened, slots: Sequence[Slot], row: Deployment, ran: Running) -> int | None:
    """Return the release's part of the slots; None where nothing in them is known to be any release's."""
    split = by_release(seen.version.measure, slots, now=ran.end) if slots else None
    if split is None or not split.parts:
        return None
    return sum(part.cost for part in split.parts if is_named(part.key, row.version))


def _within(slots: Sequence[Slot], start: int, end: int) -> list[Slot]:
    return [slot for slot in slots if start <= slot.start < end]


def _said(paid: Paid, seen: Opened) -> BudgetCost:
    remaining = seen.judged.adjusted.remaining
    return BudgetCost(
        target=seen.target,
        points=budget_words(paid.share),
        window=window_words(seen.version, seen.judged.period),
        left=left_words(remaining),
        without=_without(remaining, paid.share),
        is_own=paid.is_own,
    )


def _without(remaining: Decimal | None, share: Decimal) -> str:
    """Return what would be left without it; empty where that is nothing either."""
    return "" if remaining is None or remaining + share <= 0 else left_words(remaining + share)
