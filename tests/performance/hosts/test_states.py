from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.hosts.reports import Figures, fault_of, figures_of
from tradewatch.performance.hosts.states import HostState, state_of

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds_ago", "interval_seconds", "is_retired", "expected"),
    [
        (0, 60, False, HostState.REPORTS),
        (180, 60, False, HostState.REPORTS),
        (181, 60, False, HostState.SILENT),
        (181, 5, False, HostState.SILENT),
        (600, 300, False, HostState.REPORTS),
        (901, 300, False, HostState.SILENT),
        (9999, 60, True, HostState.RETIRED),
        (-30, 60, False, HostState.REPORTS),
    ],
)
def test_no_news_for_three_minutes_or_three_reports_is_silence(
    seconds_ago: int, interval_seconds: int, is_retired: bool, expected: HostState
) -> None:
    state = state_of(
        NOW - timedelta(seconds=seconds_ago),
        timedelta(seconds=interval_seconds),
        retired_at=NOW if is_retired else None,
        now=NOW,
    )
    assert state == expected


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        (Point("cpu", 0.38), ""),
        (Point("disk.read", 1e9, labels(device="sda")), ""),
        (Point("load.ratio", 3.5), ""),
        (Point("cpu", 38.0), "ratio from 0 to 1"),
        (Point("memory.used", -1.0), "from 0 up"),
        (Point("cpu", float("nan")), "from 0 up"),
        (Point("orders.placed", 1.0), "/performance/metrics"),
        (Point("cpu", 0.1, labels(order="4711")), "attributes are"),
    ],
)
def test_a_point_is_taken_or_its_fault_is_said(point: Point, fault: str) -> None:
    assert fault in fault_of(point) and bool(fault) == bool(fault_of(point))


def test_the_disk_shown_is_the_fullest() -> None:
    points = [
        Point("disk", 0.2, labels(mount="/")),
        Point("disk", 0.9, labels(mount="/var")),
        Point("cpu", 0.5),
        Point("cpu.state", 0.4, labels(state="user")),
        Point("load.ratio", 1.5),
    ]
    assert figures_of(points) == Figures(None, 0.5, 1.5, None, None, 0.9, "/var")
    assert figures_of([]) == Figures(None, None, None, None, None, None, "")
