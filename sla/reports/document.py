"""A report as its document: what the API answers as JSON, and what every other form is made from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sla.models import ClosedPeriod
from sla.reports.asking import Asked
from sla.reports.canonical import Document, sealed
from sla.reports.costs import costs_of
from sla.reports.entries import Entry, entry_of, moment, zone_of
from sla.reports.incidents import Happened, alerts_between, incidents_of
from sla.reports.late import late_since
from sla.reports.lede import lede_of, summary_of
from sla.reports.reading import Part, parts_of
from sla.reports.rows import rows_of
from tradewatch.metrics.markers import markers_between
from tradewatch.projects.models import Project

FORMAT = 1


def build(project: Project, asked: Asked, now: datetime) -> Document:
    """Return the sealed document. Raises `Invalid` for a period that has not begun.

    A period that is closed shows the figures of its closing, and what came later apart. Numbers that may be broken are
    texts of Decimals, others integers; null: no data.
    """
    parts = parts_of(project, asked, now)
    closed = closed_of(parts)
    start, end = edges_of(parts, now)
    alerts = alerts_between(project.pk, start, end, now) if parts else []
    entries = [
        reopened(closed[part.version.target_id], part) if part.version.target_id in closed else full_entry(part, alerts)
        for part in parts
    ]
    return sealed(
        {
            "format": FORMAT,
            "name": name_of(asked, now),
            "project": {"id": project.pk, "slug": project.slug, "name": project.name},
            "made_at": moment(now),
            "period": period_over(asked, entries, now),
            "summary": summary_of(entries),
            "lede": lede_of(entries, is_over=all(entry["period"]["is_over"] for entry in entries)),
            "targets": entries,
            "markers": _markers(project, start, end),
        }
    )


def name_of(asked: Asked, now: datetime) -> str:
    """Return `SLA-2026-11`, of a market `SLA-XNYS-2026-11-23`, of the last days `SLA-30d-2026-11-26`."""
    period = asked.named.name if asked.named else f"{asked.days}d-{now.astimezone(UTC):%Y-%m-%d}"
    return "-".join(filter(None, ("SLA", asked.market.replace("/", "-"), period)))


def full_entry(part: Part, alerts: Sequence[Happened]) -> Entry:
    """Return the target's entry with its rows, incidents and costs, judged now."""
    version, judged = part.version, part.judged
    zone = zone_of(version, part.market)
    rows = rows_of(judged, part.judge_part, objective=version.objective, zone=zone, market=part.market)
    entry = entry_of(version, judged, part.market, rows)
    return {**entry, **incidents_of(alerts, judged, part.minutes, version), **costs_of(part)}


def reopened(closed: ClosedPeriod, part: Part) -> Entry:
    """Return the entry as it was closed, with what has come since."""
    return {**closed.entry, "closed_at": moment(closed.closed_at), "late": late_since(closed, part)}


def closed_of(parts: Sequence[Part]) -> dict[int, ClosedPeriod]:
    """Return {target id: its closed period} of those parts whose very period is closed."""
    wanted = {part.version.target_id: (part.judged.period.start, part.judged.period.end) for part in parts}
    rows = ClosedPeriod.objects.filter(target__in=wanted, period_end__in={end for _, end in wanted.values()})
    return {row.target_id: row for row in rows if (row.period_start, row.period_end) == wanted[row.target_id]}


def edges_of(parts: Sequence[Part], now: datetime) -> tuple[datetime, datetime]:
    periods = [part.judged.period for part in parts]
    return (
        min((period.start for period in periods), default=now),
        max((period.end for period in periods), default=now),
    )


def period_over(asked: Asked, entries: Sequence[Mapping[str, Any]], now: datetime) -> Entry:
    """Return the stretch of all targets. `zone` null: they differ, and each entry tells its own."""
    periods = [entry["period"] for entry in entries]
    zones = {period["zone"] for period in periods}
    lengths = {period["seconds"] for period in periods}
    end = max((period["end"] for period in periods), default=None)
    return {
        "name": asked.named.name if asked.named else f"{asked.days}d",
        "label": asked.named.label if asked.named else f"last {asked.days} days",
        "start": min((period["start"] for period in periods), default=None),
        "end": end,
        "until": None if end is None else min(end, moment(now)),
        "seconds": lengths.pop() if len(lengths) == 1 else None,
        "zone": zones.pop() if len(zones) == 1 else None,
        "is_over": bool(periods) and all(period["is_over"] for period in periods),
    }


def _markers(project: Project, start: datetime, end: datetime) -> list[Entry]:
    found = markers_between([project.pk], "", int(start.timestamp()), int(end.timestamp()))
    return [{"at": moment(datetime.fromtimestamp(each.at_epoch, UTC)), "label": each.label} for each in found]
