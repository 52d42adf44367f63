"""The export: whole, bounded, and nothing in it that a spreadsheet would run."""

import csv
import io

import pytest
from django.test import Client

from tests.dashboard.builders import make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.core.csv_cells import safe_cell
from tradewatch.dashboard.issue_list.export import COLUMNS
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
HOSTILE = ['=cmd|"/C calc"!A0', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", '","=1', "a\n=2,b", "'=1"]


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="issues-20')
    assert answer.streaming
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_a_formula(viewer: Client, text: str) -> None:
    make_issue(title=text, culprit=text, assignee=make_user("eve", first_name="=1+1"))
    (row,) = rows_of(viewer, "/issues/export.csv?q=")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝")) for cell in row.values())
    assert row["title"].removeprefix("'") == text.removeprefix("'")
    assert row["assignee"] == "'=1+1"


@pytest.mark.parametrize("value", [5, -5, 0.5, None, "", "plain", "a=b", "1-2"])
def test_numbers_and_plain_texts_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == value


def test_what_the_list_finds_is_exported_with_all_its_columns(viewer: Client) -> None:
    make_issue(title="A: x", event_count=1200, user_count=7, culprit="app in run")
    make_issue(title="B: x", state="resolved")
    make_issue(make_project("other"), title="C: x")
    assert [row["title"] for row in rows_of(viewer, "/issues/export.csv")] == ["A: x"]
    rows = rows_of(viewer, "/issues/export.csv?q=")
    assert sorted(row["title"] for row in rows) == ["A: x", "B: x"]
    assert list(rows[0]) == list(COLUMNS)
    (row,) = rows_of(viewer, "/issues/export.csv?q=type:A")
    assert (row["events"], row["users"], row["project"], row["level"]) == ("1200", "7", "default", "error")


def test_the_file_is_bounded_and_says_so(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.dashboard.issue_list.export.MOST_ROWS", 3)
    for number in range(3):
        make_issue(title=f"E{number}: x")
    assert len(rows_of(viewer, "/issues/export.csv")) == 3
    make_issue(title="E4: x")
    rows = rows_of(viewer, "/issues/export.csv")
    assert len(rows) == 4
    assert rows[-1]["issue"].startswith("only the first 3 are here")


def test_a_bad_search_is_no_file(viewer: Client) -> None:
    assert viewer.get("/issues/export.csv?q=level:loud").status_code == 400
