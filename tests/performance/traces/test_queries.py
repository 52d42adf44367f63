import pytest

from tests.performance.traces.builders import HOUR, count, make_row
from tradewatch.performance.models import PerformanceSettings, TransactionBucket
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.figures import Within
from tradewatch.performance.traces.queries import TransactionKey
from tradewatch.projects.models import Project

DAY = HOUR // 86_400 * 86_400
SPAN = (DAY, DAY + 86_400)


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-31")


@pytest.fixture
def row(project):
    return lambda *args, **values: make_row(*args, project_id=project.pk, **values)


def test_all_transactions_are_added_up_whatever_they_are_called(project, row):
    count(row(seconds=0.2), row(name="POST /orders", seconds=0.8, weight=5.0), row(seconds=3.0, is_failed=True))
    figures = queries.overall([project.pk], *SPAN)
    assert (figures.count, figures.weighted, figures.failed, figures.weighted_failed) == (3, 7.0, 1, 1.0)
    assert figures.seconds == pytest.approx(0.2 + 5 * 0.8 + 3.0)
    assert figures.failure_ratio == pytest.approx(1 / 7)
    assert figures.coverage == pytest.approx(3 / 7)
    assert figures.per_minute(600) == pytest.approx(0.7)


def test_percentiles_count_each_as_often_as_it_stands_for(project, row):
    count(row(seconds=0.1), row(seconds=0.1), row(seconds=2.0, weight=8.0))
    assert queries.overall([project.pk], *SPAN).percentile(0.5) == pytest.approx(2.0, rel=0.01)
    assert queries.overall([project.pk], *SPAN).percentile(0.05) == pytest.approx(0.1, rel=0.01)


def test_a_transaction_that_was_not_measured_counts_and_has_no_duration(project, row):
    count(row(seconds=None, is_failed=True))
    figures = queries.overall([project.pk], *SPAN)
    assert (figures.count, figures.failed, figures.measured) == (1, 1, 0)
    assert figures.percentile(0.5) is None
    assert figures.apdex is None


def test_nothing_came(project):
    figures = queries.overall([project.pk], *SPAN)
    assert (figures.count, figures.failure_ratio, figures.apdex, figures.percentile(0.95)) == (0, None, None, None)
    assert queries.by_transaction([project.pk], *SPAN) == {}
    assert queries.points([project.pk], *SPAN, 3600) == []


def test_each_transaction_has_its_own_figures_and_an_operation_tells_two_of_one_name_apart(project, row):
    count(row(), row(op="queue.task"), row(name="POST /orders"), row(release="2.0.1"))
    found = queries.by_transaction([project.pk], *SPAN)
    assert {key: figures.count for key, figures in found.items()} == {
        TransactionKey(project.pk, "GET /orders", "http.server"): 2,
        TransactionKey(project.pk, "GET /orders", "queue.task"): 1,
        TransactionKey(project.pk, "POST /orders", "http.server"): 1,
    }


def test_releases_environments_and_names_narrow_it(project, row):
    count(row(release="2.0.0"), row(release="2.0.1"), row(release="2.0.1", environment="staging"), row(name="b"))
    assert {version: f.count for version, f in queries.by_release([project.pk], *SPAN).items()} == {
        "2.0.0": 2,
        "2.0.1": 2,
    }
    only = queries.by_release([project.pk], *SPAN, environment="production", name="GET /orders")
    assert {version: f.count for version, f in only.items()} == {"2.0.0": 1, "2.0.1": 1}
    assert queries.overall([project.pk], *SPAN, release="2.0.1", environment="staging").count == 1
    assert queries.by_environment([project.pk], *SPAN)[(project.pk, "staging")].count == 1
    assert queries.releases_of([project.pk]) in (["2.0.1", "2.0.0"], ["2.0.0", "2.0.1"])


def test_another_projects_transactions_are_not_seen(project, row):
    other = Project.objects.create(name="Other", slug="other-31")
    count(row(), make_row(project_id=other.pk, name="secret"))
    assert [key.name for key in queries.by_transaction([project.pk], *SPAN)] == ["GET /orders"]
    assert queries.overall([project.pk], *SPAN).count == 1
    assert queries.overall([project.pk, other.pk], *SPAN).count == 2
    assert queries.overall([], *SPAN).count == 0


@pytest.mark.parametrize("start, end, counted", [(0, 60, 1), (0, 120, 2), (60, 120, 1), (0, 3600, 3), (120, 3600, 1)])
def test_intervals_are_cut_to_minutes(project, row, start, end, counted):
    count(row(HOUR + 59.9), row(HOUR + 60.0), row(HOUR + 3599.0), row(HOUR + 3600.0))
    assert queries.overall([project.pk], HOUR + start, HOUR + end).count == counted


@pytest.mark.parametrize("resolution", [60, 300, 900, 3600, 7200, 86_400])
def test_points_of_any_resolution_add_up_to_the_whole(project, row, resolution):
    count(*(row(DAY + 1000.0 * number, seconds=0.1 * number) for number in range(80)))
    points = queries.points([project.pk], *SPAN, resolution)
    assert sum(figures.count for _, figures in points) == 80
    assert [at for at, _ in points] == sorted({int(DAY + 1000.0 * n) // resolution * resolution for n in range(80)})
    assert points[-1][1].percentile(1.0) == pytest.approx(7.9, rel=0.01)


def test_points_of_several_names_at_once(project, row):
    count(row(HOUR), row(HOUR + 300, name="b"), row(HOUR + 301, name="b"), row(HOUR, name="c"))
    lines = queries.points_by_transaction([project.pk], ["GET /orders", "b", "absent"], *SPAN, 300)
    assert {name: [(at, f.count) for at, f in points] for name, points in lines.items()} == {
        "GET /orders": [(HOUR, 1)],
        "b": [(HOUR + 300, 2)],
    }


def test_a_late_transaction_corrects_the_bucket_of_its_time(project, row):
    count(row(HOUR + 30))
    count(row(HOUR - 86_400 + 30, seconds=4.0), row(HOUR + 30, seconds=4.0))
    assert queries.overall([project.pk], HOUR, HOUR + 60).count == 2
    assert queries.overall([project.pk], HOUR, HOUR + 60).percentile(1.0) == pytest.approx(4.0, rel=0.01)
    assert queries.overall([project.pk], HOUR - 86_400, HOUR - 86_400 + 60).count == 1
    minutes = TransactionBucket.objects.filter(resolution=60, group__name="")
    assert sorted(minutes.values_list("start", "count")) == [(HOUR - 86_400, 1), (HOUR, 2)]


def test_apdex_is_exact_at_its_threshold_and_a_failure_satisfies_nobody(project, row):
    count(row(seconds=0.5), row(seconds=0.5001), row(seconds=2.0), row(seconds=2.001), row(seconds=0.1, is_failed=True))
    figures = queries.overall([project.pk], *SPAN)
    assert (figures.satisfied, figures.tolerating, figures.measured) == (1, 2, 5)
    assert figures.apdex == pytest.approx((1 + 2 / 2) / 5)


def test_apdex_follows_the_projects_threshold_from_then_on(project, row):
    count(row(seconds=0.4))
    PerformanceSettings.objects.create(project=project, apdex_seconds=0.1)
    count(row(seconds=0.4), row(seconds=0.41, weight=3.0))
    figures = queries.overall([project.pk], *SPAN)
    assert (figures.satisfied, figures.tolerating) == (1, 1)
    assert queries.apdex_seconds_of(project.pk) == 0.1
    assert queries.apdex_seconds_of(project.pk + 1) == 0.5


def test_who_keeps_within_a_threshold_is_counted_exactly_from_when_it_is_set(project, row):
    count(row(seconds=0.3))
    PerformanceSettings.objects.create(project=project, latency_thresholds=[0.3, 2])
    count(row(seconds=0.3), row(seconds=0.3001, weight=4.0), row(seconds=None), row(seconds=9.0, name="b"))
    assert queries.within([project.pk], *SPAN, 0.3) == Within(3, 6.0, 1, 1.0)
    assert queries.within([project.pk], *SPAN, 2.0, name="GET /orders") == Within(2, 5.0, 2, 5.0)
    assert queries.within([project.pk], *SPAN, 0.3).ratio == pytest.approx(1 / 6)
    assert queries.within([project.pk], *SPAN, 0.7) == Within()
