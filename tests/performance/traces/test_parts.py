from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.traces.trees import ms
from tradewatch.performance.traces.parts import About, read_part, service_of
from tradewatch.performance.traces.tree import build_trace

ABOUT = About(project_id=7, service="Trading API")
TRACE = "b799d36294bb4cbc8ff078eabe2ac115"
# As sentry-sdk 2.75 sent it from FastAPI with SQLAlchemy and httpx, shortened.
TRANSACTION: dict[str, Any] = {
    "type": "transaction",
    "transaction": "/orders",
    "contexts": {
        "trace": {
            "trace_id": TRACE, "span_id": "95a9d9474a9d3cd6", "parent_span_id": None, "op": "http.server",
            "status": "internal_error", "data": {"thread.name": "AnyIO", "http.response.status_code": 500},
        },
    },
    "tags": {"http.status_code": "500"},
    "timestamp": "2026-11-26T00:36:21.936543Z",
    "start_timestamp": "2026-11-26T00:36:21.629659Z",
    "event_id": "1cc0f483f1c14699ae92a6f60e20542d",
    "release": "trading-api@2.0.0",
    "environment": "production",
    "server_name": "vm",
    "spans": [
        {
            "trace_id": TRACE, "span_id": "9aca3e10c9ba91af", "parent_span_id": "95a9d9474a9d3cd6", "op": "db",
            "description": "SELECT accounts.id \nFROM accounts \nWHERE accounts.id = 17",
            "start_timestamp": "2026-11-26T00:36:21.859730Z", "timestamp": "2026-11-26T00:36:21.859859Z",
            "origin": "auto.db.sqlalchemy", "data": {"db.system": "sqlite"},
        },
        {
            "trace_id": TRACE, "span_id": "a822b41968b4a8f1", "parent_span_id": "95a9d9474a9d3cd6",
            "op": "http.client", "description": "POST http://127.0.0.1:46275/XSLO/orders/1234?side=buy",
            "start_timestamp": 1795653381.860715, "timestamp": 1795653381.882105, "status": "internal_error",
            "tags": {"status": "internal_error"},
            "data": {"http.method": "POST", "http.response.body.size": "2048"},
        },
    ],
}  # fmt: skip
STREAMED: dict[str, Any] = {
    "version": 2,
    "items": [
        {
            "trace_id": TRACE, "span_id": "1111111111111111", "parent_span_id": "a822b41968b4a8f1",
            "name": "take order", "status": "error", "is_segment": True,
            "start_timestamp": 1795653381.861, "end_timestamp": 1795653381.88,
            "attributes": {
                "sentry.op": {"type": "string", "value": "http.server"},
                "sentry.release": {"type": "string", "value": "venue@1.0"},
                "sentry.environment": {"type": "string", "value": "production"},
                "sentry.segment.id": {"type": "string", "value": "1111111111111111"},
                "http.response.body.size": {"type": "integer", "value": 12},
            },
        },
        {
            "trace_id": TRACE, "span_id": "2222222222222222", "parent_span_id": "1111111111111111", "name": "match",
            "status": "ok", "is_segment": False, "start_timestamp": 1795653381.865, "end_timestamp": 1795653381.87,
            "attributes": {"sentry.segment.id": {"type": "string", "value": "1111111111111111"}},
        },
    ],
}  # fmt: skip

# As @sentry/browser 10.78 sends how long a click waited.
ALONE: dict[str, Any] = {
    "data": {"sentry.op": "ui.interaction.click", "release": "order-ticket@1.0.0", "environment": "staging"},
    "description": "body > button#buy", "op": "ui.interaction.click", "parent_span_id": "95a9d9474a9d3cd6",
    "span_id": "8614eb25bf174aa2", "start_timestamp": 1795654624.271, "timestamp": 1795654624.343, "trace_id": TRACE,
    "measurements": {"inp": {"value": 72, "unit": "millisecond"}}, "is_segment": True, "segment_id": "8614eb25bf174aa2",
}  # fmt: skip


def test_a_span_that_a_browser_sends_alone_keeps_its_service() -> None:
    [span] = read_part({"version": 2, "items": [ALONE]}, ABOUT)
    assert (span.name, span.op, span.service, span.environment) == (
        "body > button#buy", "ui.interaction.click", "order-ticket", "staging",
    )  # fmt: skip
    assert (span.parent_id, span.is_transaction, ms(span.seconds)) == ("95a9d9474a9d3cd6", False, 72)


def test_a_transaction_is_a_span_and_holds_more() -> None:
    route, query, call = read_part(TRANSACTION, ABOUT)
    assert (route.span_id, route.parent_id, route.name, route.op) == ("95a9d9474a9d3cd6", "", "/orders", "http.server")
    assert (route.service, route.project_id, route.host, route.release) == ("trading-api", 7, "vm", "trading-api@2.0.0")
    assert (route.is_transaction, route.is_failed, route.status) == (True, True, "internal_error")
    assert (route.event_id, route.environment) == ("1cc0f483f1c14699ae92a6f60e20542d", "production")
    assert (ms(route.seconds), ms(query.seconds), ms(call.seconds)) == (306.88, 0.13, 21.39)
    assert route.facts["http.response.status_code"] == 500
    assert {each.segment for each in (route, query, call)} == {route.span_id}
    assert (query.category, query.pattern) == ("db", "SELECT accounts.id FROM accounts WHERE accounts.id = ?")
    assert (query.is_failed, query.is_transaction, query.service) == (False, False, "trading-api")
    assert (call.category, call.pattern) == ("http", "POST http://127.0.0.1/XSLO/orders/{id}")
    assert (call.is_failed, call.answer_bytes) == (True, 2048)


def test_streamed_spans_join_the_same_trace() -> None:
    venue = read_part(STREAMED, About(project_id=8, service="Venues"))
    assert [(each.name, each.service, each.project_id) for each in venue] == [("take order", "venue", 8),
                                                                              ("match", "Venues", 8)]  # fmt: skip
    assert [(each.is_transaction, each.is_failed, each.segment) for each in venue] == [
        (True, True, "1111111111111111"), (False, False, "1111111111111111"),
    ]  # fmt: skip
    assert (venue[0].op, venue[0].answer_bytes, ms(venue[0].seconds)) == ("http.server", 12, 19)
    trace = build_trace([*read_part(TRANSACTION, ABOUT), *venue])
    assert [(node.depth, node.span.name.split(" ")[0]) for node in trace.nodes] == [
        (0, "/orders"), (1, "SELECT"), (1, "POST"), (2, "take"), (3, "match"),
    ]  # fmt: skip


def test_a_clock_found_off_at_acceptance_is_set_right() -> None:
    plain, moved = read_part(TRANSACTION, ABOUT), read_part(TRANSACTION, About(7, "x", drift_seconds=7200))
    assert [round(b.start - a.start, 3) for a, b in zip(plain, moved, strict=True)] == [7200] * 3
    assert [round(b.end - a.end, 3) for a, b in zip(plain, moved, strict=True)] == [7200] * 3


@pytest.mark.parametrize(
    ("release", "service"),
    [
        ("trading-api@2.0.1", "trading-api"),
        ("2.0.1", "fallback"),
        ("@2", "fallback"),
        (None, "fallback"),
        (3, "fallback"),
    ],
)
def test_a_service_is_called_by_the_package_of_its_release(release: object, service: str) -> None:
    assert service_of(release, "fallback") == service


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"spans": None}, 1),
        ({"spans": "many"}, 1),
        ({"spans": [None, 3, {}, {"op": "db"}, {"start_timestamp": "soon"}]}, 1),
        ({"spans": [{"start_timestamp": 5}]}, 2),
        ({"start_timestamp": None}, 2),
        ({"contexts": None}, 3),
        ({"contexts": {"trace": []}, "tags": [["a", "b"], "odd", 3]}, 3),
        ({"transaction": 5, "release": [], "server_name": {}}, 3),
    ],
)
def test_an_odd_field_costs_no_more_than_itself(change: dict[str, Any], left: int) -> None:
    assert len(read_part({**TRANSACTION, **change}, ABOUT)) == left


def test_a_span_that_ends_before_it_begins_takes_nothing() -> None:
    [span] = read_part({"start_timestamp": 10, "timestamp": 9}, ABOUT)
    assert (span.start, span.end, span.name) == (10, 10, "")


odd = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(["1.5", "inf"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
names = ("span_id", "parent_span_id", "op", "description", "status", "data", "tags", "name", "attributes", "is_segment",
         "end_timestamp", "timestamp", "start_timestamp")  # fmt: skip
odd_spans = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(names, odd) | {"start_timestamp": st.floats(0, 1e11) | odd}
)


@given(
    st.fixed_dictionaries(
        {"start_timestamp": st.just(5.0)},
        optional={
            "contexts": st.fixed_dictionaries({"trace": odd_spans | odd}) | odd,
            "spans": st.lists(odd_spans | odd),
        }
        | dict.fromkeys(("transaction", "release", "server_name", "tags", "timestamp"), odd),
    )
    | st.fixed_dictionaries({"items": st.lists(odd_spans | odd) | odd})
)
def test_nothing_that_clients_send_raises(document: dict[str, Any]) -> None:
    trace = build_trace(read_part(document, ABOUT))
    assert all(node.seconds >= 0 for node in trace.nodes)
