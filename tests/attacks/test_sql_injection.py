"""Every parameter that a page or an endpoint looks for, and every one of the document, with SQL in it.

Shown by the statements themselves: what was sent stands in none of them, only among their values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.attacks.walk import Walked, chief
from tests.dashboard.builders import make_alert, make_issue
from tests.fuzzing.document import read_document
from tests.projects.builders import make_project

pytestmark = [pytest.mark.once, pytest.mark.slow]
MARK = "inj3ct"
PAYLOAD = f"{MARK}'\"`;) OR 1=1 UNION SELECT sql FROM sqlite_master --%_\\"
IN_THE_ADMIN = {"q", "o", "p", "id__exact"}  # what its lists read without asking for each


@contextmanager
def no_statement_holds_it(found: list[str]) -> Iterator[None]:
    def look(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if MARK in sql:
            found.append(sql)
        return execute(sql, values, many, context)

    with connection.execute_wrapper(look):
        yield


def documented() -> dict[str, set[str]]:
    """Return {path of the document: names in its query}."""
    paths = read_document()["paths"].items()
    gets = {path: methods["get"].get("parameters", ()) for path, methods in paths if "get" in methods}
    return {path: {each["name"] for each in named if each["in"] == "query"} for path, named in gets.items()}


def test_no_parameter_of_any_page_becomes_a_part_of_a_statement(seen: Walked) -> None:
    asked = {path: _names(path, names) for path, names in seen.asked.items() if path in _answered(seen)}
    asked |= {path: names | asked.get(path, set()) for path, names in documented().items() if "{" not in path}
    assert sum(map(len, asked.values())) > 300
    client, broken, statements = chief(), [], []  # type: ignore[var-annotated]
    with no_statement_holds_it(statements):
        for path, names in asked.items():
            for name in names:
                if client.get(path, {name: PAYLOAD}).status_code >= 500:
                    broken.append((path, name))
    assert statements == []
    assert broken == []


def _names(path: str, names: set[str]) -> set[str]:
    return IN_THE_ADMIN if path.startswith("/admin/") else names


def _answered(seen: Walked) -> set[str]:
    return {each.path for each in seen.answers if each.status in (200, 400) and not each.path.startswith("/health")}


def test_a_statement_that_holds_it_is_found(db: None) -> None:
    statements: list[str] = []
    with no_statement_holds_it(statements), connection.cursor() as cursor:
        cursor.execute(f"SELECT '{MARK}'")
        cursor.execute("SELECT %s", [MARK])
    assert len(statements) == 1


LISTS = ("/error-tracking/issues", "/performance/logs", "/alerts/active", "/release/deployments", "/release/releases")


@pytest.mark.parametrize("path", LISTS)
def test_a_condition_that_is_always_true_finds_nothing_more(db: None, path: str) -> None:
    make_alert(make_project(), environment="production")
    make_issue(make_project())
    client = chief()
    for name in ("query", "environment", "version", "release", "matcher"):
        answer = client.get(path, {"query": "", name: "x' OR '1'='1"})
        assert answer.status_code in (200, 400), (name, answer.content)
        assert answer.status_code == 400 or answer.json()["results"] == [] or name not in documented()[path], name
