import threading
from functools import partial

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from tests.at_once import until_done
from tests.metrics.points.builders import DAY, HOUR, a_point, a_question
from tradewatch.metrics.models import Metric, MetricBucket, MetricFold, MetricSeries
from tradewatch.metrics.points import catalogue, writing
from tradewatch.metrics.points.reading import chart, metrics_of, over
from tradewatch.metrics.points.writing import add_points

pytestmark = pytest.mark.django_db


def total(aggregation="sum", *, name="orders", start=DAY, end=DAY + 86_400, **more):
    return over(a_question(name, aggregation, **more), start, end).get("")


def test_a_point_is_in_its_minute_its_hour_and_its_day():
    add_points([a_point(3, at=HOUR + 61.5), a_point(4, at=HOUR + 119.9)])
    rows = MetricBucket.objects.order_by("resolution").values_list("resolution", "start")
    assert list(rows) == [(60, HOUR + 60), (3600, HOUR), (86_400, DAY)]
    for step in (60, 3600, 86_400):
        drawn = chart(a_question(aggregation="sum"), HOUR + 60, HOUR + 120, step)
        assert drawn.total.values == [7.0]


def test_batches_add_up_and_late_points_correct_what_is_past():
    add_points([a_point(1, at=HOUR + 7200)])
    add_points([a_point(5, at=HOUR), a_point(2, at=HOUR + 7200)])
    add_points([a_point(1, at=HOUR)])
    drawn = chart(a_question(aggregation="sum"), HOUR, HOUR + 3 * 3600, 3600)
    assert drawn.total.values == [6.0, 0.0, 3.0]
    assert (drawn.total.whole, total()) == (9.0, 9.0)


def test_what_differs_in_type_or_unit_is_another_metric():
    add_points([a_point(1, unit="ms", type="gauge"), a_point(9, unit="s", type="gauge"), a_point(4, unit="s")])
    assert Metric.objects.count() == 3
    assert total("max", unit="ms") == 1.0
    assert total("max", unit="s", type="gauge") == 9.0
    assert total("sum", type="counter") == 4.0


def test_environments_and_projects_are_apart_and_read_together():
    add_points([a_point(1), a_point(2, environment="staging"), a_point(4, project_id=2)])
    assert total() == 3.0
    assert total(environment="staging") == 2.0
    assert total(project_ids=[1, 2]) == 7.0
    assert total(project_ids=[3]) is None


def test_a_metric_knows_how_many_points_it_had_and_when():
    add_points([a_point(1, at=HOUR), a_point(1, at=HOUR + 60)])
    add_points([a_point(1, at=HOUR - 60)])
    metric = Metric.objects.get()
    assert metric.points == 3
    assert (metric.first_seen_at.timestamp(), metric.last_seen_at.timestamp()) == (HOUR - 60, HOUR + 60)


def test_a_series_is_remembered_once_with_its_first_and_its_last_day():
    for at in (HOUR, HOUR + 5 * 86_400, HOUR - 86_400):
        add_points([a_point(at=at, attributes={"venue": "XNYS"}), a_point(at=at + 60, attributes={"venue": "XNYS"})])
    series = MetricSeries.objects.get()
    assert series.attributes == {"venue": "XNYS"}
    assert series.first_seen_at.timestamp() == HOUR - 86_400
    assert HOUR + 5 * 86_400 <= series.last_seen_at.timestamp() <= HOUR + 5 * 86_400 + 60


def test_over_the_cap_the_attribute_with_most_values_is_folded_and_said(settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    points = [
        a_point(1, attributes={"order": f"id-{number:03}", "venue": "XNYS" if number % 3 else "XLON"})
        for number in range(300)
    ]
    for start in range(0, 300, 50):
        stored = add_points(points[start : start + 50])
    assert stored.folded == 50
    assert total() == 300.0
    assert over(a_question(aggregation="sum", group_by="venue"), DAY, DAY + 86_400) == {"XLON": 100.0, "XNYS": 200.0}
    by_order = over(a_question(aggregation="sum", group_by="order"), DAY, DAY + 86_400)
    assert by_order.pop("<other>") == 290.0
    assert set(by_order.values()) == {1.0}
    (said,) = catalogue.folded(metrics_of(a_question()), DAY, DAY + 86_400)
    assert (said.attribute, said.points, said.hours) == ("order", 290, 1)
    assert said.values == pytest.approx(290, rel=0.05)
    assert len(said.examples) == 5


def test_a_series_that_was_there_first_stays_when_others_fold(settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    add_points([a_point(attributes={"venue": "XNYS"})])
    add_points([a_point(attributes={"venue": f"V{number}"}) for number in range(50)])
    add_points([a_point(7, attributes={"venue": "XNYS"})])
    assert total(filters={"venue": ["XNYS"]}) == 8.0


def test_the_next_hour_has_room_again(settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    add_points([a_point(attributes={"venue": f"V{number}"}) for number in range(50)])
    add_points([a_point(3, at=HOUR + 3600, attributes={"venue": "V49"})])
    assert total(filters={"venue": ["V49"]}, start=HOUR + 3600) == 3.0


def test_a_day_does_not_grow_with_every_hour(settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    for hour in range(24):
        at = DAY + hour * 3600
        add_points([a_point(at=at, attributes={"venue": f"V{hour}-{number}"}) for number in range(20)])
    series = MetricSeries.objects.exclude(attributes__venue="<other>")
    assert series.count() == 39  # four times the cap of an hour, less the place of <other>
    assert total() == 480.0


def test_several_wide_attributes_fold_down_to_a_bounded_number_of_series(settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    for batch in range(5):
        add_points(
            a_point(attributes={"order": f"{batch}-{number}", "client": f"{batch}-{number % 37}", "venue": "XNYS"})
            for number in range(200)
        )
    assert MetricSeries.objects.count() <= 31
    assert total() == 1000.0
    assert set(MetricFold.objects.values_list("attribute", flat=True)) >= {"order", "client"}


def test_names_beyond_the_cap_are_refused_and_the_others_stored(monkeypatch):
    monkeypatch.setattr(writing, "NAMES_A_PROJECT", 3)
    stored = add_points(a_point(name=f"metric.{number}") for number in range(5))
    assert (stored.points, [key.name for key in stored.refused]) == (3, ["metric.3", "metric.4"])
    again = add_points([a_point(name="metric.0"), a_point(name="metric.9")])
    assert (again.points, len(again.refused)) == (1, 1)
    assert add_points([a_point(name="metric.9", project_id=2)]).refused == {}


def test_what_is_rolled_back_is_not_there():
    add_points([a_point(1)])
    with pytest.raises(RuntimeError), transaction.atomic():
        add_points([a_point(5, attributes={"venue": "XNYS"})])
        raise RuntimeError
    add_points([a_point(2, attributes={"venue": "XNYS"})])
    assert total() == 3.0
    assert total(filters={"venue": ["XNYS"]}) == 2.0


def test_nothing_to_store_stores_nothing():
    assert add_points([]).points == 0
    assert not Metric.objects.exists()


class AnyOrder(HypothesisCase):
    @given(
        st.lists(
            st.tuples(
                st.integers(-400, 400).map(lambda quarters: quarters / 4),
                st.integers(0, 3 * 86_400),
                st.sampled_from(["XNYS", "XLON", "XETR"]),
            ),
            min_size=1,
            max_size=30,
        ),
        st.integers(0, 30),
    )
    def test_batches_in_any_order_come_to_the_same(self, drawn, cut):
        def points(name):
            return [
                a_point(value, at=DAY + second, type="distribution", name=name, attributes={"venue": venue})
                for value, second, venue in drawn
            ]

        forth, back = points("forth"), points("back")[::-1]
        for part in (forth[:cut], forth[cut:], back[:cut], back[cut:]):
            add_points(part)
        for aggregation in ("sum", "count", "min", "max", "avg", "last", "p50", "p99"):
            one, other = (
                chart(a_question(name, aggregation, group_by="venue"), DAY, DAY + 3 * 86_400 + 60, 3600)
                for name in ("forth", "back")
            )
            assert one.total == other.total
            assert one.groups == other.groups


@pytest.mark.django_db(transaction=True)
def test_digests_at_once_lose_no_point():
    failures = []

    def digest(number):
        try:
            for batch in range(5):
                points = [
                    a_point(1, at=HOUR + 60 * (batch % 2), type="distribution", attributes={"venue": f"V{each}"})
                    for each in range(number, number + 20)
                ]
                until_done(partial(add_points, points))  # as the digest does: a busy database is asked again
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=digest, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert total("count") == 400.0
    assert Metric.objects.get().points == 400
    assert MetricSeries.objects.count() == 23
