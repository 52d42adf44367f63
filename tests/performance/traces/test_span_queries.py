import pytest

from tests.performance.traces.builders import HOUR, count_spans, make_span
from tradewatch.performance.traces import span_queries
from tradewatch.performance.traces.span_queries import SpanKey
from tradewatch.projects.models import Project

AROUND = (HOUR, HOUR + 3600)


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-32")


@pytest.fixture
def span(project):
    return lambda *args, **values: make_span(*args, project_id=project.pk, **values)


def test_what_takes_the_most_time_comes_first(project, span):
    http = {"category": "http", "op": "http.client", "description": "GET https://venue.example"}
    count_spans(*(span(seconds=0.02) for _ in range(9)), span(seconds=0.1, weight=10.0, **http))
    found = span_queries.slowest_spans([project.pk], *AROUND)
    assert [key.category for key, _ in found] == ["http", "db"]
    key, figures = found[0]
    assert key == SpanKey("http", "http.client", "GET https://venue.example")
    assert (figures.count, figures.weighted) == (1, 10.0)
    assert figures.seconds == pytest.approx(1.0)
    assert found[1][1].percentile(0.95) == pytest.approx(0.02, rel=0.01)
    assert len(span_queries.slowest_spans([project.pk], *AROUND, limit=1)) == 1


def test_one_transactions_and_one_categorys_spans(project, span):
    count_spans(
        span(), span(transaction="POST /orders"), span(transaction="POST /orders", category="cache", op="cache")
    )
    of_orders = span_queries.slowest_spans([project.pk], *AROUND, transaction="POST /orders")
    assert [(key.category, figures.count) for key, figures in of_orders] == [("cache", 1), ("db", 1)]
    everything = span_queries.slowest_spans([project.pk], *AROUND, category="db")
    assert [(key.category, figures.count) for key, figures in everything] == [("db", 2)]


def test_who_waits_for_an_operation(project, span):
    count_spans(span(), span(), span(transaction="POST /orders"), span(description="SELECT * FROM fills"))
    key = SpanKey("db", "db", "SELECT * FROM orders")
    waiting = span_queries.transactions_with([project.pk], *AROUND, key)
    assert {name: figures.count for name, figures in waiting.items()} == {"GET /orders": 2, "POST /orders": 1}


def test_exclusive_time_of_categories_does_not_overlap(project, span):
    count_spans(
        span(seconds=1.0, exclusive_seconds=0.25, category="function", op="function", is_failed=True),
        span(seconds=0.75),
    )
    found = span_queries.by_category([project.pk], *AROUND)
    assert found["function"].seconds == pytest.approx(1.0)
    assert found["function"].failed == 1
    assert sum(figures.exclusive_seconds for figures in found.values()) == pytest.approx(1.0)


def test_spans_over_time(project, span):
    count_spans(span(HOUR), span(HOUR + 299), span(HOUR + 300), span(HOUR, description="SELECT 1"))
    counts = lambda **which: [(at, f.count) for at, f in span_queries.span_points([project.pk], *AROUND, 300, **which)]  # noqa: E731
    assert counts() == [(HOUR, 3), (HOUR + 300, 1)]
    assert counts(key=SpanKey("db", "db", "SELECT 1")) == [(HOUR, 1)]
    assert counts(category="http") == []


def test_another_projects_and_environments_spans_are_not_seen(project, span):
    other = Project.objects.create(name="Other", slug="other-32")
    count_spans(span(), span(environment="staging"), make_span(project_id=other.pk))
    assert span_queries.slowest_spans([project.pk], *AROUND, environment="staging")[0][1].count == 1
    assert span_queries.by_category([project.pk], *AROUND)["db"].count == 2
