"""/system: disk use by kind, its history, how long the disk lasts; how TradeWatch itself and upstreams do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tradewatch.dashboard import words
from tradewatch.dashboard.charts import Chart, Line
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.ranges import Span, span_ending
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.system.keeping import keeping_section, standing_words
from tradewatch.dashboard.system.own import own_section
from tradewatch.dashboard.system.relay import relay_section
from tradewatch.performance.disk.forecast import Forecast
from tradewatch.performance.disk.sampling import growth, history, outlook
from tradewatch.performance.disk.standing import standing
from tradewatch.performance.disk.watching import watched
from tradewatch.performance.models import DiskSample

SHOWN = timedelta(days=30)
STEP_SECONDS = 6 * 3600
MOST_LINES = 5
WARNING_DAYS, CRITICAL_DAYS = 30, 7

_SAYS = {
    "events": "error events, a row each",
    "payloads": "their documents",
    "issues": "issues with their counters, tags and users",
    "attachments": "attachments, sessions and items kept for later",
    "traces": "raw transactions and spans",
    "logs": "log lines",
    "metrics": "counters, histograms and buckets of all metrics",
    "checks": "external checks and hosts",
    "alerts": "alerts, occurrences, deliveries",
    "inbox": "what waits to be digested, and dead letters",
    "audit": "the audit trail",
    "unused": "free pages within the file, filled before it grows",
    "other": "sessions, schedules, the database's log",
}
_SETTINGS: Mapping[str, tuple[str, str]] = {  # kind: the setting that ends it, in the code and in the environment
    "events": ("EVENT_RETENTION", "TRADEWATCH_EVENT_RETENTION_DAYS"),
    "payloads": ("EVENT_RETENTION", "TRADEWATCH_EVENT_RETENTION_DAYS"),
    "attachments": ("KEPT_ITEM_RETENTION", "TRADEWATCH_KEPT_ITEM_RETENTION_DAYS"),
    "traces": ("TRACE_RETENTION", "TRADEWATCH_TRACE_RETENTION_DAYS"),
    "logs": ("LOG_RETENTION", "TRADEWATCH_LOG_RETENTION_DAYS"),
    "metrics": ("METRIC_RETENTION", "TRADEWATCH_METRIC_RETENTION_DAYS"),
    "inbox": ("DEAD_LETTER_RETENTION", "TRADEWATCH_DEAD_LETTER_RETENTION_DAYS"),
    "audit": ("AUDIT_RETENTION", "TRADEWATCH_AUDIT_RETENTION_DAYS"),
}


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    says: str
    size: str
    ratio: float
    growth: str
    kept: str
    setting: str


@page
def system(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Show it to who may see the audit trail: it is about the installation, not about a project."""
    if not request.user.has_perm("core.view_auditentry"):
        raise PermissionDenied
    now = timezone.now()
    samples = history(now)
    ahead = outlook(samples)
    last = samples[-1] if samples else None
    disk = standing()
    context = {
        "standing": standing_words(disk),
        "standing_tone": "critical" if disk["level"] == "critical" else "warning",
        "cleared": _cleared_words(disk),
        "clearing_began_at": watched().began_at,
        "keeping": keeping_section(scope.project_ids, now),
        "last": last,
        "ahead": ahead,
        "tone": _tone(ahead),
        "used": words.size(last.used_bytes) if last else "",
        "free": words.size(last.free_bytes) if last else "",
        "total": words.size(last.total_bytes) if last else "",
        "grows": _growth_words(ahead.bytes_a_day),
        "rows": _rows(last, growth(samples)) if last else [],
        "relay": relay_section(scope.project_ids, now),
        "own": own_section(scope.project_ids, now),
        "chart": _chart(history(now, since=SHOWN), span_ending(now, length=SHOWN, step_seconds=STEP_SECONDS)),
    }
    return show(request, scope, "dashboard/system.html", context, crumb="System")


def _cleared_words(disk: Mapping[str, Any]) -> str:
    return ", ".join(f"{words.count(rows)} of {kind}" for kind, rows in disk.get("cleared", {}).items())


def _tone(ahead: Forecast) -> str:
    if ahead.days_left is None:
        return "info"
    return "critical" if ahead.days_left < CRITICAL_DAYS else "warning" if ahead.days_left < WARNING_DAYS else "ok"


def _rows(last: DiskSample, rates: Mapping[str, float]) -> list[Row]:
    used = last.used_bytes or 1
    rows = []
    for kind, size in sorted(last.sizes.items(), key=lambda item: -item[1]):
        setting, variable = _SETTINGS.get(kind, ("", ""))
        kept = f"{getattr(settings, setting).days} days" if setting else ""
        rate = _growth_words(rates.get(kind))
        rows.append(Row(kind, _SAYS.get(kind, ""), words.size(size), size / used, rate, kept, variable))
    return rows


def _growth_words(bytes_a_day: float | None) -> str:
    if bytes_a_day is None:
        return words.NO_DATA
    if abs(bytes_a_day) < 1000:
        return "still"
    return ("+" if bytes_a_day > 0 else "−") + words.size(abs(bytes_a_day)) + " a day"


def _chart(samples: Sequence[DiskSample], span: Span) -> Chart | None:
    if not samples:
        return None
    last = samples[-1]
    kinds = sorted(last.sizes, key=lambda kind: -last.sizes[kind])[:MOST_LINES]
    first, *more = [Line(kind, f"s{place}", _values(samples, kind, span)) for place, kind in enumerate(kinds, start=1)]
    return Chart(
        key="disk",
        name=first.name,
        unit="B",
        style=first.style,
        start=span.epoch_start,
        step=span.step_seconds,
        values=first.values,
        finding=f"{words.size(last.used_bytes)} in use, most of it {first.name}",
        empty="no sample yet",
        more=tuple(more),
        silence="no sample",
    )


def _values(samples: Sequence[DiskSample], kind: str, span: Span) -> tuple[float | None, ...]:
    """Return the last sample of each step."""
    found: list[float | None] = [None] * span.steps
    for each in samples:
        place = (int(each.at.timestamp()) - span.epoch_start) // span.step_seconds
        if 0 <= place < span.steps:
            found[place] = float(each.sizes.get(kind, 0))
    return tuple(found)
