from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.metrics import retention
from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import Counter, Histogram, UserSketch
from tradewatch.metrics.services import CountRow, DurationRow, UserRow, add_counts, add_durations, add_users

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def seed(**age):
    at = (NOW - timedelta(**age)).timestamp()
    add_counts([CountRow(1, "e", "s", at)])
    add_durations([DurationRow(1, "e", "s", at, 1.0)])
    add_users([UserRow(1, "e", at, "ann")])


@pytest.mark.parametrize(
    ("days", "kept_minutes", "kept_hours"),
    [(29, 1, 1), (30, 1, 1), (31, 0, 1), (399, 0, 1), (401, 0, 0)],
)
def test_minutes_go_before_hours(settings, days, kept_minutes, kept_hours):
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=400)
    seed(days=days)
    retention.delete_old(NOW)
    for model in (Counter, Histogram):
        assert model.objects.filter(resolution=60).count() == kept_minutes
        assert model.objects.filter(resolution=3600).count() == kept_hours
        assert model.objects.filter(resolution=86_400).count() == kept_hours
    assert UserSketch.objects.count() == 2 * kept_hours


def test_a_shorter_retention_shortens_minutes_too(settings):
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=7)
    seed(days=8)
    seed(days=6)
    assert retention.delete_old(NOW) == 8
    assert Counter.objects.count() == 3


def test_more_than_one_step_and_a_second_run(monkeypatch):
    monkeypatch.setattr(retention, "ROWS_A_STEP", 3)
    for days in range(31, 41):
        seed(days=days)
    assert retention.delete_old(NOW) == 20  # ten minutes each of counters and histograms
    assert retention.delete_old(NOW) == 0


@pytest.mark.parametrize(
    ("days", "kept"), [(6, {60, 3600, 86_400}), (8, {3600, 86_400}), (91, {86_400}), (500, {86_400}), (801, set())]
)
def test_each_width_has_an_age_of_its_own(settings, days, kept):
    settings.METRIC_MINUTE_RETENTION = timedelta(days=7)
    settings.METRIC_RETENTION = timedelta(days=90)
    settings.METRIC_DAY_RETENTION = timedelta(days=800)
    seed(days=days)
    retention.delete_old(NOW)
    assert set(Counter.objects.values_list("resolution", flat=True)) == kept


def test_a_narrow_bucket_never_outlives_a_wide_one(settings):
    settings.METRIC_MINUTE_RETENTION = timedelta(days=100)
    settings.METRIC_RETENTION = timedelta(days=50)
    settings.METRIC_DAY_RETENTION = timedelta(days=10)
    assert [age.days for age in bucket_ages().values()] == [50, 50, 50]
