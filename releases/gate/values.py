"""What the gate is asked about and what it says: values only. Moments are aware; ratios from 0 to 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from releases.choices import Decision, Verdict, WindowRule
from tradewatch.calendars.sessions import Market
from tradewatch.calendars.windows import TimeWindow

GRAVITY = {Decision.GO: 0, Decision.WARN: 1, Decision.NO_GO: 2}


@dataclass(frozen=True, slots=True)
class FreezeFact:
    """`ends_at`: when it really ends or ended, cancelled or not. `zone`: in which its end is told."""

    freeze_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    zone: str = "UTC"
    is_of_all_projects: bool = False


@dataclass(frozen=True, slots=True)
class WindowFact:
    """`market` None: there is no such calendar (for rules of a session). `decision`: what holds outside it."""

    window_id: int
    name: str
    rule: WindowRule
    decision: Decision
    calendar: str = ""
    market: Market | None = None
    times: tuple[TimeWindow, ...] = ()
    before: timedelta = timedelta()
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class BudgetFact:
    """How an SLA target that counts the environment stands. `remaining` None: no data, unless it `is_spent`.

    `has_enough`: so many events failed that it proves something. `burn`: the pace that alerts of it speak of, page or
    ticket, or empty. `is_of_service` False: it counts deployments or people, and never stops a deployment.
    """

    target_id: int
    name: str
    environment: str
    remaining: float | None
    is_spent: bool = False
    has_enough: bool = True
    burn: str = ""
    burn_rate: float | None = None
    coverage: float | None = None
    is_of_service: bool = True
    read_at: datetime | None = None

    @property
    def has_data(self) -> bool:
        return self.remaining is not None or self.is_spent


@dataclass(frozen=True, slots=True)
class AlertFact:
    alert_id: int
    title: str


@dataclass(frozen=True, slots=True)
class RunningFact:
    """A deployment in progress."""

    deployment_id: int
    version: str
    deployed_by: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class CurrentFact:
    """What the environment runs, and what its last look said. `kept_by`: who said that it stays although unhealthy."""

    deployment_id: int
    version: str
    verdict: Verdict | None = None
    kept_by: str = ""


@dataclass(frozen=True, slots=True)
class OverrideFact:
    override_id: int
    version: str
    reason: str
    created_by: str
    created_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known. `at`: the moment that freezes, windows and overrides are asked about, `now` that of the rest.

    `freezes` and `windows` are those of the environment, freezes to come included. `critical_alerts` is how many are
    open, of which `alerts` has some. `rollback_to`: the versions that open rollbacks bring back. `horizon`: as far as
    the sessions of markets were read.
    """

    environment: str
    version: str
    at: datetime
    now: datetime
    horizon: datetime
    freezes: Sequence[FreezeFact] = ()
    windows: Sequence[WindowFact] = ()
    budgets: Sequence[BudgetFact] = ()
    alerts: Sequence[AlertFact] = ()
    critical_alerts: int = 0
    running: Sequence[RunningFact] = ()
    current: CurrentFact | None = None
    rollback_to: frozenset[str] = frozenset()
    override: OverrideFact | None = None
    is_known_environment: bool = True

    @property
    def is_simulated(self) -> bool:
        return self.at != self.now

    @property
    def is_way_back(self) -> bool:
        return bool(self.version) and self.version in self.rollback_to


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against going, or that is said with it (`decision` go). `until`: when it ends by itself.

    `short` is for a card: "3 critical alerts open". `is_timed`: it ends by the clock, known or not.
    """

    code: str
    decision: Decision
    text: str
    short: str
    until: datetime | None = None
    is_timed: bool = False
    is_overridden: bool = False
    link: str = ""

    @property
    def blocks(self) -> bool:
        return self.decision == Decision.NO_GO and not self.is_overridden


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_at`: the first moment at which no timed reason blocks; None: none does, or nobody knows."""

    decision: Decision
    reasons: tuple[Reason, ...]
    retry_at: datetime | None
    facts: Facts
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def retry_after(self) -> int | None:
        """In whole seconds from the moment asked about."""
        return None if self.retry_at is None else ceil((self.retry_at - self.facts.at).total_seconds())
