"""What a target comes to over a period: values only. Every page, answer, report and alert is made of these."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sla.choices import CorrectionKind, TargetState
from sla.minutes.values import Sums
from tradewatch.calendars.spans import Span


@dataclass(frozen=True, slots=True)
class Period:
    """`start` to `end` (UTC; `end` may lie ahead). `spans`: when it counts: market sessions, or all of it, without
    `excluded`, the version's own `excluded_times` in it. `unknown`: what the market calendar does not cover, which
    never counts."""

    start: datetime
    end: datetime
    label: str
    spans: tuple[Span, ...]
    unknown: tuple[Span, ...] = ()
    excluded: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Time taken out, joined where it overlaps, and the counts that went with it. `correction_id` None: the version's
    own recurring times."""

    span: Span
    kind: CorrectionKind
    reason: str
    actor: str
    correction_id: int | None
    sums: Sums


@dataclass(frozen=True, slots=True)
class Figures:
    """One side, raw or adjusted. Ratios are from 0 to 1, times in seconds; None: no data.

    `value` is what is compared with the thresholds. `sli` = good / valid; `allowed` = (1 - objective) * valid, in
    events, and `remaining` = 1 - bad / allowed, never clamped (None without valid events; where nothing is allowed it
    is 1 while nothing was bad, then None). `coverage` = minutes that had data / minutes that count up to now. For
    timeslices `sums` counts slices (each `UNIT`). `is_approximate`: some of it came from histograms, ±1%.
    """

    sums: Sums
    value: Decimal | None
    sli: Decimal | None
    allowed: Decimal | None
    remaining: Decimal | None
    state: TargetState
    coverage: Decimal | None
    minutes_expected: int
    is_approximate: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A target's period as of `now`. `projected` is where a running period ends when it goes on as so far."""

    target_id: int
    version_id: int
    period: Period
    now: datetime
    adjusted: Figures
    raw: Figures
    projected: Figures | None
    exclusions: tuple[Exclusion, ...]

    @property
    def is_over(self) -> bool:
        return self.period.end <= self.now


@dataclass(frozen=True, slots=True)
class BurnPair:
    """One pair of windows: `factor` is what both burns must exceed. `severity`: page or ticket."""

    long_seconds: int
    short_seconds: int
    factor: Decimal
    severity: str
    least_bad: int


@dataclass(frozen=True, slots=True)
class Burning:
    """How a pair stands. Burns are error ratio / (1 - objective), None without data. `is_held`: a faster pair fires."""

    pair: BurnPair
    long_burn: Decimal | None
    short_burn: Decimal | None
    bad: int
    is_firing: bool
    is_held: bool
