"""Gathers the facts of one question, in as few queries as there are kinds of facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.queries import open_alerts
from releases.choices import DeploymentState, Verdict, WindowRule
from releases.deployments.queries import current_deployment
from releases.gate.budgets import budgets_of
from releases.gate.queries import freezes_until_over, override_in_force, windows_of
from releases.gate.values import (
    AlertFact,
    CurrentFact,
    Facts,
    FreezeFact,
    OverrideFact,
    RunningFact,
    WindowFact,
)
from releases.models import Deployment, DeploymentWindow, Freeze, GateOverride, Rollback
from releases.models.rollbacks import OPEN_STATES
from tradewatch.calendars.queries import market
from tradewatch.calendars.sessions import Market
from tradewatch.calendars.window_text import WindowFault, parse_windows
from tradewatch.calendars.windows import TimeWindow
from tradewatch.projects.models import Environment

SEEN_AHEAD = timedelta(days=40)  # beyond the last freeze: holidays with their weekends are shorter
FARTHEST = timedelta(days=400)
SHOWN = 20


def read_facts(project_id: int, environment: str, version: str, *, now: datetime, at: datetime | None = None) -> Facts:
    """Return what is known now; `at` another moment: its freezes, windows and overrides, and everything else of now."""
    moment = at or now
    freezes = [_freeze(row) for row in freezes_until_over(project_id, environment, moment)]
    horizon = _horizon(freezes, moment)
    alerts = open_alerts([project_id], environment).filter(severity=AlertSeverity.CRITICAL)
    titles = list(alerts.values_list("pk", "title")[: SHOWN + 1])
    return Facts(
        environment=environment,
        version=version,
        at=moment,
        now=now,
        horizon=horizon,
        freezes=freezes,
        windows=_windows(windows_of(project_id, environment), moment, horizon),
        budgets=budgets_of(project_id, environment, now),
        alerts=[AlertFact(*each) for each in titles[:SHOWN]],
        critical_alerts=len(titles) if len(titles) <= SHOWN else alerts.count(),
        running=_running(project_id, environment),
        current=(current := _current(project_id, environment)),
        rollback_to=_rollback_to(project_id, environment) if version else frozenset(),
        override=_override(override_in_force(project_id, environment, version, moment)),
        is_known_environment=current is not None or _is_known(project_id, environment),
    )


def _horizon(freezes: Sequence[FreezeFact], at: datetime) -> datetime:
    last = max((each.ends_at for each in freezes), default=at)
    return min(max(last, at) + SEEN_AHEAD, at + FARTHEST)


def _freeze(row: Freeze) -> FreezeFact:
    return FreezeFact(
        freeze_id=row.pk,
        name=row.name,
        starts_at=row.starts_at,
        ends_at=row.over_at,
        reason=row.reason,
        zone=row.zone,
        is_of_all_projects=row.project_id is None,
    )


def _windows(rows: Sequence[DeploymentWindow], at: datetime, horizon: datetime) -> list[WindowFact]:
    codes = {row.calendar for row in rows if row.rule != WindowRule.TIMES}
    markets = {code: market(code, at, horizon) for code in sorted(codes)}
    return [_window(row, markets.get(row.calendar)) for row in rows]


def _window(row: DeploymentWindow, known: Market | None) -> WindowFact:
    is_times = row.rule == WindowRule.TIMES
    return WindowFact(
        window_id=row.pk,
        name=row.name,
        rule=WindowRule(row.rule),
        decision=row.outside,
        calendar="" if is_times else row.calendar,
        market=None if is_times else known,
        times=_times(row) if is_times else (),
        before=timedelta(minutes=row.minutes_before),
        after=timedelta(minutes=row.minutes_after),
    )


def _times(row: DeploymentWindow) -> tuple[TimeWindow, ...]:
    """Return its times of the week; what cannot be read (the admin refuses it) lets nothing out."""
    try:
        return tuple(parse_windows(row.times, zone=row.zone))
    except WindowFault:
        return ()


def _running(project_id: int, environment: str) -> list[RunningFact]:
    rows = Deployment.objects.filter(project=project_id, environment=environment, state=DeploymentState.IN_PROGRESS)
    values = rows.order_by("-started_at", "-pk").values_list("pk", "version", "deployed_by", "started_at")
    return [RunningFact(*each) for each in values[:SHOWN]]


def _current(project_id: int, environment: str) -> CurrentFact | None:
    row = current_deployment(project_id, environment)
    if row is None:
        return None
    kept_by = (row.kept_by or "somebody") if row.kept_at else ""
    return CurrentFact(row.pk, row.version, Verdict(row.verdict) if row.verdict else None, kept_by)


def _rollback_to(project_id: int, environment: str) -> frozenset[str]:
    rows = Rollback.objects.filter(
        deployment__project=project_id, deployment__environment=environment, state__in=OPEN_STATES
    )
    return frozenset(rows.values_list("to_version", flat=True))


def _override(row: GateOverride | None) -> OverrideFact | None:
    if row is None:
        return None
    return OverrideFact(row.pk, row.version, row.reason, row.created_by, row.created_at, row.ends_at)


def _is_known(project_id: int, environment: str) -> bool:
    known = Environment.objects.filter(project=project_id, name=environment)
    return known.exists() or Deployment.objects.filter(project=project_id, environment=environment).exists()
