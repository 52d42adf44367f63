from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dashboard.builders import make_event, make_issue
from tests.performance.traces.kept import TRACE, child, keep, transaction
from tests.performance.traces.trees import T0, ms, outline
from tests.projects.builders import make_project
from tradewatch.errors.models import Event
from tradewatch.performance.traces.whole import plain_trace_id, read_whole
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

CALL = child("c", "a", 12, 64, "http.client", "GET quote-service")
QUERIES = [
    child(f"q{n}", "b", 17 + n * 8, 24 + n * 8, description=f"SELECT bid FROM q WHERE v = {n}") for n in range(5)
]


def keep_two_services() -> tuple[Project, Project]:
    trading, quotes = make_project(), make_project("quotes", name="Quotes")
    keep(transaction("b", "c", 15, 60, *QUERIES, transaction="GET /quotes", release="quote-service@3.4.0"), quotes)
    keep(transaction("a", "", 0, 84, CALL), trading)
    return trading, quotes


def happen(project: Project, at: float, span_id: str, title: str = "MarginCheckError: no margin account") -> Event:
    document: dict[str, Any] = {"contexts": {"trace": {"trace_id": TRACE, "span_id": span_id}}}
    event = make_event(
        make_issue(project, title=title), at=datetime.fromtimestamp(T0 + at / 1000, UTC), document=document
    )
    Event.objects.filter(pk=event.pk).update(trace_id=TRACE)
    return event


def test_the_parts_of_all_projects_make_one_trace_with_its_errors() -> None:
    trading, quotes = keep_two_services()
    event = happen(trading, 71.7, "a")
    whole = read_whole([trading.pk, quotes.pk], TRACE)
    assert whole
    assert outline(whole.trace)[:3] == ["a", ".c", "..b"]
    assert [node.span.service for node in whole.trace.nodes[:3]] == ["trading-api", "trading-api", "quote-service"]
    [mark] = whole.trace.nodes[0].errors
    assert (mark.title, mark.href, ms(mark.at - T0)) == (event.issue.title, event.get_absolute_url(), 71.7)
    [found] = whole.findings
    assert (found.kind.value, found.count, found.project_id) == ("n_plus_one", 5, quotes.pk)
    assert [whole.trace.nodes[number].span.span_id for number in found.numbers] == ["q0", "q1", "q2", "q3", "q4"]
    assert (whole.started_at, ms(whole.trace.seconds)) == (datetime.fromtimestamp(T0, UTC), 84)


def test_only_what_the_reader_may_see_is_there() -> None:
    trading, quotes = keep_two_services()
    happen(quotes, 20, "b", "a secret of theirs")
    whole = read_whole([trading.pk], TRACE)
    assert whole
    assert outline(whole.trace) == ["a", ".c"]
    assert (whole.errors, whole.findings, list(whole.projects)) == ([], (), [trading.pk])


def test_an_error_alone_is_a_trace_too() -> None:
    project = make_project()
    happen(project, 5, "gone")
    whole = read_whole([project.pk], TRACE)
    assert whole
    assert (whole.trace.nodes, len(whole.errors), whole.start) == ((), 1, T0 + 0.005)


@pytest.mark.parametrize("trace_id", ["0" * 32, "f" * 32, "xyz", "", "5d20c1f7"])
def test_an_unknown_trace_is_none(trace_id: str) -> None:
    trading, quotes = keep_two_services()
    assert read_whole([trading.pk, quotes.pk], trace_id) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [(TRACE.upper(), TRACE), (f" {TRACE}\n", TRACE), ("5d20c1f7-5d20-c1f7-5d20-c1f75d20c1f7", TRACE),
     ("0" * 32, ""), (TRACE[:-1], ""), (TRACE[:-1] + "g", "")],
)  # fmt: skip
def test_a_trace_id_is_read_as_people_paste_it(text: str, plain: str) -> None:
    assert plain_trace_id(text) == plain


def test_a_clock_that_was_set_right_at_acceptance_stays_right() -> None:
    """Ninety minutes ahead: the row has the true moment, the document the client's."""
    project, ahead = make_project(), 90 * 60 * 1000
    late = transaction("a", "", ahead, ahead + 84, child("q", "a", ahead + 1, ahead + 2))
    keep(late, project, started_at=datetime.fromtimestamp(T0, UTC))
    whole = read_whole([project.pk], TRACE)
    assert whole
    assert abs(whole.started_at - datetime.fromtimestamp(T0, UTC)) < timedelta(milliseconds=1)
    assert ms(whole.trace.nodes[1].start - T0) == 1


def test_a_part_whose_document_is_gone_costs_its_spans_alone() -> None:
    trading, quotes = keep_two_services()
    keep(transaction("x", "a", 1, 2), trading).stored.delete()  # type: ignore[attr-defined]
    whole = read_whole([trading.pk, quotes.pk], TRACE)
    assert whole
    assert len(whole.trace.nodes) == 8
