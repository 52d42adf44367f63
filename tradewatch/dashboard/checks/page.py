"""The page of one check: bars, response times, history, outages, what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewatch.calendars.spans import Span
from tradewatch.core.paging import read_page
from tradewatch.dashboard import words
from tradewatch.dashboard.alert_bands import bands_of
from tradewatch.dashboard.chart_frame import ChartFrame
from tradewatch.dashboard.charts import Chart, Limit, Line
from tradewatch.dashboard.checks.listing import WINDOWS, CheckLine, lines_of
from tradewatch.dashboard.checks.words import LEVEL_BADGES, asked_words
from tradewatch.dashboard.ranges import Period
from tradewatch.metrics.markers import markers_between
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.news import fingerprint_of
from tradewatch.performance.checks.planned import maintenance_of
from tradewatch.performance.checks.queries import open_alerts_of, outages_of, response_times, results_of, stretches_of
from tradewatch.performance.checks.uptime import outside, share_words, uptime_of
from tradewatch.performance.models import Check

RESULTS_A_PAGE, OUTAGES_SHOWN = 30, 20


@dataclass(frozen=True, slots=True)
class ResultLine:
    at: datetime
    label: str
    badge: str
    took: str
    detail: str


def page_of(row: Check, period: Period, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the template shows. Raises `Invalid` for a cursor that is none."""
    span = period.span(now)
    line: CheckLine = lines_of([row], span.start, min(span.end, now), now=now)[0]
    only_failures = asked.get("show") == "failures"
    results = results_of(row, only_failures=only_failures)
    page = read_page(results, order=("-id",), cursor=asked.get("cursor"), size=RESULTS_A_PAGE)
    return {
        "check": row,
        "line": line,
        "uptimes": list(zip(line.uptimes, unplanned_shares(row, now=now), strict=True)),
        "asked": asked_words(row),
        "chart": response_chart(row, period, now=now),
        "results": [
            ResultLine(
                each.at,
                each.get_level_display(),
                LEVEL_BADGES[Level(each.level)],
                "" if each.seconds is None else words.seconds(each.seconds),
                each.detail,
            )
            for each in page.rows
        ],
        "next": page.next,
        "is_first": not asked.get("cursor"),
        "only_failures": only_failures,
        "outages": outages_of(row, now=now, limit=OUTAGES_SHOWN),
        "alerts": open_alerts_of(row)[:5],
    }


def unplanned_shares(row: Check, *, now: datetime) -> list[str]:
    """Return for each of `WINDOWS` the share without maintenance, empty where there was none."""
    first = now - max(length for _, length in WINDOWS)
    planned = [Span(each.start, each.end) for each in maintenance_of(row, first, now)]
    if not planned:
        return [""] * len(WINDOWS)
    left = outside(stretches_of([row.pk], first, now)[row.pk], planned)
    return [
        share_words(uptime_of(left, now - length, now).share)
        if any(each.end > now - length for each in planned)
        else ""
        for _, length in WINDOWS
    ]


def response_chart(row: Check, period: Period, *, now: datetime) -> Chart:
    span = period.chart_span(now)
    found = response_times(row, span.epoch_start, step=span.step_seconds, steps=span.steps)
    about = [row.project_id], row.environment, span.epoch_start, span.epoch_end
    bands = bands_of(row.project_id, fingerprint_of(row.pk), span.start, span.end)
    frame = ChartFrame(span, tuple(markers_between(*about)), bands, period.is_live)
    slow = row.slow_seconds
    return frame.chart(
        "response",
        "median",
        tuple(None if each is None else round(each[0] * 1000, 2) for each in found),
        unit="ms",
        more=[Line("p95", "s2", tuple(None if each is None else round(each[1] * 1000, 2) for each in found))],
        empty="nothing answered in this time",
        silence="no answer",
        limit=None if slow is None else Limit(slow * 1000, f"slow above {words.seconds(slow)}"),
    )
