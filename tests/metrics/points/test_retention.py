from datetime import timedelta
from uuid import uuid4

import pytest

from tests.metrics.points.builders import a_point, a_question
from tests.metrics.test_retention import NOW
from tradewatch.metrics import retention
from tradewatch.metrics.models import Metric, MetricBucket, MetricFold, MetricReceipt, MetricSeries
from tradewatch.metrics.points.reading import over
from tradewatch.metrics.points.writing import add_points

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("days", "kept"), [(29, [60, 3600, 86_400]), (31, [3600, 86_400]), (399, [3600, 86_400])])
def test_minutes_go_before_hours_and_days(settings, days, kept):
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=400)
    add_points([a_point(at=(NOW - timedelta(days=days)).timestamp(), attributes={"venue": "XNYS"})])
    retention.delete_old(NOW)
    assert list(MetricBucket.objects.order_by("resolution").values_list("resolution", flat=True)) == kept
    assert (Metric.objects.count(), MetricSeries.objects.count()) == (1, 1)


def test_in_the_end_nothing_is_left(settings, monkeypatch):
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=400)
    settings.METRIC_SERIES_AN_HOUR = 10
    monkeypatch.setattr(retention, "BUCKETS_A_STEP", 2)
    at = (NOW - timedelta(days=403)).timestamp()
    add_points([a_point(at=at + 60 * number, attributes={"order": f"o{number}"}) for number in range(30)])
    assert MetricFold.objects.exists()
    retention.delete_old(NOW)
    for model in (Metric, MetricBucket, MetricFold, MetricSeries):
        assert not model.objects.exists(), model


def test_a_metric_that_goes_on_keeps_what_is_young(settings):
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=400)
    add_points([a_point(1, at=(NOW - timedelta(days=403)).timestamp(), attributes={"venue": "old"})])
    add_points([a_point(2, at=NOW.timestamp() - 60, attributes={"venue": "new"})])
    retention.delete_old(NOW)
    assert [series.attributes for series in MetricSeries.objects.all()] == [{"venue": "new"}]
    end = int(NOW.timestamp()) + 3600
    assert over(a_question(aggregation="sum"), end - 500 * 86_400, end) == {"": 2.0}


def test_receipts_go_after_three_days():
    for days in (2, 4):
        MetricReceipt.objects.create(identity=uuid4(), project_id=1, received_at=NOW - timedelta(days=days))
    retention.delete_old(NOW)
    assert MetricReceipt.objects.count() == 1
