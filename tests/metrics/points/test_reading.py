import math
import random
from collections import defaultdict

import pytest

from tests.metrics.points.builders import DAY, HOUR, a_point, a_question
from tradewatch.metrics.points import catalogue
from tradewatch.metrics.points.reading import UnknownMetricError, chart, metrics_of, over
from tradewatch.metrics.points.writing import add_points

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def traffic():
    """Two days of latencies of seven venues and two sides, as (at, value, venue, side)."""
    dice = random.Random(5)
    return [
        (DAY + dice.randrange(2 * 86_400), dice.lognormvariate(0, 1) - 0.5, f"V{dice.randrange(7)}", dice.choice("BS"))
        for _ in range(3000)
    ]


@pytest.fixture
def stored(traffic):
    dice = random.Random(6)
    shuffled = traffic.copy()
    dice.shuffle(shuffled)
    for start in range(0, len(shuffled), 700):
        add_points(
            a_point(value, at=at, name="latency", type="distribution", attributes={"venue": venue, "side": side})
            for at, value, venue, side in shuffled[start : start + 700]
        )
    return traffic


def exact(aggregation, rows, seconds):
    values = sorted(value for _, value, _, _ in rows)
    if aggregation == "count":
        return len(values)
    if aggregation in ("sum", "rate"):
        return math.fsum(values) / (seconds if aggregation == "rate" else 1)
    if not values:
        return None
    if aggregation == "avg":
        return math.fsum(values) / len(values)
    if aggregation == "last":
        return max(rows)[1]
    if aggregation in ("min", "max"):
        return values[0] if aggregation == "min" else values[-1]
    return values[math.floor(int(aggregation[1:]) / 100 * (len(values) - 1))]


def about(aggregation, rows, seconds):
    value = exact(aggregation, rows, seconds)
    if value is None:
        return None
    return pytest.approx(value, rel=0.0100001 if aggregation.startswith("p") else 1e-9, abs=1e-9)


ALL = ["rate", "sum", "count", "avg", "min", "max", "last", "p50", "p75", "p90", "p95", "p99"]


@pytest.mark.parametrize("aggregation", ALL)
def test_a_chart_is_what_its_points_are_slot_by_slot(stored, aggregation):
    drawn = chart(a_question("latency", aggregation), DAY, DAY + 2 * 86_400, 6 * 3600)
    assert drawn.starts == [DAY + slot * 6 * 3600 for slot in range(8)]
    for start, value in zip(drawn.starts, drawn.total.values, strict=True):
        rows = [row for row in stored if start <= row[0] < start + 6 * 3600]
        assert value == about(aggregation, rows, 6 * 3600)
    assert drawn.total.whole == about(aggregation, stored, 2 * 86_400)


@pytest.mark.parametrize("filters", [{}, {"side": ["B"]}])
@pytest.mark.parametrize("aggregation", ALL)
def test_groups_are_the_greatest_and_the_rest(stored, aggregation, filters):
    drawn = chart(
        a_question("latency", aggregation, group_by="venue", filters=filters), DAY, DAY + 2 * 86_400, 86_400, top=3
    )
    wanted = [row for row in stored if not filters or row[3] == "B"]
    by_venue = defaultdict(list)
    for row in wanted:
        by_venue[row[2]].append(row)
    assert (drawn.group_count, len(drawn.groups)) == (7, 4)
    ranks = "count" if aggregation.startswith("p") else aggregation
    order = sorted(by_venue, key=lambda venue: (-exact(ranks, by_venue[venue], 1), venue))
    assert [line.label for line in drawn.groups] == [*order[:3], "other"]
    members = [[venue] for venue in order[:3]] + [order[3:]]
    for line, venues in zip(drawn.groups, members, strict=True):
        rows = [row for venue in venues for row in by_venue[venue]]
        assert line.whole == about(aggregation, rows, 2 * 86_400)
        for start, value in zip(drawn.starts, line.values, strict=True):
            assert value == about(aggregation, [row for row in rows if start <= row[0] < start + 86_400], 86_400)
    assert drawn.total.whole == about(aggregation, wanted, 2 * 86_400)


@pytest.mark.parametrize("aggregation", ALL)
def test_an_interval_is_read_to_the_minute(stored, aggregation):
    start, end = DAY + 5 * 3600 + 420, DAY + 86_400 + 3 * 3600 + 60
    rows = [row for row in stored if start <= row[0] < end]
    assert over(a_question("latency", aggregation), start, end) == {"": about(aggregation, rows, end - start)}
    by_side = over(a_question("latency", aggregation, group_by="side"), start, end)
    assert by_side == {
        side: about(aggregation, [row for row in rows if row[3] == side], end - start) for side in ("B", "S")
    }


def test_a_series_without_the_attribute_is_a_group_of_its_own():
    add_points([a_point(1, attributes={"venue": "XNYS"}), a_point(2, attributes={"side": "B"})])
    assert over(a_question(aggregation="sum", group_by="venue"), DAY, DAY + 86_400) == {"XNYS": 1.0, "": 2.0}
    assert over(a_question(aggregation="sum", filters={"venue": [""]}), DAY, DAY + 86_400) == {"": 2.0}


@pytest.mark.parametrize("aggregation", ["p50", "sum"])
def test_a_filter_without_groups_is_one_line(stored, aggregation):
    drawn = chart(a_question("latency", aggregation, filters={"side": ["B"]}), DAY, DAY + 2 * 86_400, 86_400)
    rows = [row for row in stored if row[3] == "B"]
    assert drawn.total.whole == about(aggregation, rows, 2 * 86_400)
    assert (drawn.groups, drawn.group_count) == ([], 0)


def test_filters_are_joined_by_and_their_values_by_or():
    for venue in ("XNYS", "XLON", "XETR"):
        add_points([a_point(1, attributes={"venue": venue, "side": side}) for side in "BS"])
    question = a_question(aggregation="sum", filters={"venue": ["XNYS", "XLON"], "side": ["B"]})
    assert over(question, DAY, DAY + 86_400) == {"": 2.0}


def test_a_counter_without_points_is_zero_once_it_was_seen_and_unknown_before():
    add_points([a_point(6, at=HOUR + 60)])
    drawn = chart(a_question(aggregation="rate"), HOUR - 60, HOUR + 240, 60)
    assert drawn.total.values == [None, None, 0.1, 0.0, 0.0]
    assert chart(a_question(aggregation="avg"), HOUR - 60, HOUR + 240, 60).total.values == [None, None, 6.0, None, None]


def test_the_first_aggregation_of_the_type_is_asked_without_one():
    add_points([a_point(), a_point(name="open", type="gauge"), a_point(name="latency", type="distribution")])
    asked = [chart(a_question(name), HOUR, HOUR + 60, 60).aggregation for name in ("orders", "open", "latency")]
    assert asked == ["rate", "avg", "p95"]


def test_of_several_units_that_with_most_points_is_shown():
    add_points([a_point(5, type="gauge", unit="s"), a_point(6, at=HOUR + 1, type="gauge", unit="s")])
    add_points([a_point(5000, type="gauge", unit="ms")])
    assert chart(a_question(aggregation="max"), HOUR, HOUR + 60, 60).unit == "s"
    assert chart(a_question(aggregation="max", unit="ms"), HOUR, HOUR + 60, 60).total.values == [5000.0]


def test_an_unknown_metric_is_said():
    with pytest.raises(UnknownMetricError):
        chart(a_question("nothing"), HOUR, HOUR + 60, 60)
    assert over(a_question("nothing"), HOUR, HOUR + 60) == {}


def test_the_catalogue_names_metrics_attributes_and_values():
    add_points([a_point(attributes={"venue": "XNYS", "side": side}) for side in ("B", "S", "B")])
    add_points([a_point(name="open", type="gauge", unit="percent", environment="staging")])
    assert [(each.name, each.type, each.unit, each.points) for each in catalogue.names([1])] == [
        ("open", "gauge", "percent", 1),
        ("orders", "counter", "", 3),
    ]
    assert [each.name for each in catalogue.names([1], environment="staging")] == ["open"]
    assert catalogue.names([1], since=catalogue.utc(HOUR + 1)) == []
    assert catalogue.attributes(metrics_of(a_question())) == {"side": ["B", "S"], "venue": ["XNYS"]}


@pytest.mark.parametrize("aggregation", ALL)
@pytest.mark.parametrize("step", [3600, 86_400])
def test_many_series_are_drawn_as_they_are_series_by_series(aggregation, step):
    """A hundred series, more than one frame holds; those of a venue make a group, or each its own."""
    dice = random.Random(8)
    rows = [(DAY + dice.randrange(2 * 86_400), dice.gauss(0, 5), f"V{number % 100}") for number in range(1200)]
    add_points(
        a_point(value, at=at, name="wide", type="distribution", attributes={"venue": venue, "desk": venue[-1]})
        for at, value, venue in rows
    )
    for group_by in ("venue", "desk"):
        drawn = chart(a_question("wide", aggregation, group_by=group_by), DAY, DAY + 2 * 86_400, step, top=3)
        for line in drawn.groups[:-1]:
            own = [row[:2] for row in rows if row[2][-1 if group_by == "desk" else 0 :] == line.label]
            for start, value in zip(drawn.starts, line.values, strict=True):
                wanted = about(aggregation, [(*row, "", "") for row in own if start <= row[0] < start + step], step)
                assert value == wanted
        assert drawn.total.whole == about(aggregation, [(*row[:2], "", "") for row in rows], 2 * 86_400)
