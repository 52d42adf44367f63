import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.traces.trees import T0, make_error, make_span, make_transaction, ms, outline
from tradewatch.performance.traces.tree import Span, build_trace

API = make_transaction("a", end=100)


def test_spans_stand_under_their_parents_in_order_of_start() -> None:
    trace = build_trace([make_span("c", "b", 20, 30), make_span("d", "a", 5, 9), API, make_span("b", "a", 10, 50)])
    assert outline(trace) == ["a", ".d", ".b", "..c"]
    assert [node.number for node in trace.nodes] == [0, 1, 2, 3]
    assert [node.parent for node in trace.nodes] == [None, 0, 0, 2]
    assert trace.nodes[0].children == (1, 2)
    assert (trace.main, trace.roots, ms(trace.seconds)) == (0, (0,), 100)


def test_services_join_where_one_calls_the_other() -> None:
    venue = make_transaction("v", "h", 22, 38, service="venue", project_id=2)
    trace = build_trace([venue, make_span("m", "v", 25, 30, segment="v"), API, make_span("h", "a", 20, 40)])
    assert outline(trace) == ["a", ".h", "..v", "...m"]
    assert [node.shift for node in trace.nodes] == [0, 0, 0, 0]


def test_no_spans_make_an_empty_trace() -> None:
    trace = build_trace([])
    assert (trace.nodes, trace.roots, trace.main, trace.seconds) == ((), (), None, 0)


def test_the_longest_of_two_roots_is_the_main_one() -> None:
    trace = build_trace([make_transaction("x", end=20), make_transaction("y", start=5, end=90)])
    assert outline(trace) == ["x", "y"]
    assert (trace.roots, trace.main) == ((0, 1), 1)


@pytest.mark.parametrize(
    ("spans", "expected", "orphans"),
    [
        ([API, make_span("b", "gone", 1, 2)], ["a", ".b"], ["b"]),
        ([make_span("b", "gone", 1, 2, segment="gone too")], ["b"], ["b"]),
        ([make_transaction("a", "gone")], ["a"], ["a"]),
        ([API, make_span("b", "", 1, 2)], ["a", ".b"], []),
        ([make_span("", "", 1, 2, segment=""), make_span("", "", 1, 2, segment="")], ["", ""], []),
    ],
    ids=["under its transaction", "nothing came", "caller did not come", "names no parent", "no ids at all"],
)
def test_a_missing_parent_costs_no_span(spans: list[Span], expected: list[str], orphans: list[str]) -> None:
    trace = build_trace(spans)
    assert outline(trace) == expected
    assert [node.span.span_id for node in trace.nodes if node.is_orphan] == orphans


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([make_span("b", "b", segment="")], ["b"]),
        ([make_span("b", "c", 5, 6), make_span("c", "b", 2, 9)], ["c", ".b"]),
        ([make_span("b", "c", 1), make_span("c", "d", 2), make_span("d", "b", 3), make_span("e", "c", 4)],
         ["b", ".d", "..c", "...e"]),
    ],
    ids=["its own parent", "two", "three and one under them"],
)  # fmt: skip
def test_a_circle_is_cut_at_its_earliest_span(spans: list[Span], expected: list[str]) -> None:
    assert outline(build_trace(spans)) == expected


def test_what_came_twice_counts_once_and_a_double_id_does_not() -> None:
    span = make_span("b", "a", 1, 2)
    trace = build_trace([API, span, span, replace(span, name="another")])
    assert outline(trace) == ["a", ".b", ".b"]


# --- clocks -----------------------------------------------------------------------------------------------------------
CALL = make_span("h", "a", 20, 60, op="http.client")


@pytest.mark.parametrize(
    ("called", "begins", "shift"),
    [
        (make_transaction("v", "h", 25, 55), 25, 0),
        (make_transaction("v", "h", 5025, 5055), 25, -5000),
        (make_transaction("v", "h", -975, -945), 25, 1000),
        (make_transaction("v", "h", 10, 70), 20, 10),
        (make_transaction("v", "h", 30, 600), 30, 0),
        (make_transaction("v", "h", 900, 999), 20, -880),
        (make_transaction("v", "h", 19.1, 30), 19.1, 0),
        (make_transaction("v", "h", 30, 68), 30, 0),
        (make_transaction("v", "h", 50, 70), 50, 0),
        (make_transaction("v", "h", 55, 75), 30, -25),
    ],
    ids=["fits", "clock ahead", "clock behind", "longer than the call", "goes on after the caller gave up",
         "longer and elsewhere", "within what clocks differ", "ends after the answer", "overlaps by half",
         "hardly overlaps"],
)  # fmt: skip
def test_another_machines_clock_is_moved_as_little_as_makes_it_possible(
    called: Span, begins: float, shift: float
) -> None:
    trace = build_trace([API, CALL, called, make_span("m", "v", 0, 1, segment="v")])
    node = next(node for node in trace.nodes if node.span.span_id == "v")
    below = next(node for node in trace.nodes if node.span.span_id == "m")
    assert (ms(node.start - T0), ms(node.shift)) == (begins, shift)
    assert below.shift == node.shift


def test_one_machine_has_one_clock() -> None:
    late = make_transaction("v", "h", 55, 75, host="vm-1")
    trace = build_trace([replace(API, host="vm-1"), replace(CALL, host="vm-1"), late])
    assert [node.shift for node in trace.nodes] == [0, 0, 0]


def test_a_moved_service_moves_what_it_called_with_it() -> None:
    venue = make_transaction("v", "h", 5025, 5055, host="vm-2")
    onward = make_span("x", "v", 5030, 5050, segment="v", op="http.client", host="vm-2")
    beside = make_transaction("w", "x", 5032, 5048, host="vm-2")
    assert {node.span.span_id: ms(node.shift) for node in build_trace([API, CALL, venue, onward, beside]).nodes} == {
        "a": 0, "h": 0, "v": -5000, "x": -5000, "w": -5000,
    }  # fmt: skip


def test_work_that_nobody_waits_for_may_end_later_but_not_begin_earlier() -> None:
    publish = make_span("q", "a", 20, 21, op="queue.publish")
    trace = build_trace([API, publish, make_transaction("w", "q", 500, 900)])
    assert [node.shift for node in trace.nodes] == [0, 0, 0]
    trace = build_trace([API, publish, make_transaction("w", "q", 10, 900)])
    assert ms(trace.nodes[2].shift) == 10


def test_a_page_load_begins_before_the_request_that_names_its_trace() -> None:
    trace = build_trace([API, make_transaction("p", "a", -20, 90, op="pageload", service="browser")])
    assert [node.shift for node in trace.nodes] == [0, 0]
    assert ms(trace.start - T0) == -20


def test_a_page_load_that_outlasts_its_request_is_what_the_trace_is_about() -> None:
    page = make_transaction("p", "a", -20, 900, op="pageload", service="browser")
    trace = build_trace([API, page, make_span("f", "p", 100, 700, segment="p")])
    assert trace.main == 1
    assert {node.span.span_id: ms(node.path_seconds) for node in trace.nodes} == {"a": 0, "p": 320, "f": 600}


# --- time ------------------------------------------------------------------------------------------------------------
def test_own_time_is_what_no_child_covers() -> None:
    trace = build_trace([API, make_span("b", "a", 10, 40), make_span("c", "a", 30, 60), make_span("d", "a", 90, 150)])
    assert [ms(node.own_seconds) for node in trace.nodes] == [40, 30, 30, 60]


@pytest.mark.parametrize(
    ("spans", "path"),
    [
        ([], {"a": 100}),
        ([make_span("b", "a", 10, 40), make_span("c", "a", 50, 90)], {"a": 30, "b": 30, "c": 40}),
        ([make_span("b", "a", 10, 60), make_span("c", "a", 10, 80)], {"a": 30, "c": 70}),
        ([make_span("b", "a", 10, 60), make_span("c", "a", 40, 80)], {"a": 30, "b": 30, "c": 40}),
        ([make_span("b", "a", 10, 90), make_span("c", "b", 20, 30)], {"a": 20, "b": 70, "c": 10}),
        ([make_span("b", "a", 90, 500)], {"a": 90, "b": 10}),
        ([make_span("b", "a", 200, 500)], {"a": 100}),
    ],
    ids=["alone", "one after the other", "side by side", "overlapping", "nested", "goes on after", "later altogether"],
)  # fmt: skip
def test_the_slowest_path_is_what_decided_the_end(spans: list[Span], path: dict[str, float]) -> None:
    trace = build_trace([API, *spans])
    assert {node.span.span_id: ms(node.path_seconds) for node in trace.nodes if node.path_seconds} == path


# --- errors ----------------------------------------------------------------------------------------------------------
def test_errors_stand_at_their_span_and_move_with_its_clock() -> None:
    trace = build_trace(
        [API, CALL, make_transaction("v", "h", 5025, 5055)],
        [make_error(5040, "v", title="second"), make_error(5030, "v", title="first"), make_error(1, "elsewhere")],
    )
    assert [(mark.title, ms(mark.at - T0)) for mark in trace.nodes[2].errors] == [("first", 30), ("second", 40)]
    assert [mark.span_id for mark in trace.loose] == ["elsewhere"]


def test_an_error_without_a_span_is_loose_even_beside_spans_without_ids() -> None:
    trace = build_trace([make_span("", "", segment="")], [make_error(1, "")])
    assert len(trace.loose) == 1


# --- whatever clients send --------------------------------------------------------------------------------------------
some_ids = st.sampled_from(["", "a", "b", "c", "d", "e", "f"])
some_spans = st.builds(
    lambda span_id, parent_id, segment, start, length, host, op, is_transaction: make_span(
        span_id, parent_id, start, start + length, segment=segment, host=host, op=op, is_transaction=is_transaction
    ),
    some_ids,
    some_ids,
    some_ids,
    st.floats(-1e7, 1e7),
    st.floats(0, 1e6),
    st.sampled_from(["", "vm-1", "vm-2"]),
    st.sampled_from(["db", "http.client", "pageload", "http.server"]),
    st.booleans(),
)


@given(st.lists(some_spans, max_size=30), st.lists(st.builds(make_error, st.floats(0, 1e6), some_ids), max_size=5))
def test_every_span_and_error_has_exactly_one_place(spans: list[Span], errors: list) -> None:
    trace = build_trace(spans, errors)
    with_id = {(each.span_id, each.start, each.end, each.op, each.name) for each in spans if each.span_id}
    assert len(trace.nodes) == len(with_id) + sum(not each.span_id for each in spans)
    assert {id(node.span) for node in trace.nodes} <= {id(each) for each in spans}
    assert len({id(node.span) for node in trace.nodes}) == len(trace.nodes)
    assert sum(len(node.errors) for node in trace.nodes) + len(trace.loose) == len(errors)
    for node in trace.nodes:
        assert node.parent is None or node.parent < node.number
        assert all(trace.nodes[child].parent == node.number for child in node.children)
        assert -1e-6 <= node.own_seconds <= node.seconds + 1e-6
        assert node.path_seconds >= -1e-6
        assert trace.start <= node.start <= node.end <= trace.end
    assert set(trace.roots) == {node.number for node in trace.nodes if node.parent is None}
    if trace.main is not None:
        length = trace.nodes[trace.main].seconds
        assert sum(node.path_seconds for node in trace.nodes) == pytest.approx(length, abs=1e-4)


def test_thousands_of_spans_in_one_chain_are_no_problem() -> None:
    chain = [make_transaction("0", end=20_000)]
    chain += [make_span(str(n), str(n - 1), n, 20_000 - n, segment="0") for n in range(1, 6_000)]
    random.Random(1).shuffle(chain)
    trace = build_trace(chain)
    assert [node.depth for node in trace.nodes] == list(range(6_000))
    assert sum(node.path_seconds for node in trace.nodes) == pytest.approx(20, abs=1e-3)
