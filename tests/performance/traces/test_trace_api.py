import json
from typing import Any

import pytest
from django.test import Client

from tests.performance.traces.kept import TRACE, child, keep, transaction
from tests.performance.traces.test_whole import happen, keep_two_services
from tests.projects.builders import bearer
from tradewatch.performance.traces.trace_serializers import TraceAnswer, TraceVitals
from tradewatch.performance.traces.vitals import VITALS

pytestmark = pytest.mark.django_db


def read(client: Client, trace_id: str = TRACE, scope: str = "performance:read", **options: Any) -> Any:
    return client.get(f"/performance/traces/{trace_id}", headers=bearer(scope, **options))


def test_a_trace_answers_with_spans_errors_findings_and_where_its_time_went(client: Client) -> None:
    trading, _ = keep_two_services()
    event = happen(trading, 71.7, "a")
    answer = read(client).json()
    assert (answer["trace_id"], answer["seconds"], answer["main_span_id"]) == (TRACE, 0.084, "a")
    first, second, third = answer["spans"][:3]
    assert (first["span_id"], first["parent_span_id"], first["depth"], first["is_transaction"]) == ("a", None, 0, True)
    assert (second["parent_span_id"], second["service"], second["own_seconds"]) == ("a", "trading-api", 0.007)
    assert (third["project"], third["service"], third["seconds"]) == ("quotes", "quote-service", 0.045)
    assert third["started_at"] == "2026-09-21T14:13:20.015000+00:00"
    assert answer["errors"] == [
        {
            "event_id": event.event_id.hex, "issue_id": event.issue_id, "project": trading.slug, "span_id": "a",
            "title": event.issue.title, "severity": "error", "occurred_at": event.timestamp.isoformat(),
        }
    ]  # fmt: skip
    [found] = answer["findings"]
    assert (found["kind"], found["count"], found["seconds"], found["cost_seconds"]) == ("n_plus_one", 5, 0.035, 0.028)
    assert found["pattern"] == "SELECT bid FROM q WHERE v = ?"
    assert answer["where"] == [
        {"name": "database", "seconds": 0.035, "ratio": 0.4167},
        {"name": "trading-api", "seconds": 0.032, "ratio": 0.381},
        {"name": "quote-service", "seconds": 0.01, "ratio": 0.119},
        {"name": "network", "seconds": 0.007, "ratio": 0.0833},
    ]
    assert sum(each["seconds"] for each in answer["where"]) == pytest.approx(answer["seconds"])


def test_web_vitals_of_a_page_load(client: Client) -> None:
    page = transaction("p", measurements={"lcp": {"value": 2600, "unit": "millisecond"}}, trace={"op": "pageload"})
    keep(page)
    assert read(client).json()["web_vitals"] == {"lcp": {"value": 2600.0, "rating": "needs improvement"}}


def test_the_answer_is_what_the_document_says(client: Client) -> None:
    keep(transaction("a", "", 0, 9, child("b", "a", 1, 2)))
    answer = read(client).json()
    described = TraceAnswer()
    assert set(answer) == set(described.fields)
    assert set(answer["spans"][0]) == set(described.fields["spans"].child.fields)  # type: ignore[attr-defined]
    assert set(TraceVitals().fields) == set(VITALS)


def test_a_trace_that_is_not_there_and_rights(client: Client) -> None:
    _, quotes = keep_two_services()
    assert read(client, "f" * 32).status_code == 404
    assert read(client, "nonsense").status_code == 404
    assert read(client, scope="errors:read").status_code == 403
    assert client.get(f"/performance/traces/{TRACE}").status_code == 401
    theirs = json.dumps(read(client, projects=[quotes]).json())
    assert "quote-service" in theirs
    assert "trading-api" not in theirs
