import pytest

from tradewatch.metrics import histogram, queries
from tradewatch.metrics.models import Counter, Histogram, UserSketch
from tradewatch.metrics.services import CountRow, DurationRow, UserRow, add_counts, add_durations, add_users

pytestmark = pytest.mark.django_db

HOUR = 1_700_000_000 // 3600 * 3600
DAY = HOUR // 86_400 * 86_400


def count_row(series="events", *, at=HOUR, project_id=1, environment="production", count=1, weighted=1.0):
    return CountRow(project_id, environment, series, at, count, weighted)


def buckets(series="events"):
    rows = Counter.objects.filter(series=series).order_by("resolution", "start")
    return list(rows.values_list("resolution", "start", "count", "weighted"))


def test_each_count_goes_into_its_minute_its_hour_and_its_day():
    add_counts([count_row(at=HOUR + 0.5), count_row(at=HOUR + 59.99), count_row(at=HOUR + 60, weighted=10.0)])
    assert buckets() == [(60, HOUR, 2, 2.0), (60, HOUR + 60, 1, 10.0), (3600, HOUR, 3, 12.0), (86_400, DAY, 3, 12.0)]


def test_batches_add_up():
    for _ in range(3):
        add_counts([count_row(), count_row(), count_row("other", count=5)])
    assert buckets() == [(60, HOUR, 6, 6.0), (3600, HOUR, 6, 6.0), (86_400, DAY, 6, 6.0)]
    assert [row[2] for row in buckets("other")] == [15, 15, 15]


def test_projects_and_environments_are_apart():
    add_counts([count_row(), count_row(project_id=2), count_row(environment="staging")])
    assert Counter.objects.filter(resolution=60, count=1).count() == 3


def test_names_too_long_for_their_columns_are_cut_not_refused():
    add_counts([count_row("s" * 300, environment="e" * 100), count_row("s" * 301, environment="e" * 101)])
    assert Counter.objects.get(resolution=60).count == 2


def test_no_rows_no_buckets():
    add_counts([])
    add_durations([])
    add_users([])
    assert not Counter.objects.exists()
    assert not Histogram.objects.exists()


def test_durations_of_several_batches_merge():
    for seconds in ([0.1, 0.2], [0.3], [5.0]):
        add_durations([DurationRow(1, "production", "tx", HOUR + 30, value) for value in seconds])
    minute, hour, day = Histogram.objects.order_by("resolution")
    assert (minute.resolution, minute.start, minute.count) == (60, HOUR, 4)
    assert (hour.resolution, hour.start, hour.count) == (3600, HOUR, 4)
    assert (day.resolution, day.start, day.count, day.bins) == (86_400, DAY, 4, hour.bins)
    assert minute.total == pytest.approx(5.6)
    assert histogram.unpack(bytes(hour.bins)) == histogram.bins_of([0.1, 0.2, 0.3, 5.0])


def test_users_of_several_batches_are_united_by_hour():
    def met(users, *, at=HOUR):
        add_users([UserRow(1, "production", at, user) for user in users])

    met(["ann", "bob"])
    met(["bob", "cid"], at=HOUR + 3599)
    met(["ann"], at=HOUR + 3600)
    assert UserSketch.objects.filter(resolution=3600).count() == 2
    assert queries.users([1], HOUR, HOUR + 3600) == 3
    assert queries.users([1], HOUR + 3600, HOUR + 7200) == 1
