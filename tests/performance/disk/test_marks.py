import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.performance.disk.marks import Level, Marks, clears, level_of, marks_of, refuses

GB = 1 << 30
PERCENTS = {"low_percent": 85, "high_percent": 90, "critical_percent": 95, "headroom_bytes": 4 * GB}
MARKS = Marks(total_bytes=100, low=15, high=10, resume=6, critical=5)


@pytest.mark.parametrize(
    ("total", "low", "high", "critical"),
    [(10 * GB, 1.5, 1.0, 0.5), (20 * GB, 3.0, 2.0, 1.0), (1000 * GB, 6.0, 4.0, 1.0), (0, 0, 0, 0)],
)
def test_marks_are_a_share_of_a_small_disk_and_bounded_on_a_large_one(total, low, high, critical) -> None:
    marks = marks_of(total, **PERCENTS)
    assert [round(each / GB, 2) for each in (marks.low, marks.high, marks.critical)] == [low, high, critical]


@given(
    st.integers(0, 1 << 50),
    st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True).map(sorted),
    st.integers(16 << 20, 1 << 45),
)
def test_marks_are_always_in_order(total, percents, headroom) -> None:
    low, high, critical = percents
    marks = marks_of(total, low_percent=low, high_percent=high, critical_percent=critical, headroom_bytes=headroom)
    assert total >= marks.low >= marks.high >= marks.resume >= marks.critical >= 0


@pytest.mark.parametrize(
    ("free", "level", "clear", "clears_on", "refuse", "refuses_on"),
    [
        (15, Level.OK, False, False, False, False),
        (14, Level.OK, False, True, False, False),
        (10, Level.OK, False, True, False, False),
        (9, Level.HIGH, True, True, False, False),
        (6, Level.HIGH, True, True, False, False),
        (5, Level.HIGH, True, True, False, True),
        (4, Level.CRITICAL, True, True, True, True),
        (0, Level.CRITICAL, True, True, True, True),
    ],
)
def test_what_free_space_leads_to(free, level, clear, clears_on, refuse, refuses_on) -> None:
    assert level_of(free, MARKS) is level
    assert [clears(free, MARKS, has_begun=begun) for begun in (False, True)] == [clear, clears_on]
    assert [refuses(free, MARKS, has_begun=begun) for begun in (False, True)] == [refuse, refuses_on]
