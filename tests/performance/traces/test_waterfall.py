import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.traces.test_findings import QUERY, queries
from tests.performance.traces.test_tree import some_ids, some_spans
from tests.performance.traces.trees import make_error, make_span, make_transaction
from tradewatch.performance.traces.findings import find
from tradewatch.performance.traces.tree import Span, build_trace
from tradewatch.performance.traces.waterfall import MOST_MEMBERS, Line, Waterfall, draw

API = make_transaction("a", end=100)


def drawn(*spans: Span, **options: object) -> Waterfall:
    trace = build_trace([API, *spans], options.pop("errors", []))
    return draw(trace, find([node.span for node in trace.nodes]), **options)


def places(line: Line) -> list[tuple[float, float]]:
    return [(round(bar.x, 2), round(bar.width, 2)) for bar in line.bars]


def line_of(waterfall: Waterfall, span_id: str) -> Line:
    return next(line for line in waterfall.lines if line.node.span.span_id == span_id)


def test_bars_stand_at_their_share_of_the_trace() -> None:
    waterfall = drawn(make_span("b", "a", 25, 75), make_span("c", "b", 30, 40))
    assert [places(line) for line in waterfall.lines] == [[(0, 100)], [(25, 50)], [(30, 10)]]
    assert [line.depth for line in waterfall.lines] == [0, 1, 2]
    assert waterfall.hidden == 0


@pytest.mark.parametrize(
    ("start", "end", "bar"),
    [(50, 50, (50, 0.15)), (100, 100, (99.85, 0.15)), (0, 0, (0, 0.15)), (99.99, 100, (99.85, 0.15))],
)
def test_what_took_nothing_is_still_seen_and_within_the_picture(
    start: float, end: float, bar: tuple[float, float]
) -> None:
    assert places(drawn(make_span("b", "a", start, end)).lines[1]) == [bar]


@pytest.mark.parametrize(
    ("start", "end", "place", "x"),
    [(0, 40, "right", 40), (10, 95, "inside", 95), (95, 99, "left", 95), (0, 100, "inside", 100), (76, 78, "left", 76)],
)
def test_a_label_stands_right_of_its_bar_or_inside_near_the_edge(start: int, end: int, place: str, x: float) -> None:
    label = line_of(drawn(make_span("b", "a", start, end)), "b").label
    assert (label.place, round(label.x, 2)) == (place, x)


# --- folding ---------------------------------------------------------------------------------------------------------
def test_repeated_queries_fold_into_one_line_of_bars() -> None:
    waterfall = drawn(make_span("b", "a", 1, 3), *queries(7, 7, 7, 7, 7), make_span("z", "a", 60, 70))
    assert [len(line.nodes) for line in waterfall.lines] == [1, 1, 5, 1]
    fold = waterfall.lines[2]
    assert (fold.badge, fold.is_fold, round(fold.seconds * 1000, 2)) == ("N+1", True, 35)
    assert places(fold) == [(10, 7), (18, 7), (26, 7), (34, 7), (42, 7)]
    assert [places(member) for member in fold.members] == [[each] for each in places(fold)]


def test_others_alike_fold_and_are_counted() -> None:
    waterfall = drawn(*(make_span(f"r{n}", "a", n, n + 1, name="render row") for n in range(6)))
    assert [(len(line.nodes), line.badge) for line in waterfall.lines] == [(1, ""), (6, "×6")]


def test_a_fold_takes_as_long_as_any_of_its_spans_ran() -> None:
    spans = [make_span(f"r{n}", "a", start, end, name="row") for n, (start, end) in enumerate(
        [(0, 10), (5, 12), (6, 7), (20, 30), (12, 13)])]  # fmt: skip
    assert round(drawn(*spans).lines[1].seconds * 1000, 2) == 23


def test_files_of_a_page_fold_whatever_their_names() -> None:
    files = [make_span(f"r{n}", "a", n, n + 1, op="resource.script", name=f"/{n}.js") for n in range(6)]
    waterfall = drawn(*files, make_span("c", "a", 1, 2, op="resource.css", name="/a.css"))
    assert [len(line.nodes) for line in waterfall.lines] == [1, 6, 1]


@pytest.mark.parametrize(
    "spans",
    [
        queries(7, 7, 7, 7),
        [*queries(7, 7, 7), *queries(7, 7, 7, parent="b"), make_span("b", "a")],
        [*queries(7, 7, 7, 7), make_span("q", "a", name="other", op="db", pattern="SELECT 2")],
        [*queries(7, 7, 7, 7), *queries(7, is_failed=True)],
        [*queries(7, 7, 7, 7), *queries(7, service="venue")],
        [*queries(7, 7, 7, 7, 7), *(make_span(f"k{n}", f"a-{len(QUERY)}-{n}") for n in range(5))],
    ],
    ids=["too few", "two parents", "another query", "one failed", "two services", "with children"],
)
def test_what_is_not_alike_stays_apart(spans: list[Span]) -> None:
    assert [line for line in drawn(*spans).lines if line.is_fold] == []


def test_a_long_fold_shows_its_first_and_joins_bars_that_nobody_could_tell_apart() -> None:
    waterfall = drawn(*(make_span(f"r{n}", "a", n / 50, n / 50 + 0.01, name="tick") for n in range(5000)))
    fold = waterfall.lines[1]
    assert (len(fold.nodes), len(fold.members), fold.badge) == (5000, MOST_MEMBERS, "×5000")
    assert len(fold.bars) == 1
    assert places(fold) == [(0, 100)]


# --- what is told apart -----------------------------------------------------------------------------------------------
def test_services_have_colours_in_the_order_in_which_they_come_in() -> None:
    names = ["web", "api", "risk", "venue", "book", "late"]
    spans = [make_span(n, "a", at, 90, service=n) for at, n in enumerate(names)]
    waterfall = drawn(*reversed(spans))
    assert [(each.name, each.style) for each in waterfall.services] == [
        ("api", "s1"), ("web", "s2"), ("risk", "s3"), ("venue", "s4"), ("book", "s5"), ("late", "s5"),
    ]  # fmt: skip
    assert waterfall.services[0].spans == 2


def test_a_failed_span_and_one_with_an_error_are_red_whatever_their_service() -> None:
    error = make_error(30, "c")
    waterfall = drawn(make_span("b", "a", is_failed=True), make_span("c", "a", 20, 40), errors=[error])
    assert [line.style for line in waterfall.lines] == ["s1", "err", "err"]
    assert [[round(mark) for mark in line.marks] for line in waterfall.lines] == [[], [], [30]]
    assert [line.is_failed for line in waterfall.lines] == [False, True, True]


def test_slow_and_large_have_their_badge() -> None:
    spans = [
        make_span("q", "a", 0, 700, category="db"),
        make_span("h", "a", 0, 1500, category="http"),
        make_span("l", "a", 0, 5, category="http", answer_bytes=2 << 20),
    ]
    assert {line.node.span.span_id: line.badge for line in drawn(*spans).lines} == {
        "a": "", "q": "slow", "h": "slow", "l": "large",
    }  # fmt: skip


def test_the_slowest_path_alone() -> None:
    waterfall = drawn(make_span("b", "a", 10, 60), make_span("c", "a", 10, 80), make_span("d", "b", 20, 30),
                      is_path_only=True)  # fmt: skip
    assert [line.node.span.span_id for line in waterfall.lines] == ["a", "c"]
    assert waterfall.hidden == 0


def test_some_nodes_alone_stand_where_they_are_in_the_whole() -> None:
    waterfall = drawn(make_span("b", "a", 25, 75), *queries(7, 7, 7, 7, 7), only={0, 4})
    assert [line.node.number for line in waterfall.lines] == [0, 4]
    assert places(waterfall.lines[1]) == [(26, 7)]


def test_of_too_many_the_failed_and_the_longest_stay_with_those_above_them() -> None:
    short = [make_span(f"s{n}", "a", n, n + 1 + n / 1000) for n in range(50)]
    deep = [make_span("d1", "a", 1, 1.2), make_span("d2", "d1", 1, 1.1, is_failed=True)]
    waterfall = drawn(*short, *deep, most=6)
    assert [line.node.span.span_id for line in waterfall.lines] == ["a", "d1", "d2", "s47", "s48", "s49"]
    assert waterfall.hidden == 47


# --- axis ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("length", "ticks"),
    [
        (84, [0, 20, 40, 60, 80]),
        (100, [0, 20, 40, 60, 80]),
        (1, [0, 0.2, 0.4, 0.6, 0.8]),
        (1240, [0, 500, 1000]),
        (0.3, [0, 0.1, 0.2]),
        (0, [0]),
    ],
)
def test_ticks_are_round(length: float, ticks: list[float]) -> None:
    found = draw(build_trace([make_transaction("a", end=length)])).ticks
    assert [round(tick.seconds * 1000, 3) for tick in found] == ticks
    assert all(0 <= tick.x < 100 for tick in found)


def test_an_empty_trace_has_no_lines() -> None:
    assert draw(build_trace([])).lines == ()


@given(st.lists(some_spans, max_size=40), st.lists(st.builds(make_error, st.floats(0, 1e6), some_ids), max_size=3),
       st.sampled_from([1, 3, 1000]))  # fmt: skip
def test_every_span_is_on_one_line_or_counted_as_hidden(spans: list[Span], errors: list, most: int) -> None:
    trace = build_trace(spans, errors)
    waterfall = draw(trace, find([node.span for node in trace.nodes]), most=most)
    numbers = [node.number for line in waterfall.lines for node in line.nodes]
    assert len(set(numbers)) == len(numbers)
    assert len(numbers) + waterfall.hidden == len(trace.nodes)
    assert len(waterfall.lines) <= most
    for line in waterfall.lines:
        assert line.bars
        assert all(bar.x >= 0 and bar.width > 0 and bar.x + bar.width <= 100.0001 for bar in line.bars)
        assert all(0 <= mark <= 100 for mark in line.marks)
