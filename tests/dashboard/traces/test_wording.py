import pytest

from tests.performance.traces.trees import make_span
from tradewatch.dashboard.traces.wording import finding_words, fine, status_words, tick
from tradewatch.performance.traces.findings import find
from tradewatch.performance.traces.tree import build_trace


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.000004, "0 ms"), (0.00013, "0.13 ms"), (0.0074, "7.40 ms"), (0.009996, "10.0 ms"),
     (0.084, "84.0 ms"), (0.99994, "999.9 ms"), (1, "1.00 s"), (59.994, "59.99 s"), (60, "1 min"), (185, "3 min 5 s"),
     (-0.0007, "−0.70 ms"), (-90, "−1 min 30 s")],
)  # fmt: skip
def test_lengths_have_about_three_digits(seconds: float, words: str) -> None:
    assert fine(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 ms"), (0.02, "20 ms"), (0.0005, "0.5 ms"), (1.5, "1.5 s")])
def test_ticks_are_short(seconds: float, words: str) -> None:
    assert tick(seconds) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"facts": {"http.response.status_code": 500}}, "500"), ({"facts": {"http.response.status_code": "201"}}, "201"),
     ({"status": "internal_error", "is_failed": True}, "internal_error"), ({"status": "ok"}, ""),
     ({"facts": {"http.response.status_code": "<b>"}}, "")],
)  # fmt: skip
def test_a_status_is_the_http_one_or_that_of_a_failure(fields: dict, words: str) -> None:
    [node] = build_trace([make_span("a", **fields)]).nodes
    assert status_words(node) == words


def test_findings_say_what_they_cost_and_what_would_help() -> None:
    loop = [make_span(f"q{n}", "a", n * 8, n * 8 + 7.2, category="db", name="SELECT 1") for n in range(5)]
    slow = make_span("s", "a", 0, 840, category="db", name="SELECT 2")
    call = [make_span(f"h{n}", "a", 0, 1000, category="http", name="GET x") for n in range(2)]
    large = make_span("l", "a", 0, 90, name="GET y", answer_bytes=3_100_000)
    words = {
        each.badge: each for each in (finding_words(f, total_seconds=4) for f in find([*loop, slow, *call, large]))
    }
    assert words["N+1"].title == "N+1 in api"
    assert words["N+1"].text == "The same query ran 5 times under one span: 36.0 ms of 4.00 s."
    assert words["N+1"].advice == "One query for all would save about 28.8 ms."
    assert words["Slow query"].text == "This query took 840.0 ms (21.0% of the trace)."
    assert words["Slow request"].text == "This request ran 2 times and took 2.00 s (50.0% of the trace)."
    assert words["Large answer"].text == "The answer was 3.1 MB and took 90.0 ms (2.2% of the trace)."
