"""A target's part of a report's document: what it promises, what it came to, from which counts. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sla.choices import WindowKind
from sla.figures.values import Exclusion, Figures, Judged, Period
from sla.minutes.values import UNIT
from sla.models import TargetVersion
from sla.reports.numbers import exact, weighted
from sla.reports.promises import promise_of, unit_of
from tradewatch.calendars.sessions import Market
from tradewatch.calendars.wall_clock import next_clock_change, offset_change, reading_at

Entry = dict[str, Any]


def entry_of(version: TargetVersion, judged: Judged, market: Market | None, rows: Sequence[Entry]) -> Entry:
    """Return the target's figures as of `judged.now`; what others add (incidents, costs, late) is empty."""
    target = version.target
    return {
        "id": target.pk,
        "metric_name": target.metric_name,
        "title": target.title,
        "promise": promise_of(version),
        "indicator": version.indicator,
        "environment": version.environment,
        "unit": unit_of(version.indicator),
        "direction": version.direction,
        "target_value": exact(version.target_value),
        "warning_threshold": exact(version.warning_threshold),
        "critical_threshold": exact(version.critical_threshold),
        "objective": exact(version.objective),
        "version": version_of(version),
        "period": period_of(version, judged.period, judged.now, market),
        "state": judged.adjusted.state,
        "value": exact(judged.adjusted.value),
        "adjusted": figures_of(judged.adjusted, version.objective),
        "raw": figures_of(judged.raw, version.objective),
        "projected": None
        if judged.projected is None or counts_until(judged.period) <= judged.now
        else figures_of(judged.projected, version.objective),
        "exclusions": [exclusion_of(each) for each in judged.exclusions],
        "rows": list(rows),
        "incidents": [],
        "incident_share": None,
        "incident_elsewhere": None,
        "releases": None,
        "issues": None,
        "closed_at": None,
        "late": None,
    }


def version_of(version: TargetVersion) -> Entry:
    return {
        "number": version.number,
        "valid_from": moment(version.valid_from),
        "actor": version.actor,
        "reason": version.reason,
    }


def figures_of(figures: Figures, objective: Decimal) -> Entry:
    """Return one side. Counts are weighted by sample rate but for those that were `received`; null: no data."""
    sums, has_data = figures.sums, figures.sums.valid > 0
    allowed = (1 - objective) * Decimal(sums.valid) / UNIT
    return {
        "state": figures.state,
        "value": exact(figures.value),
        "sli": exact(figures.sli),
        "valid": weighted(sums.valid),
        "bad": weighted(sums.bad),
        "received": sums.received,
        "received_bad": sums.received_bad,
        "allowed": exact(allowed) if has_data else None,
        "budget_used": None if figures.remaining is None else exact(1 - figures.remaining),
        "budget_left": exact(figures.remaining),
        "coverage": exact(figures.coverage),
        "minutes_measured": sums.minutes,
        "minutes_expected": figures.minutes_expected,
        "approximate": figures.is_approximate,
    }


def exclusion_of(exclusion: Exclusion) -> Entry:
    return {
        "start": moment(exclusion.span.start),
        "end": moment(exclusion.span.end),
        "kind": exclusion.kind,
        "reason": exclusion.reason,
        "actor": exclusion.actor,
        "correction_id": exclusion.correction_id,
        "valid": weighted(exclusion.sums.valid),
        "bad": weighted(exclusion.sums.bad),
        "received": exclusion.sums.received,
        "received_bad": exclusion.sums.received_bad,
    }


def period_of(version: TargetVersion, period: Period, now: datetime, market: Market | None) -> Entry:
    """Return the stretch with its true length: `seconds` from end to end, `counted_seconds` without closed times."""
    zone = zone_of(version, market)
    change = next_clock_change(period.start, zone, within=period.end - period.start)
    return {
        "label": period.label,
        "start": moment(period.start),
        "end": moment(period.end),
        "seconds": int((period.end - period.start).total_seconds()),
        "counted_seconds": int(sum(span.length.total_seconds() for span in period.spans)),
        "unknown_seconds": int(sum(span.length.total_seconds() for span in period.unknown)),
        "zone": str(zone),
        "is_over": counts_until(period) <= now,
        "window": version.window,
        "clock_change": None
        if change is None or change >= period.end
        else {"at": moment(change), "seconds": int(offset_change(change, zone).total_seconds())},
        "sessions": sessions_of(version, period, market),
    }


def counts_until(period: Period) -> datetime:
    """Return when nothing can count any more: a market's period is over with its last session."""
    last = max((span.end for span in period.spans), default=period.end)
    return max([last, *(span.end for span in period.unknown)])


def sessions_of(version: TargetVersion, period: Period, market: Market | None) -> Entry | None:
    """Return the sessions that began in the period, its half days and named holidays; None: not in market time."""
    if version.window != WindowKind.MARKET:
        return None
    if market is None:
        return {"market": version.market, "count": None, "half_days": [], "holidays": []}
    held = [session for session in market.sessions if period.start <= session.opens_at < period.end]
    first, last = reading_at(period.start, market.zone).date(), reading_at(period.end, market.zone).date()
    return {
        "market": market.code,
        "count": len(held),
        "half_days": [session.day.isoformat() for session in held if session.is_early_close],
        "holidays": [
            {"day": day.isoformat(), "name": name} for day, name in sorted(market.holidays) if first <= day < last
        ],
    }


def zone_of(version: TargetVersion, market: Market | None) -> ZoneInfo:
    return market.zone if market is not None and version.window == WindowKind.MARKET else ZoneInfo(version.zone)


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
