"""Documents without a database: targets that were met, missed and without data over November 2026 in New York."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sla.choices import CorrectionKind, Direction, Indicator, TargetState
from sla.figures.values import Exclusion, Figures, Judged, Period
from sla.minutes.values import UNIT, Sums
from sla.models import Target, TargetVersion
from sla.reports.canonical import sealed
from sla.reports.entries import entry_of, moment
from sla.reports.lede import lede_of, summary_of
from sla.reports.rows import rows_of
from tradewatch.calendars.spans import Span
from tradewatch.projects.models import Project

ZONE = ZoneInfo("America/New_York")
START, END = datetime(2026, 11, 1, tzinfo=ZONE).astimezone(UTC), datetime(2026, 12, 1, tzinfo=ZONE).astimezone(UTC)
NOW = datetime(2026, 12, 1, 11, tzinfo=UTC)
DAY_VALID = 250_000


def make_version(name: str = "order_availability", **fields: Any) -> TargetVersion:
    """Return an unsaved version; by default 99.9% availability of POST /orders."""
    target = Target(
        pk=fields.pop("pk", 1), metric_name=name, project=Project(pk=1, name="trading-api", slug="trading-api")
    )
    values: dict[str, Any] = {
        "number": 4,
        "valid_from": START,
        "actor": "Elena Park",
        "environment": "production",
        "indicator": Indicator.AVAILABILITY,
        "definition": {"transaction": "POST /orders"},
        "direction": Direction.HIGHER,
        "target_value": Decimal("0.999"),
        "warning_threshold": Decimal("0.998"),
        "critical_threshold": Decimal("0.995"),
        "objective": Decimal("0.999"),
        "zone": "America/New_York",
    }
    return TargetVersion(target=target, **values | fields)


def figures_of(version: TargetVersion, valid: int, bad: int, minutes: int = 1440) -> Figures:
    """What `sla.figures.budget` comes to, written once more: plain counts of events in."""
    sli = Decimal(valid - bad) / valid if valid else None
    allowed = (1 - Fraction(version.objective)) * valid
    value = sli if version.direction == Direction.HIGHER or sli is None else 1 - sli
    state = TargetState.NO_DATA if value is None else TargetState.MET
    if value is not None and (value < version.target_value) == (version.direction == Direction.HIGHER):
        state = TargetState.MISSED if value != version.target_value else state
    remaining = 1 - Fraction(bad) / allowed if allowed else None
    return Figures(
        sums=Sums(valid * UNIT, bad * UNIT, valid, bad, minutes if valid else 0),
        value=value,
        sli=sli,
        allowed=None if not valid else Decimal(allowed.numerator) / allowed.denominator,
        remaining=None if remaining is None else Decimal(remaining.numerator) / remaining.denominator,
        state=state,
        coverage=Decimal(1 if valid else 0),
        minutes_expected=minutes,
        is_approximate=False,
    )


def make_entry(
    version: TargetVersion, bad_by_day: dict[int, int], *, valid: int = DAY_VALID, **more: Any
) -> dict[str, Any]:
    """Return the entry of a month with so many failures on each of its days; `valid` 0: no data."""
    period = Period(START, END, "2026-11", (Span(START, END),))

    def judged_over(part: Period) -> Judged:
        first, last = part.start.astimezone(ZONE), part.end.astimezone(ZONE)
        days = [first.day] if part is not period else range(1, 31)
        assert last > first
        figures = figures_of(version, valid * len(days), sum(bad_by_day.get(day, 0) for day in days))
        return Judged(version.target_id, 1, part, NOW, figures, figures, None, ())

    judged = judged_over(period)
    if exclusions := more.pop("exclusions", ()):
        judged = Judged(version.target_id, 1, period, NOW, judged.adjusted, judged.raw, None, exclusions)
    rows = rows_of(judged, judged_over, objective=version.objective, zone=ZONE, market=None)
    return {**entry_of(version, judged, None, rows), **more}


def make_exclusion(**fields: Any) -> Exclusion:
    start = datetime(2026, 11, 4, 20, 30, tzinfo=UTC)
    values = {
        "span": Span(start, start + timedelta(minutes=20)),
        "kind": CorrectionKind.MAINTENANCE,
        "reason": "announced by the venue",
        "actor": "Elena Park",
        "correction_id": 7,
        "sums": Sums(7702 * UNIT, 988 * UNIT, 7702, 988, 20),
    }
    return Exclusion(**values | fields)


def make_document(*entries: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a sealed document of three targets, or of those given."""
    found = list(entries) or [
        make_entry(make_version(), {11: 1874, 17: 902, 23: 541}, exclusions=(make_exclusion(),)),
        make_entry(
            make_version(
                "error_rate",
                pk=2,
                indicator=Indicator.ERROR_RATE,
                direction=Direction.LOWER,
                target_value=Decimal("0.005"),
                warning_threshold=Decimal("0.01"),
                critical_threshold=Decimal("0.02"),
                objective=Decimal("0.995"),
            ),
            {2: 90_001},
        ),
        make_entry(make_version("settlement_uptime", pk=3, indicator=Indicator.UPTIME, definition={}), {}, valid=0),
    ]
    document = {
        "format": 1,
        "name": "SLA-2026-11",
        "project": {"id": 1, "slug": "trading-api", "name": "trading-api"},
        "made_at": moment(NOW),
        "period": {
            "name": "2026-11",
            "label": "November 2026",
            "start": moment(START),
            "end": moment(END),
            "until": moment(END),
            "seconds": int((END - START).total_seconds()),
            "zone": "America/New_York",
            "is_over": True,
        },
        "summary": summary_of(found),
        "lede": lede_of(found, is_over=True),
        "targets": found,
        "markers": [{"at": "2026-11-11T15:40:00Z", "label": "2.0.0"}],
    }
    return sealed(document | fields)
