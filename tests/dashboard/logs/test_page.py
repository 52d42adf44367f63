"""The page of logs over HTTP: what it lists, counts, links to, and how it refuses."""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import make_event, make_issue
from tests.performance.logs.builders import NOW, OTHER_TRACE, TRACE, container, digest, digest_lines, line
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.logs import views
from tradewatch.errors.models import Event
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

RANGE = "start=2026-11-23T11:00&end=2026-11-23T12:00"
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def html(client: Client, query: str = "", *, status: int = 200) -> str:
    answer = client.get(f"/logs?{RANGE}{'&' + query if query else ''}")
    assert answer.status_code == status
    return answer.content.decode()


def heads(page: str) -> list[str]:
    """Return the messages of the closed rows, in their order."""
    return [each.strip() for each in re.findall(r'<span class="clip mono said">(.*?)</span>', page)]


def chart_of(page: str) -> dict[str, int]:
    [found] = re.findall(r'<script id="chart-logs" type="application/json">(.*?)</script>', page)
    chart = json.loads(found)
    return {each["name"]: sum(each["values"]) for each in (chart, *chart["more"])}


def test_it_needs_a_staff_login(client: Client) -> None:
    assert client.get("/logs").status_code == 302


def test_lines_the_newest_first_with_all_they_say(viewer: Client, project: Project) -> None:
    digest_lines(
        project,
        line("order 17 filled\nsecond row", attributes={"symbol": "ACME", "is_short": True, "sentry.x": 1}),
        line("margin low", ago=5, level="warn"),
        line("broker is away", ago=3, level="error", trace_id=OTHER_TRACE),
    )
    page = html(viewer)
    assert heads(page) == ["broker is away", "margin low", "order 17 filled …"]
    assert "11:59:27.000" in page and "second row" in page
    assert re.search(r"<dt>symbol</dt><dd><a[^>]*>ACME</a>", page) and "<dt>is_short</dt>" in page
    assert page.index("<dt>symbol</dt>") < page.index("<dt>sentry.x</dt>")
    assert 'title="warning"' in page and 'title="error"' in page
    assert chart_of(page) == {"errors": 1, "warnings": 1, "info": 1}
    assert "3 lines" in page


@pytest.mark.parametrize(
    ("query", "expected", "charted"),
    [
        ("q=level:error", ["c"], {"errors": 1}),
        ("q=symbol:ACME", ["b"], {"warnings": 1}),
        ("q=!a", ["c", "b"], {"errors": 1, "warnings": 1}),
        (f"q=trace:{TRACE}", ["b", "a"], {"warnings": 1, "info": 1}),
        ("environment=staging", ["a"], {"info": 1}),
        ("q=nothing", [], {"info": 0}),
    ],
)
def test_the_chart_counts_what_the_list_finds(
    viewer: Client, project: Project, query: str, expected: list[str], charted: dict[str, int]
) -> None:
    digest_lines(
        project,
        line("a", ago=30, attributes={"sentry.environment": "staging"}),
        line("b", ago=20, level="warn", attributes={"symbol": "ACME"}),
        line("c", ago=10, level="error", trace_id=OTHER_TRACE),
    )
    page = html(viewer, query)
    assert (heads(page), chart_of(page)) == (expected, charted)


def test_links_find_the_same_value_and_keep_what_was_asked(viewer: Client, project: Project) -> None:
    digest_lines(project, line("order", attributes={"venue": "LMAX, London"}))
    page = html(viewer, "q=level:info")
    [href] = re.findall(r'href="([^"]*)"[^>]*>LMAX, London<', page)
    asked = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
    assert asked["q"] == ['level:info venue:"LMAX, London"'] and asked["start"]
    assert heads(viewer.get(href.replace("&amp;", "&")).content.decode()) == ["order"]


def test_a_line_leads_to_its_trace_and_to_the_error_in_it(viewer: Client, project: Project) -> None:
    event = make_event(make_issue(project=project), at=NOW)
    Event.objects.filter(pk=event.pk).update(trace_id=TRACE)
    digest_lines(project, line("with an error"), line("without", ago=9, trace_id=OTHER_TRACE))
    page = html(viewer)
    assert page.count(event.get_absolute_url()) == 1
    assert f"q=trace%3A{TRACE}" in page and f"q=trace%3A{OTHER_TRACE}" in page


def test_pages_by_cursor(viewer: Client, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    digest_lines(project, *(line(f"n{at}", ago=at) for at in range(1, 6)))
    page, seen = html(viewer), []
    for _ in range(3):
        seen.append(heads(page))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        page = viewer.get(older[1].replace("&amp;", "&")).content.decode() if older else ""
    assert seen == [["n1", "n2"], ["n3", "n4"], ["n5"]] and not page


def test_the_level_picker_keeps_the_rest_of_the_query(viewer: Client, project: Project) -> None:
    page = unquote(html(viewer, "q=order level:>=warn").replace("+", " "))
    assert "q=order level:>=error" in page and 'q=order"' in page
    assert re.search(r'aria-current="true">Warn and graver', page)


@pytest.mark.parametrize("query", ["q=level:loud", "q=%22open", "q=symbol:", "q=" + "x" * 1001])
def test_a_query_that_cannot_be_read_is_kept_and_explained(viewer: Client, query: str) -> None:
    page = html(viewer, query, status=400)
    assert "The search cannot be read." in page and "at character" in page


@pytest.mark.parametrize("query", ["cursor=nonsense", "start=never&end=x"])
def test_nonsense_is_refused(viewer: Client, query: str) -> None:
    assert viewer.get(f"/logs?{query}").status_code == 400


def test_text_is_text(viewer: Client, project: Project) -> None:
    digest_lines(project, line(HOSTILE, attributes={HOSTILE: HOSTILE, "logger.name": HOSTILE}))
    page = html(viewer)
    assert HOSTILE not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_search_that_ran_out_of_time_says_so_and_goes_on(
    viewer: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest_lines(project, line("found later"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tradewatch.performance.logs.search.finding.find.__kwdefaults__", {"longest_seconds": -1})
        page = html(viewer, "q=found")
    assert heads(page) == [] and "Searched 0 lines, back to" in page and "counted only since" in page
    [further] = re.findall(r'<a href="([^"]+)">Search further back', page)
    assert heads(viewer.get(further.replace("&amp;", "&")).content.decode()) == ["found later"]


def test_only_a_page_that_ends_now_waits_for_news(viewer: Client, project: Project) -> None:
    assert "data-tail" not in html(viewer)
    assert 'data-tail="/ws/logs/?' in viewer.get("/logs?q=order").content.decode()


def test_other_projects_stay_unseen(viewer: Client, project: Project) -> None:
    digest_lines(make_project("other"), line("theirs"))
    assert heads(html(viewer)) == []
    assert viewer.get("/logs?project=other").status_code == 404


class TestDownload:
    def test_csv_is_whole_and_safe_to_open(self, viewer: Client, project: Project) -> None:
        digest_lines(project, line("=cmd()", attributes={"symbol": "ACME"}), line("two\nrows", ago=9, level="error"))
        answer = viewer.get(f"/logs/export.csv?{RANGE}")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert re.fullmatch(r'attachment; filename="logs-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content, newline="")))
        assert [row["message"] for row in rows] == ["two\nrows", "'=cmd()"]
        assert (rows[1]["level"], rows[1]["at"]) == ("info", "2026-11-23T11:59:20.000000+00:00")
        assert json.loads(rows[1]["attributes"])["symbol"] == "ACME"

    def test_ndjson_has_all_that_was_asked_for(self, viewer: Client, project: Project) -> None:
        digest_lines(project, *(line(f"n{at}", ago=at, attributes={"n": at}) for at in range(1, 5)), line("other"))
        answer = viewer.get(f"/logs/export.ndjson?{RANGE}&q=has:n")
        lines = [json.loads(each) for each in b"".join(answer.streaming_content).splitlines()]
        assert [each["attributes"]["n"] for each in lines] == [1, 2, 3, 4]
        assert {each["project"] for each in lines} == {"default"} and lines[0]["at"] == "2026-11-23T11:59:29Z"

    def test_it_ends_at_its_bound(self, viewer: Client, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "MOST_LINES", 3)
        digest_lines(project, *(line(f"n{at}", ago=at) for at in range(1, 9)))
        content = b"".join(viewer.get(f"/logs/export.ndjson?{RANGE}").streaming_content)
        assert len(content.splitlines()) == 3

    @pytest.mark.parametrize(("path", "status"), [("/logs/export.xml", 404), ("/logs/export.csv?q=level:loud", 400)])
    def test_what_cannot_be_given(self, viewer: Client, path: str, status: int) -> None:
        assert viewer.get(path).status_code == status


class TestBesideTheError:
    def test_the_lines_of_the_trace_around_the_error(self, viewer: Client, project: Project) -> None:
        event = make_event(make_issue(project=project), at=NOW - timedelta(seconds=10))
        Event.objects.filter(pk=event.pk).update(trace_id=TRACE)
        digest_lines(
            project, line("before", ago=11), line("after", ago=9), line("of another trace", trace_id=OTHER_TRACE)
        )
        page = viewer.get(event.get_absolute_url()).content.decode()
        assert heads(page) == ["before", "after"]
        assert page.index("before</span>") < page.index("This error") < page.index("after</span>")
        assert f"/logs?start=2026-11-23T11%3A29%3A20&amp;end=2026-11-23T12%3A29%3A20&amp;q=trace%3A{TRACE}" in page

    def test_nothing_without_lines_or_trace(self, viewer: Client, project: Project) -> None:
        event = make_event(make_issue(project=project), at=NOW)
        digest_lines(project, line("of no trace", trace_id=None))
        assert "Logs of the trace" not in viewer.get(event.get_absolute_url()).content.decode()
        Event.objects.filter(pk=event.pk).update(trace_id=TRACE)
        assert "Logs of the trace" not in viewer.get(event.get_absolute_url()).content.decode()

    def test_another_project_of_the_trace_is_not_shown(self, viewer: Client, project: Project) -> None:
        event = make_event(make_issue(project=project), at=NOW)
        Event.objects.filter(pk=event.pk).update(trace_id=TRACE)
        digest_lines(make_project("other"), line("theirs"))
        assert "theirs" not in viewer.get(event.get_absolute_url()).content.decode()


def test_lines_of_just_now_are_on_the_page_that_is_opened_without_parameters(viewer: Client, project: Project) -> None:
    now = timezone.now()
    digest(project, container(line("fresh", now=now, ago=1)), now=now)
    page = viewer.get("/logs").content.decode()
    assert heads(page) == ["fresh"] and chart_of(page) == {"info": 1}
