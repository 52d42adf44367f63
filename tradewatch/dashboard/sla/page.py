"""The page of one target: what it came to, how its budget ran down, what it was spent on, every bad minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from alerts.models import Alert
from sla.burning.telling import burn_key, state_key
from sla.choices import WindowKind
from sla.costs.slots import left_spans
from sla.figures.values import Exclusion, Figures
from sla.models import Correction, Target
from sla.queries import versions_of
from sla.words import trimmed
from tradewatch.calendars.queries import market
from tradewatch.dashboard.sla.bad_minutes import bad_minutes_page
from tradewatch.dashboard.sla.burn_down import Side, axis_words, burn_down, side_of
from tradewatch.dashboard.sla.cells import cells_finding, cells_of, pieces_of
from tradewatch.dashboard.sla.closed import closed_rows
from tradewatch.dashboard.sla.evidence import explains
from tradewatch.dashboard.sla.hero import hero_of
from tradewatch.dashboard.sla.history import version_rows
from tradewatch.dashboard.sla.listing import line_of
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.spent import spent_of
from tradewatch.dashboard.sla.stats import stats_of
from tradewatch.dashboard.sla.words import (
    burn_words,
    counted,
    exact_share,
    left_words,
    pair_words,
    share_words,
    threshold_words,
    unit_of,
    value_words,
)
from tradewatch.metrics.markers import Band

BANDS = 50


@dataclass(frozen=True, slots=True)
class BurnRow:
    windows: str
    long: str
    short: str
    limit: str
    is_firing: bool
    is_held: bool
    severity: str
    bad: int
    least_bad: int


@dataclass(frozen=True, slots=True)
class SideRow:
    """One side of raw and adjusted."""

    name: str
    value: str
    left: str
    bad: str
    valid: str


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    exclusion: Exclusion
    kind: str
    bad: str
    valid: str


def page_of(seen: Seen, asked: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a page of minutes that is none."""
    side: Side = "raw" if asked.get("side") == "raw" else "adjusted"
    shown, version = side_of(seen.judged, side), seen.version
    alerts = alerts_of(seen)
    return {
        "target": seen.target,
        "version": version,
        "judged": seen.judged,
        "line": line_of(seen),
        "hero": hero_of(seen, next((each for each in alerts if each.is_open), None)),
        "stats": stats_of(seen),
        "side": side,
        "chart": burn_down(seen, side, bands_of(alerts, seen)),
        "chart_note": axis_words(shown),
        "spent": spent_of(seen, parameters),
        "minutes": bad_minutes_page(seen, left_spans(shown), asked),
        "no_evidence": explains(version.indicator),
        "counts": counts_of(seen, shown.adjusted),
        "sides": [_side("Adjusted", seen, seen.judged.adjusted), _side("Raw", seen, seen.judged.raw)],
        "exclusions": [_exclusion(each) for each in seen.judged.exclusions],
        "burns": burn_rows(seen),
        **_cells(seen),
        "thresholds": thresholds_of(seen),
        "closed": closed_rows(seen.target, seen.judged.now),
        "versions": version_rows(list(versions_of(seen.target))),
    }


def alerts_of(seen: Seen) -> list[Alert]:
    """Return the alerts about this target that touch its period, the newest first."""
    touches = Q(resolved_at=None) | Q(resolved_at__gt=seen.judged.period.start)
    keys = burn_key(seen.target.pk), state_key(seen.target.pk)
    rows = Alert.objects.filter(touches, project=seen.target.project_id, dedup_key__in=keys)
    return list(rows.filter(starts_at__lte=seen.judged.now).order_by("-starts_at")[:BANDS])


def bands_of(alerts: Sequence[Alert], seen: Seen) -> list[Band]:
    """Return when alerts about this target fired, in order of time."""
    period, now = seen.judged.period, seen.judged.now
    found = [
        Band(
            int(max(each.starts_at, period.start).timestamp()),
            int(min(each.resolved_at or now, period.end).timestamp()),
            each.title,
            each.get_absolute_url(),
        )
        for each in alerts
    ]
    return sorted(band for band in found if band.start < band.end)


def counts_of(seen: Seen, figures: Figures) -> dict[str, str]:
    """Return the counts that the budget is made of, as words, and how what is left follows from them."""
    sums, objective = figures.sums, seen.version.objective
    allowed = "" if figures.allowed is None else trimmed(f"{figures.allowed:,.2f}")
    found = {
        "unit": unit_of(seen.version)[0],
        "bad_word": unit_of(seen.version)[1],
        "valid": counted(sums.valid),
        "good": counted(sums.valid - sums.bad),
        "bad": counted(sums.bad),
        "received": f"{sums.received:,}",
        "received_bad": f"{sums.received_bad:,}",
        "is_weighted": "yes" if sums.valid != sums.received * 1_000_000 else "",
        "allowed": allowed,
        "allowed_share": exact_share(1 - objective),
        "sli": share_words(figures.sli, near=objective),
        "left": left_words(figures.remaining),
    }
    if figures.remaining is not None and figures.allowed:
        found["formula"] = f"1 − {found['bad']} / {allowed} = "
    return found


def burn_rows(seen: Seen) -> list[BurnRow]:
    return [
        BurnRow(
            windows=pair_words(each.pair),
            long=burn_words(each.long_burn),
            short=burn_words(each.short_burn),
            limit=burn_words(each.pair.factor),
            is_firing=each.is_firing,
            is_held=each.is_held,
            severity=each.pair.severity,
            bad=each.bad,
            least_bad=each.pair.least_bad,
        )
        for each in seen.burnings
    ]


def thresholds_of(seen: Seen) -> list[tuple[str, str, bool]]:
    """Return (name, value with its direction, whether it is reached or, for the target, missed)."""
    version, state = seen.version, seen.judged.adjusted.state
    better, worse = ("≥", "≤") if version.direction == "higher" else ("≤", "≥")
    return [
        ("Target", f"{better} {threshold_words(version, version.target_value)}", state in _MISSED),
        ("Warning", f"{worse} {threshold_words(version, version.warning_threshold)}", state in _WARNED),
        ("Critical", f"{worse} {threshold_words(version, version.critical_threshold)}", state == "critical"),
    ]


_MISSED, _WARNED = ("missed", "warning", "critical"), ("warning", "critical")


def withdrawable(target: Target, exclusions: Sequence[Exclusion]) -> set[int]:
    """Return the ids of corrections that people wrote: what deployments pushed is theirs to withdraw."""
    ids = [each.correction_id for each in exclusions if each.correction_id is not None]
    rows = Correction.objects.filter(pk__in=ids, project=target.project_id, source_key="", withdrawn_at=None)
    return set(rows.values_list("pk", flat=True))


def _side(name: str, seen: Seen, figures: Figures) -> SideRow:
    version = seen.version
    return SideRow(
        name=name,
        value=value_words(version, figures.value, near=version.target_value),
        left=left_words(figures.remaining),
        bad=counted(figures.sums.bad),
        valid=counted(figures.sums.valid),
    )


def _exclusion(each: Exclusion) -> ExclusionRow:
    return ExclusionRow(each, each.kind.label, counted(each.sums.bad), counted(each.sums.valid))


def _cells(seen: Seen) -> dict[str, Any]:
    version, judged = seen.version, seen.judged
    is_market = version.window == WindowKind.MARKET
    zone = _zone(seen)
    pieces = pieces_of(judged.period.spans, zone, is_market=is_market)
    now = datetime.fromtimestamp(int(judged.now.timestamp()) // 60 * 60, UTC)
    cells = cells_of(pieces, left_spans(judged), seen.minutes, objective=version.objective, now=now)
    return {
        "cells": cells,
        "cells_name": f"{version.market} sessions" if is_market else "Days",
        "cells_over": sum(cell.level != "next" for cell in cells),
        "cells_finding": cells_finding(cells),
    }


def _zone(seen: Seen) -> ZoneInfo:
    version, period = seen.version, seen.judged.period
    known = market(version.market, period.start, period.end) if version.market else None
    return known.zone if known else ZoneInfo(version.zone or "UTC")
