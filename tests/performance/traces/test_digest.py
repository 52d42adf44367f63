import orjson
import pytest

from tests.inbox.builders import make_arrival
from tests.performance.traces.items import (
    END,
    ROOT,
    START,
    STOP,
    TRACE,
    digest,
    make_child,
    make_container,
    make_item,
    make_streamed,
)
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import KeptItem
from tradewatch.metrics import queries as metric_queries
from tradewatch.metrics.models import Counter
from tradewatch.metrics.queries import Totals
from tradewatch.performance import names
from tradewatch.performance.models import KeptTransaction, SeenTransaction
from tradewatch.performance.traces import kept_queries, queries, span_queries
from tradewatch.performance.traces.digest import TraceHandler
from tradewatch.performance.traces.span_queries import SpanKey
from tradewatch.projects.models import Project

AROUND = (START, STOP)


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-12", scrub_fields=["account_pin"])


def count(project, series):
    return metric_queries.total([project.pk], series, START, STOP)


# --- transactions -------------------------------------------------------------------------------------------------
def test_series_for_rules_and_the_dashboard_count_requests_failures_and_durations(project):
    digest(project, make_item(1), make_item(2, status="internal_error", seconds=3.0), make_item(3, name="POST /orders"))
    assert count(project, "transactions") == Totals(3, 3.0)
    assert count(project, "transactions.failed") == Totals(1, 1.0)
    assert count(project, "tx:GET /orders").count == 2
    assert count(project, "tx.failed:GET /orders").count == 1
    assert count(project, "tx:POST /orders").count == 1
    percentiles = metric_queries.percentiles
    assert percentiles([project.pk], "transactions", *AROUND, [1.0]) == pytest.approx([3.0], rel=0.01)
    assert percentiles([project.pk], "tx:POST /orders", *AROUND, [1.0]) == pytest.approx([0.2], rel=0.01)
    minute = int(END) // 60 * 60
    assert metric_queries.series_points([project.pk], "transactions", *AROUND, 60, "production") == [(minute, 3, 3.0)]


def test_figures_are_told_apart_by_name_release_and_environment(project):
    digest(
        project,
        make_item(1, release="2.0.0"),
        make_item(2, release="2.0.1", status="internal_error", seconds=3.0),
        make_item(3, name="POST /orders", environment="staging"),
        trace={"sample_rate": "0.1", "trace_id": TRACE},
    )
    overall = queries.overall([project.pk], *AROUND)
    assert (overall.count, overall.weighted, overall.failed) == (3, pytest.approx(30.0), 1)
    assert queries.overall([project.pk], *AROUND, name="GET /orders", release="2.0.1").percentile(0.5) == pytest.approx(
        3.0, rel=0.01
    )
    assert queries.overall([project.pk], *AROUND, environment="staging").count == 1
    assert [key.op for key in queries.by_transaction([project.pk], *AROUND)] == ["http.server"] * 2


def test_each_stands_for_as_many_as_its_sample_rate_says(project):
    digest(project, make_item(1), make_item(2), trace={"sample_rate": "0.1", "trace_id": TRACE})
    assert count(project, "transactions") == Totals(2, 20.0)


def test_a_second_delivery_changes_nothing(project):
    digest(project, make_item(1), make_item(1), make_item(2))
    digest(project, make_item(2), make_item(3, seconds=1.0), make_item(1))
    assert count(project, "transactions") == Totals(3, 3.0)
    assert queries.overall([project.pk], *AROUND).count == 3
    assert KeptTransaction.objects.count() == 3


def test_a_second_delivery_of_one_that_is_not_kept_raw_changes_nothing(project, settings):
    settings.TRACES_AN_HOUR = 0
    for _ in range(2):
        digest(project, make_item(1, spans=[make_child()]), make_container(make_streamed(0), make_streamed(1)))
    assert not KeptTransaction.objects.exists()
    assert SeenTransaction.objects.count() == 2
    assert queries.overall([project.pk], *AROUND).count == 2
    assert span_queries.by_category([project.pk], *AROUND)["db"].count == 2


def test_the_same_ids_of_two_projects_are_two(project):
    other = Project.objects.create(name="Other", slug="other-12")
    digest(project, make_item(1))
    digest(other, make_item(1))
    assert queries.overall([project.pk, other.pk], *AROUND).count == 2


def test_transactions_without_an_id_are_all_counted(project):
    digest(project, make_item(event_id=None), make_item(event_id="no id"))
    assert count(project, "transactions").count == 2


def test_the_row_says_what_the_document_says(project):
    item = make_item(1, trace_id=TRACE, status="not_found", seconds=0.25, release="2.0.1", spans=[make_child()])
    digest(project, item, event_id="b" * 32, trace={"sample_rate": "0.5"})
    row = KeptTransaction.objects.get()
    assert (row.event_id.hex, row.trace_id, row.span_id, row.parent_span_id) == ("b" * 32, TRACE, ROOT, "")
    assert (row.name, row.op, row.status, row.is_failed) == ("GET /orders", "http.server", "not_found", True)
    assert (row.environment, row.release, row.weight, row.span_count) == ("production", "2.0.1", 2.0, 1)
    assert row.seconds == pytest.approx(0.25, abs=1e-6)
    assert row.started_at.timestamp() == pytest.approx(END - 0.25, abs=1e-5)


def test_the_document_is_kept_scrubbed_and_found_by_trace_and_by_event(project):
    digest(project, make_item(1, trace_id=TRACE, account_pin="4711", extra={"symbol": "EURUSD"}))
    (row,) = kept_queries.transactions_of_trace([project.pk], TRACE.upper())
    document = kept_queries.document_of(row)
    assert document["extra"] == {"symbol": "EURUSD"}
    assert b"4711" not in orjson.dumps(document)
    assert kept_queries.trace_id_of_event([project.pk], row.event_id) == TRACE
    assert kept_queries.transactions_of_trace([project.pk + 1], TRACE) == []
    assert kept_queries.trace_id_of_event([project.pk + 1], row.event_id) is None
    assert not KeptItem.objects.exists()


def test_secrets_in_names_and_descriptions_do_not_reach_the_figures(project):
    secret = "password=tr0ub4dor"
    spans = [make_child(op="custom", description=f"call {secret}"), make_child(2, description="SELECT 'tr0ub4dor'")]
    digest(project, make_item(1, name=f"GET /login?{secret}", spans=spans))
    (key,) = queries.by_transaction([project.pk], *AROUND)
    assert "tr0ub4dor" not in key.name
    assert key.name.startswith("GET /login?password")
    assert not any("tr0ub4dor" in str(each) for each in span_queries.slowest_spans([project.pk], *AROUND))
    assert not Counter.objects.filter(series__contains="tr0ub4dor").exists()


def test_names_past_the_bound_are_folded(project, monkeypatch):
    monkeypatch.setattr(names, "NAMES_AN_HOUR", 3)
    digest(project, *(make_item(number, name=f"GET /{number}") for number in range(2)))
    digest(project, *(make_item(number, name=f"GET /{number}", status="aborted") for number in range(10, 20)))
    digest(project, make_item(30, name="GET /0"))
    series = set(Counter.objects.filter(series__startswith="tx:").values_list("series", flat=True))
    assert series == {"tx:GET /0", "tx:GET /1", "tx:GET /10", "tx:<other>"}
    assert count(project, "tx:<other>").count == 9
    assert count(project, "tx.failed:<other>").count == 9
    assert count(project, "tx:GET /0").count == 2
    assert count(project, "transactions").count == 13
    assert {key.name: figures.count for key, figures in queries.by_transaction([project.pk], *AROUND).items()} == {
        "GET /0": 2,
        "GET /1": 1,
        "GET /10": 1,
        "<other>": 9,
    }
    assert kept_queries.kept_transactions([project.pk], *AROUND, name="<other>").count() == 9


def test_the_bound_is_each_projects_and_hours_own(project, monkeypatch):
    monkeypatch.setattr(names, "NAMES_AN_HOUR", 1)
    digest(project, make_item(1, name="a"), make_item(2, name="b", end=END - 3600))
    digest(Project.objects.create(name="Other", slug="other-12"), make_item(3, name="c"))
    assert not Counter.objects.filter(series="tx:<other>").exists()


def test_a_late_transaction_corrects_its_own_hour(project):
    digest(project, make_item(1))
    digest(project, make_item(2, end=END - 7200, spans=[make_child(start=END - 7200.1)]))
    assert queries.overall([project.pk], START - 7200, STOP - 7200).count == 1
    assert span_queries.by_category([project.pk], START - 7200, STOP - 7200)["db"].count == 1
    assert queries.overall([project.pk], START - 7200, STOP).count == 2


# --- spans of transactions ----------------------------------------------------------------------------------------
def test_spans_are_counted_by_operation_whatever_their_literals(project):
    spans = [
        make_child(1, description="SELECT * FROM orders WHERE id = 1", seconds=0.02),
        make_child(2, description="SELECT * FROM orders WHERE id = 22", seconds=0.04, status="internal_error"),
        make_child(3, op="http.client", description="GET https://venue.example/quotes/7?x=1", seconds=0.1),
    ]
    digest(project, make_item(1, spans=spans), trace={"sample_rate": "0.5"})
    found = dict(span_queries.slowest_spans([project.pk], *AROUND, transaction="GET /orders"))
    query = found[SpanKey("db", "db", "SELECT * FROM orders WHERE id = ?")]
    assert (query.count, query.weighted, query.failed) == (2, 4.0, 1)
    assert query.seconds == pytest.approx(2 * 0.06, abs=1e-5)
    assert query.percentile(1.0) == pytest.approx(0.04, rel=0.01)
    assert found[SpanKey("http", "http.client", "GET https://venue.example/quotes/{id}")].count == 1


def test_exclusive_time_is_what_no_child_covers(project):
    spans = [
        make_child(1, op="function", description="check", start=END - 0.2, seconds=0.1),
        make_child(2, parent=f"{1:016x}", start=END - 0.19, seconds=0.03),
        make_child(3, parent=f"{1:016x}", start=END - 0.17, seconds=0.03),  # overlaps the one before by 10 ms
    ]
    digest(project, make_item(1, spans=spans))
    found = span_queries.by_category([project.pk], *AROUND)
    assert found["function"].seconds == pytest.approx(0.1, abs=1e-5)
    assert found["function"].exclusive_seconds == pytest.approx(0.05, abs=1e-5)
    assert found["db"].exclusive_seconds == pytest.approx(0.06, abs=1e-5)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        {},
        {"op": 7, "description": ["x"], "start_timestamp": END - 1, "timestamp": END},
        {"op": "db", "start_timestamp": "never", "timestamp": END},
        {"op": "db", "start_timestamp": END, "timestamp": END - 1},
        make_child(parent=7),
        {**make_child(), "span_id": None},
    ],
)
def test_an_odd_span_costs_itself_at_most(project, odd):
    digest(project, make_item(1, spans=[odd, make_child(9)]))
    assert queries.overall([project.pk], *AROUND).count == 1
    assert span_queries.by_category([project.pk], *AROUND)["db"].count >= 1


@pytest.mark.parametrize("spans", [None, "x", {}, {"values": []}, 7])
def test_odd_spans_cost_the_spans(project, spans):
    digest(project, make_item(1, spans=spans))
    assert queries.overall([project.pk], *AROUND).count == 1


# --- streamed spans -----------------------------------------------------------------------------------------------
def test_a_streamed_segment_is_a_transaction(project):
    segment = make_streamed(0, name="GET /orders", op="http.server", seconds=0.2, status="error")
    child = make_streamed(1, **{"sentry.release": "2.0.1", "sentry.environment": "staging"})
    segment["attributes"]["sentry.release"] = {"value": "2.0.1", "type": "string"}
    segment["attributes"]["sentry.environment"] = {"value": "staging", "type": "string"}
    digest(project, make_container(child, segment), trace={"sample_rate": "0.25", "trace_id": TRACE})
    figures = queries.overall([project.pk], *AROUND, environment="staging", name="GET /orders", release="2.0.1")
    assert (figures.count, figures.weighted, figures.failed) == (1, 4.0, 1)
    assert figures.percentile(0.5) == pytest.approx(0.2, rel=0.01)
    assert count(project, "tx.failed:GET /orders") == Totals(1, 4.0)
    ((key, spans),) = span_queries.slowest_spans([project.pk], *AROUND, transaction="GET /orders")
    assert key == SpanKey("db", "db", "SELECT * FROM orders WHERE id = ?")
    assert (spans.count, spans.weighted) == (1, 4.0)
    (row,) = kept_queries.transactions_of_trace([project.pk], TRACE)
    assert (row.form, row.span_id, row.is_failed, row.span_count, row.op) == ("segment", ROOT, True, 1, "http.server")
    assert kept_queries.document_of(row)["items"][0]["name"] == "SELECT * FROM orders WHERE id = 42"


def test_streamed_spans_that_come_before_their_segment_count_once_and_are_no_transaction(project):
    digest(project, make_container(make_streamed(1), make_streamed(2)))
    assert queries.overall([project.pk], *AROUND).count == 0
    digest(project, make_container(make_streamed(0, name="GET /orders"), make_streamed(3)))
    assert queries.overall([project.pk], *AROUND).count == 1
    assert span_queries.by_category([project.pk], *AROUND, transaction="GET /orders")["db"].count == 3
    assert sorted(row.form for row in kept_queries.transactions_of_trace([project.pk], TRACE)) == ["segment", "spans"]


def test_a_container_may_hold_several_segments_and_traces(project):
    other = {"trace_id": "c" * 32, "segment": "2" * 16}
    second = make_streamed(0, name="settle", op="queue.task", **other) | {"span_id": "2" * 16}
    third = make_streamed(7, parent="2" * 16, **other)
    digest(project, make_container(make_streamed(0, name="GET /orders"), make_streamed(1), second, third))
    assert {key.name for key in queries.by_transaction([project.pk], *AROUND)} == {"GET /orders", "settle"}
    settle = span_queries.by_category([project.pk], *AROUND, transaction="settle")
    assert {category: figures.count for category, figures in settle.items()} == {"db": 1}


def test_segments_are_told_by_their_parents_where_no_attribute_says(project):
    spans = [make_streamed(number, segment=None) for number in range(4)]  # all under the first
    spans[3] = make_streamed(3, parent=f"{2:016x}", segment=None)
    for span in spans:
        del span["is_segment"]
        del span["attributes"]["sentry.segment.name"]
    digest(project, make_container(*reversed(spans)))
    assert queries.overall([project.pk], *AROUND).count == 1
    assert kept_queries.transactions_of_trace([project.pk], TRACE)[0].span_count == 3


def test_opentelemetry_says_by_attributes_what_a_span_did(project):
    query = make_streamed(
        1, name="SELECT orders", op=None, **{"db.system.name": "postgresql", "db.query.text": "SELECT 7"}
    )
    call = make_streamed(
        2, name="GET", op=None, **{"http.request.method": "GET", "url.full": "https://venue.example/q/7?k=1"}
    )
    digest(project, make_container(make_streamed(0), query, call))
    assert {key for key, _ in span_queries.slowest_spans([project.pk], *AROUND)} == {
        SpanKey("db", "db", "SELECT ?"),
        SpanKey("http", "http.client", "GET https://venue.example/q/{id}"),
    }


def test_a_browsers_lone_span_counts_as_a_span_and_no_transaction(project):
    span = make_child(5, parent="", op="ui.interaction.click", description="body > button#buy", is_segment=True)
    digest(project, Item("span", {}, orjson.dumps(span | {"data": {"transaction": "/orders", "release": "x"}})))
    assert queries.overall([project.pk], *AROUND).count == 0
    ((key, figures),) = span_queries.slowest_spans([project.pk], *AROUND, transaction="/orders")
    assert (key.category, figures.count) == ("browser", 1)


@pytest.mark.parametrize(
    "items", [[None], [7, "x"], [{}], [{"span_id": []}], [make_streamed(0) | {"attributes": []}], []]
)
def test_odd_streamed_spans_never_stop_the_rest(project, items):
    digest(project, make_container(*items), make_item(1))
    assert count(project, "tx:GET /orders").count >= 1


def test_spans_that_name_each_other_as_parents(project):
    spans = [make_streamed(1, parent=f"{2:016x}", segment=None), make_streamed(2, parent=f"{1:016x}", segment=None)]
    digest(project, make_container(*spans))
    assert span_queries.by_category([project.pk], *AROUND)["db"].count == 2


# --- both ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("item", [make_item(), make_container(make_streamed(0))], ids=["transaction", "span"])
def test_switched_off_they_are_discarded(project, settings, item):
    settings.SENTRY_ENABLE_PERFORMANCE_MONITORING = False
    assert TraceHandler().prepare(item, make_arrival(project)) is None


@pytest.mark.parametrize("kind", ["transaction", "span"])
@pytest.mark.parametrize("payload", [b"", b"[]", b"{"])
def test_what_is_no_document_is_unreadable(project, kind, payload):
    with pytest.raises(Unreadable):
        TraceHandler().prepare(Item(kind, {}, payload), make_arrival(project))


@pytest.mark.parametrize("contexts", [None, [], "x", {}, {"trace": None}, {"trace": []}, {"trace": {"status": ["x"]}}])
def test_odd_contexts_cost_the_status_only(project, contexts):
    digest(project, make_item(1, contexts=contexts))
    assert (count(project, "transactions").count, count(project, "transactions.failed").count) == (1, 0)
