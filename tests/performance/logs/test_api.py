from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.performance.logs.builders import NOW, TRACE, digest_lines, line
from tests.projects.builders import bearer, make_project
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
PATH = "/performance/logs"
WINDOW = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-23T12:00:00Z"}


@pytest.fixture
def project() -> Project:
    return make_project()


def ask(client: Client, **parameters: object):
    return client.get(PATH, {**WINDOW, **parameters}, headers=bearer("performance:read"))


def test_a_line_with_all_it_says(client: Client, project: Project) -> None:
    digest_lines(project, line("order 17 filled", level="warn", attributes={"symbol": "ACME", "quantity": 12}))
    answer = ask(client).json()
    attributes = {"logger.name": "app.orders", "quantity": 12, "sentry.environment": "production"}
    assert answer["results"] == [
        {
            "at": "2026-11-23T11:59:20Z",
            "level": "warn",
            "severity": 13,
            "message": "order 17 filled",
            "trace_id": TRACE,
            "span_id": "bc481e700ee04068",
            "project_id": project.pk,
            "environment": "production",
            "release": "2.0.1",
            "logger": "app.orders",
            "attributes": {**attributes, "sentry.release": "2.0.1", "symbol": "ACME"},
        }
    ]
    assert answer["next"] is None
    assert answer["searched"] == {"is_complete": True, "back_to": "2026-11-23T00:00:00Z", "lines": 1}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["c", "b", "a"]),
        ({"query": "level:error"}, ["c"]),
        ({"level": "warn"}, ["c", "b"]),
        ({"trace_id": TRACE}, ["b", "a"]),
        ({"query": "symbol:ACME", "level": "warn"}, ["b"]),
        ({"environment": "staging"}, ["a"]),
        ({"environment": "nowhere"}, []),
        ({"start": "2026-11-23T11:59:08Z"}, ["c"]),
        ({"end": "2026-11-23T11:59:05Z"}, ["a"]),
        ({"project": "default"}, ["c", "b", "a"]),
    ],
)
def test_filters(client: Client, project: Project, parameters: dict[str, str], expected: list[str]) -> None:
    digest_lines(
        project,
        line("a", ago=30, attributes={"sentry.environment": "staging"}),
        line("b", ago=23, level="warn", attributes={"symbol": "ACME"}),
        line("c", ago=21, level="error", trace_id=None),
    )
    assert [each["message"] for each in ask(client, **parameters).json()["results"]] == expected


def test_pages_by_cursor(client: Client, project: Project) -> None:
    digest_lines(project, *(line(f"n{at}", ago=at) for at in range(1, 6)))
    seen, cursor = [], ""
    for _ in range(3):
        answer = ask(client, limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen.append([each["message"] for each in answer["results"]])
        cursor = answer["next"]
    assert (seen, cursor) == ([["n1", "n2"], ["n3", "n4"], ["n5"]], None)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"query": "level:loud"}, "q"),
        ({"query": "x" * 1001}, "query"),
        ({"level": "loud"}, "level"),
        ({"trace_id": "12"}, "q"),
        ({"cursor": "none of ours"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"start": "yesterday"}, "start"),
    ],
)
def test_nonsense_is_refused_with_its_field(client: Client, parameters: dict[str, str], field: str) -> None:
    answer = ask(client, **parameters)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]


def test_who_may_read(client: Client, project: Project) -> None:
    digest_lines(make_project("other"), line("theirs"))
    digest_lines(project, line("ours"))
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers=bearer("errors:read")).status_code == 403
    answer = client.get(PATH, WINDOW, headers=bearer("performance:read", projects=[project]))
    assert [each["message"] for each in answer.json()["results"]] == ["ours"]


def test_without_a_window_the_last_day_is_searched(client: Client, project: Project) -> None:
    now = timezone.now()
    shift = (now - NOW).total_seconds()
    assert shift > 0
    digest_lines(project, line("recent", ago=-shift + 60), drift=timedelta())
    assert client.get(PATH, headers=bearer("performance:read")).json()["results"] == []  # clamped to when it came
    assert [each["message"] for each in ask(client).json()["results"]] == ["recent"]
