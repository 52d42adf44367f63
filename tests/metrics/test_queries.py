import random

import pytest

from tradewatch.metrics import queries
from tradewatch.metrics.queries import Totals
from tradewatch.metrics.services import CountRow, DurationRow, UserRow, add_counts, add_durations, add_users

pytestmark = pytest.mark.django_db

HOUR = 1_700_000_000 // 3600 * 3600
DAY = 86_400


def seed(*moments, series="events", project_id=1, environment="production", weighted=1.0):
    add_counts([CountRow(project_id, environment, series, HOUR + moment, 1, weighted) for moment in moments])


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 60),
        (0, 3600),
        (60, 3600),
        (-3600, 7200),
        (1800, 5400),
        (120, 7080),
        (3540, 3660),
        (0, 4 * 3600),
        (-7200, 4 * 3600 + 60),
        (59, 61),  # cut to the minute
        (-3 * DAY, 3 * DAY),
        (-2 * DAY + 60, 2 * DAY + 7260),
        (-HOUR % DAY, -HOUR % DAY + DAY),  # a day exactly
        (600, 600),
    ],
)
def test_a_total_is_the_exact_count_of_its_minutes(start, end):
    moments = random.Random(7).sample(range(-3 * DAY, 3 * DAY), 3000)
    seed(*moments)
    low, high = start // 60 * 60, end // 60 * 60
    expected = sum(low <= moment < high for moment in moments)
    assert queries.total([1], "events", HOUR + start, HOUR + end).count == expected


@pytest.mark.parametrize("start", range(-2 * DAY, 2 * DAY, 17 * 3660))
@pytest.mark.parametrize("length", [60, 3600, DAY, 2 * DAY + 60])
def test_stretches_cover_each_minute_once(start, length):
    """Each stretch is asked of one resolution, and no minute is in two of them."""
    covered = []
    for stretch in queries.stretches(start, start + length):
        asked = dict(stretch.children)
        low, high = asked["start__gte"], asked["start__lt"]
        assert low % asked["resolution"] == high % asked["resolution"] == 0
        covered += range(low, high, 60)
    assert sorted(covered) == list(range(start // 60 * 60, (start + length) // 60 * 60, 60))


def test_totals_weigh_and_filter():
    seed(0, 1, weighted=4.0)
    seed(2, environment="staging")
    seed(3, project_id=2)
    assert queries.total([1], "events", HOUR, HOUR + 60) == Totals(3, 9.0)
    assert queries.total([1], "events", HOUR, HOUR + 60, "staging") == Totals(1, 1.0)
    assert queries.total([1, 2], "events", HOUR, HOUR + 60).count == 4
    assert queries.total([], "events", HOUR, HOUR + 60) == Totals(0, 0.0)
    assert queries.totals([1], ["events", "never"], HOUR, HOUR + 60) == {"events": Totals(3, 9.0)}


def test_points_leave_gaps_out():
    seed(0, 10, 60, 3600)
    points = [
        (at - HOUR, count, weighted)
        for at, count, weighted in queries.series_points([1], "events", HOUR, HOUR + 7200, 60)
    ]
    assert points == [(0, 2, 2.0), (60, 1, 1.0), (3600, 1, 1.0)]


@pytest.mark.parametrize(("resolution", "counts"), [(300, [3, 1, 1]), (3600, [4, 1]), (86400, [5])])
def test_points_of_wider_slots_are_summed(resolution, counts):
    seed(0, 10, 60, 300, 3600)
    assert [count for _, count, _ in queries.series_points([1], "events", HOUR, HOUR + 7200, resolution)] == counts


def test_the_loudest_series_come_first():
    seed(0, series="tx:a")
    seed(0, 1, 2, series="tx:b")
    seed(0, 1, series="tx:c_")
    seed(0, 1, 2, 3, series="txx")
    top = queries.top_series([1], "tx:", HOUR, HOUR + 60, limit=2)
    assert top == [("tx:b", Totals(3, 3.0)), ("tx:c_", Totals(2, 2.0))]


def test_a_prefix_is_taken_literally():
    seed(0, series="a%b")
    seed(0, series="axb")
    assert [name for name, _ in queries.top_series([1], "a%", HOUR, HOUR + 60)] == ["a%b"]


def test_percentiles_over_environments_and_buckets():
    add_durations([DurationRow(1, "production", "tx", HOUR + at, at / 100) for at in range(1, 100)])
    add_durations([DurationRow(1, "staging", "tx", HOUR + 4000, 60.0)])
    assert queries.percentiles([1], "tx", HOUR, HOUR + 3600, [0.5, 0.0]) == pytest.approx([0.5, 0.01], rel=0.01)
    assert queries.percentiles([1], "tx", HOUR, HOUR + 7200, [1.0]) == pytest.approx([60.0], rel=0.01)
    assert queries.percentiles([1], "tx", HOUR, HOUR + 7200, [1.0], "production") == pytest.approx([0.99], rel=0.01)
    assert queries.percentiles([2], "tx", HOUR, HOUR + 7200, [1.0]) is None


def test_users_are_united_over_environments():
    add_users([UserRow(1, "production", HOUR, "ann"), UserRow(1, "staging", HOUR, "ann"), UserRow(2, "x", HOUR, "bob")])
    assert queries.users([1], HOUR + 1800, HOUR + 1860) == 1
    assert queries.users([1, 2], HOUR, HOUR + 60) == 2
    assert queries.users([1, 2], HOUR, HOUR + 60, "x") == 1
