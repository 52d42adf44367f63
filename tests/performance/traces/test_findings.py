import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.traces.trees import make_span, make_transaction, ms
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.findings import Finding, find
from tradewatch.performance.traces.limits import Limits
from tradewatch.performance.traces.tree import Span

ROUTE = make_transaction("a", name="GET /quotes/{symbol}", end=84)
QUERY = "SELECT bid FROM venue_quotes WHERE venue = %s"


def queries(*lengths: float, parent: str = "a", pattern: str = QUERY, **fields: object) -> list[Span]:
    """Return database spans one after the other, a millisecond apart, each as long as said."""
    spans, at = [], 10.0
    for number, length in enumerate(lengths):
        fields = {"op": "db", "category": "db", "name": f"{pattern} {number}", "pattern": pattern, **fields}
        spans.append(make_span(f"{parent}-{len(pattern)}-{number}", parent, at, at + length, **fields))
        at += length + 1
    return spans


def kinds(found: list[Finding]) -> list[tuple[str, int]]:
    return [(each.kind.value, each.count) for each in found]


def test_the_same_query_under_one_parent_is_found_with_its_name_and_its_price() -> None:
    [found] = find([ROUTE, *queries(7.4, 6.9, 7.3, 7.1, 7.3)])
    assert (found.kind, found.transaction, found.pattern) == (FindingKind.N_PLUS_ONE, "GET /quotes/{symbol}", QUERY)
    assert (found.count, found.numbers, found.service, found.op) == (5, (1, 2, 3, 4, 5), "api", "db")
    assert (ms(found.seconds), ms(found.cost_seconds)) == (36.0, 28.8)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (queries(3, 3, 3, 3), []),
        (queries(2, 2, 2, 2, 2), [("n_plus_one", 5)]),
        (queries(1.9, 1.9, 1.9, 1.9, 1.9), []),
        ([*queries(5, 5, 5), *queries(5, 5, parent="b")], []),
        ([*queries(5, 5, 5), *queries(5, 5, pattern="SELECT 1")], []),
        ([*queries(5, 5, 5, 5, 5), *queries(9, 9, 9, 9, 9, parent="b")], [("n_plus_one", 5), ("n_plus_one", 5)]),
        ([span for pair in zip(queries(5, 5, 5, 5, 5), queries(1, 1, 1, 1, 1, pattern="SELECT 1"), strict=True)
          for span in pair], [("n_plus_one", 5)]),
        (queries(9, 9, 9, 9, 9, pattern="SAVEPOINT s"), []),
        (queries(9, 9, 9, 9, 9, category="cache"), []),
    ],
    ids=["four are no loop", "five are", "too cheap", "two parents", "two queries", "two loops", "interleaved",
         "steers the connection", "no database"],
)  # fmt: skip
def test_n_plus_one_is_five_of_a_query_that_cost_ten_ms(spans: list[Span], expected: list[tuple[str, int]]) -> None:
    assert kinds(find(spans)) == expected


def test_without_a_pattern_a_query_goes_by_its_name() -> None:
    spans = [make_span(f"q{n}", "a", n * 10, n * 10 + 9, category="db", name="same", pattern="") for n in range(5)]
    assert [each.pattern for each in find(spans)] == ["same"]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (make_span("q", "a", 0, 500, category="db", pattern=QUERY), [("slow_query", 1)]),
        (make_span("q", "a", 0, 499, category="db", pattern=QUERY), []),
        (make_span("h", "a", 0, 1000, category="http", name="GET venue"), [("slow_http", 1)]),
        (make_span("h", "a", 0, 999, category="http"), []),
        (make_transaction("h", "a", 0, 3000, category="http"), []),
        (make_span("h", "a", 0, 5, category="http", answer_bytes=1 << 20), [("large_answer", 1)]),
        (make_span("h", "a", 0, 5, category="http", answer_bytes=(1 << 20) - 1), []),
        (make_transaction("a", "", 0, 50, answer_bytes=5 << 20), [("large_answer", 1)]),
    ],
)
def test_one_span_alone_is_found_from_its_limit_on(span: Span, expected: list[tuple[str, int]]) -> None:
    assert kinds(find([span])) == expected


def test_the_costliest_comes_first_and_repeats_in_one_transaction_are_one_finding() -> None:
    slow = [make_span(f"q{n}", "a", 0, 600, category="db", pattern=QUERY) for n in range(2)]
    large = make_span("h", "a", 0, 900, category="http", name="GET book", answer_bytes=3 << 20)
    found = find([ROUTE, large, *slow])
    assert kinds(found) == [("slow_query", 2), ("large_answer", 1)]
    assert [ms(each.cost_seconds) for each in found] == [1200, 900]
    assert found[1].answer_bytes == 3 << 20


def test_each_transaction_has_findings_of_its_own() -> None:
    other = make_transaction("b", name="settle order")
    found = find([ROUTE, *queries(5, 5, 5, 5, 5), other, *queries(4, 4, 4, 4, 4, parent="b", segment="b")])
    assert [each.transaction for each in found] == ["GET /quotes/{symbol}", "settle order"]


def test_limits_can_be_others() -> None:
    assert kinds(find(queries(1, 1), {1: Limits(repeats=2, repeats_seconds=0)})) == [("n_plus_one", 2)]
    assert find(queries(1, 1), {2: Limits(repeats=2, repeats_seconds=0)}) == [], "another project's"


@given(
    st.lists(
        st.builds(
            lambda parent, category, length, size, name: make_span(
                "x", parent, 0, length, category=category, pattern=name, answer_bytes=size
            ),
            st.sampled_from("abc"),
            st.sampled_from(["db", "http", "other"]),
            st.floats(0, 2000),
            st.none() | st.integers(0, 1 << 22),
            st.sampled_from(["", "SELECT 1", "COMMIT", "x"]),
        ),
        max_size=40,
    )
)
def test_a_finding_is_never_more_than_its_spans(spans: list[Span]) -> None:
    for found in find(spans):
        assert found.seconds == pytest.approx(sum(spans[number].seconds for number in found.numbers))
        assert 0 <= found.cost_seconds <= found.seconds
        assert len(set(found.numbers)) == found.count > 0
