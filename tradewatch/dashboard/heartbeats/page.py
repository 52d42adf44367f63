"""The page of one cron monitor: how its runs went, how long they took, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from alerts.choices import AlertCategory
from alerts.heartbeats.choices import EntryKind
from alerts.heartbeats.queries import entries_since
from alerts.heartbeats.runs import (
    GOOD,
    WORST_FIRST,
    Outcome,
    Run,
    Share,
    late_after_seconds_of,
    runs_of,
    share_of,
    split,
    worst_of,
)
from alerts.heartbeats.services import fingerprint_of, schedule_words
from alerts.labels import LabelFacts, labels_of
from alerts.maintenance import Planned, last_labels, maintenance_within
from alerts.models import Heartbeat, HeartbeatEntry
from tradewatch.core.paging import read_page
from tradewatch.dashboard import words
from tradewatch.dashboard.alert_bands import bands_of
from tradewatch.dashboard.chart_frame import ChartFrame
from tradewatch.dashboard.charts import Chart, Limit
from tradewatch.dashboard.ranges import Period
from tradewatch.metrics.markers import markers_between

ENTRIES_A_PAGE = 50
BARS, BAR_WIDTH = 90, 4  # of a drawing 360 wide
WINDOWS = (("24 hours", timedelta(days=1)), ("7 days", timedelta(days=7)), ("30 days", timedelta(days=30)))
BADGES = {"up": "ok", "late": "warning", "missed": "bad", "failed": "bad", "too_long": "bad"}
LEVELS = {
    Outcome.OK: "ok",
    Outcome.LATE: "warn",
    Outcome.TOO_LONG: "warn",
    Outcome.FAILED: "crit",
    Outcome.MISSED: "crit",
}
MARKS = {EntryKind.SUCCESS: "t-ok", EntryKind.FAIL: "t-critical", EntryKind.MISSED: "t-critical"}


@dataclass(frozen=True, slots=True)
class Bar:
    """The worst run of a part of the range: `level` is ok, warn, crit, or empty where none ended."""

    level: str
    start: datetime
    end: datetime
    words: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    x: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    row: HeartbeatEntry
    mark: str
    took: str
    late: str


def page_of(row: Heartbeat, period: Period, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a cursor that is none."""
    span = period.span(now)
    start, end = span.start, min(span.end, now)
    late_after = late_after_seconds_of(row.grace_seconds)
    runs = runs_of(entries_since(row, min(start, now - WINDOWS[-1][1])), late_after_seconds=late_after)
    within = [run for run in runs if start <= run.at < end]
    page = read_page(row.entries.all(), order=("-id",), cursor=asked.get("cursor"), size=ENTRIES_A_PAGE)
    return {
        "heartbeat": row,
        "badge": BADGES.get(row.state, ""),
        "schedule": schedule_words(row),
        "shares": shares_of(row, runs, now=now),
        "bars": bars_of(within, start, end),
        "finding": finding_of(within),
        "chart": times_chart(row, runs, period, now=now),
        "last_took": "" if row.last_seconds is None else words.seconds(row.last_seconds),
        "entries": [entry_line(each, late_after_seconds=late_after) for each in page.rows],
        "next": page.next,
        "is_first": not asked.get("cursor"),
        "ping_url": f"{settings.PUBLIC_URL}/ping/{row.ping_key}",
    }


def shares_of(row: Heartbeat, runs: Sequence[Run], *, now: datetime) -> list[tuple[str, str, str]]:
    """Return (window, share, what it is of) for each of `WINDOWS`; what maintenance had planned counts, and is said."""
    planned = _maintenance(row, now - WINDOWS[-1][1], now)
    wrong = [run for run in runs if run.outcome not in GOOD and any(at.start <= run.at < at.end for at in planned)]
    shares = []
    for name, length in WINDOWS:
        share, of = share_words(share_of(runs, now - length, now))
        held = share_of(wrong, now - length, now).total
        shares.append((name, share, f"{of}, {held} in maintenance" if held else of))
    return shares


def _maintenance(row: Heartbeat, start: datetime, end: datetime) -> list[Planned]:
    labels = last_labels(row.project_id, fingerprint_of(row)) or labels_of(
        LabelFacts(
            severity=row.severity,
            category=AlertCategory.HEARTBEAT,
            project=row.project.slug,
            environment=row.environment,
            dedup_key=fingerprint_of(row),
            tags={"heartbeat": row.slug, "schedule": schedule_words(row)},
        )
    )
    return maintenance_within(row.project_id, labels, start, end)


def share_words(share: Share) -> tuple[str, str]:
    """Return `99.31%` and `2 of 288 runs went wrong`. Cut, not rounded: what went wrong once is never called 100%."""
    if not share.total:
        return words.NO_DATA, "no run ended"
    hundredths = share.good * 10_000 // share.total
    percent = f"{hundredths // 100}.{hundredths % 100:02}%" if hundredths % 100 else f"{hundredths // 100}%"
    return percent, f"{words.count(share.wrong)} of {words.plural(share.total, 'run')} went wrong"


def bars_of(runs: Sequence[Run], start: datetime, end: datetime) -> list[DrawnBar]:
    width = (end - start) / BARS
    return [
        DrawnBar(_bar(part, start + number * width, start + (number + 1) * width), number * BAR_WIDTH)
        for number, part in enumerate(split(runs, start, end, count=BARS))
    ]


def finding_of(runs: Sequence[Run]) -> str:
    """Return `288 runs: 1 did not come, 2 late`, for those who do not see the bars and those who count."""
    if not runs:
        return "no run ended in this time"
    counts = {outcome: sum(run.outcome == outcome for run in runs) for outcome in WORST_FIRST}
    parts = [f"{counts[each]} {each.label.lower()}" for each in WORST_FIRST if counts[each] and each != Outcome.OK]
    return f"{words.plural(len(runs), 'run')}: {', '.join(parts) or 'all good, none late'}"


def times_chart(row: Heartbeat, runs: Sequence[Run], period: Period, *, now: datetime) -> Chart:
    """Return the chart of the longest run that ended in each step."""
    span = period.chart_span(now)
    about = [row.project_id], row.environment, span.epoch_start, span.epoch_end
    bands = bands_of(row.project_id, fingerprint_of(row), span.start, span.end)
    frame = ChartFrame(span, tuple(markers_between(*about)), bands, period.is_live)
    longest: list[float | None] = [None] * span.steps
    for run in runs:
        step = int((run.at.timestamp() - span.epoch_start) // span.step_seconds)
        if run.seconds is not None and 0 <= step < span.steps:
            longest[step] = max(longest[step] or 0.0, round(run.seconds, 3))
    most = row.max_runtime_seconds
    return frame.chart(
        "runs",
        "longest run",
        tuple(longest),
        unit="s",
        empty="no run with a known length ended in this time",
        silence="no run",
        limit=None if most is None else Limit(most, f"longest allowed {words.span(timedelta(seconds=most))}"),
    )


def entry_line(entry: HeartbeatEntry, *, late_after_seconds: float) -> EntryLine:
    kind = EntryKind(entry.kind)
    late_seconds = entry.late_seconds or 0.0
    late = f"{words.span(timedelta(seconds=late_seconds))} late" if late_seconds > late_after_seconds else ""
    mark = "t-warning" if kind == EntryKind.TOO_LONG or (late and kind != EntryKind.FAIL) else MARKS.get(kind, "")
    return EntryLine(entry, mark, "" if entry.seconds is None else words.seconds(entry.seconds), late)


def _bar(runs: Sequence[Run], start: datetime, end: datetime) -> Bar:
    worst = worst_of(runs)
    if worst is None:
        return Bar("", start, end, "no run ended")
    alike = sum(run.outcome == worst for run in runs)
    said = f"{alike} of {len(runs)} {worst.label.lower()}" if len(runs) > 1 else worst.label
    return Bar(LEVELS[worst], start, end, said if worst not in GOOD or worst == Outcome.LATE else "good")
