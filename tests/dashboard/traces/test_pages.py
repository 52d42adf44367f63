"""The page of a trace over HTTP: what it says, for whom, and that hostile names stay text."""

import re
from html import unescape
from itertools import islice, product
from string import ascii_lowercase

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.performance.builders import send
from tests.performance.traces.kept import TRACE, child, keep, transaction
from tests.performance.traces.test_whole import happen, keep_two_services
from tests.projects.builders import make_project, make_user
from tradewatch.performance.models import KeptTransaction, TraceFinding
from tradewatch.performance.traces.examining import examine_kept
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership, Project

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>\"' {id}"


@pytest.fixture
def viewer(client: Client) -> Client:
    """A viewer of every project of the trace."""
    user = make_user("vera", role=Role.VIEWER)
    keep_two_services()
    for project in Project.objects.exclude(memberships__user=user):
        Membership.objects.create(user=user, project=project, role=Role.VIEWER)
    client.force_login(user)
    return client


def read(client: Client, path: str = f"/traces/{TRACE}", **parameters: str) -> str:
    answer = client.get(path, parameters)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


def bars(html: str) -> list[tuple[str, str]]:
    """Return (x, width) of the bars, line by line."""
    fall = html.partition('<ol class="fall"')[2].partition("</ol></div>")[0]
    return re.findall(r'<rect class="\w+" x="([\d.]+%)" width="([\d.]+%)"/>', fall)


def test_the_page_says_what_happened_and_what_it_cost(viewer: Client) -> None:
    html = read(viewer)
    text = plain(html)
    assert "<h1" in html and "POST /orders" in text
    assert TRACE in text
    assert "Took 84.0 ms" in text
    assert "Spans 8 in 2 services" in text
    assert "Database 35.0 ms 5 queries, 5 alike" in text
    assert "N+1 in quote-service" in text
    assert "The same query ran 5 times under one span: 35.0 ms of 84.0 ms." in text
    assert "SELECT bid FROM q WHERE v = ?" in text
    assert "database 42%" in text and "trading-api 38%" in text and "quote-service 12%" in text and "network 8%" in text


def test_bars_stand_where_the_spans_were(viewer: Client) -> None:
    assert bars(read(viewer))[:3] == [("0.00%", "100.00%"), ("14.29%", "61.90%"), ("17.86%", "53.57%")]


def test_each_span_opens_without_script_to_what_is_known_of_it(viewer: Client) -> None:
    html = read(viewer)
    assert html.count('<details class="span">') == 4 + 5  # three spans, the fold, and what it folds
    opened = plain(html.partition("GET quote-service")[2].partition("</details>")[0])
    assert "began +12.0 ms" in opened
    assert "took 52.0 ms, 7.00 ms of it its own, 7.00 ms on the slowest path" in opened
    assert "service trading-api 2.0.1" in opened
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src)", html.partition("<main")[2])


def test_an_error_leads_to_its_issue(viewer: Client) -> None:
    event = happen(Project.objects.get(slug="default"), 71.7, "a")
    html = read(viewer)
    assert f'href="{event.get_absolute_url()}"' in html
    assert "In trading-api, POST /orders, 71.7 ms after the start." in plain(html)
    assert re.search(r'<svg class="at" x="85.36%"', html)


def test_the_slowest_path_alone(viewer: Client) -> None:
    keep(transaction("w", "a", 20, 30, transaction="aside"), Project.objects.get(slug="default"))
    assert "aside" in read(viewer)
    assert "aside" not in plain(read(viewer, show="path"))


def test_what_was_moved_or_did_not_come_is_said(viewer: Client) -> None:
    project = Project.objects.get(slug="default")
    keep(transaction("m", "c", 900_000, 900_010, release="moved@1"), project)
    keep(transaction("o", "gone", 3, 9), project)
    text = plain(read(viewer))
    assert "The clock of moved differs by 15 min; moved." in text
    assert "1 span named a parent that did not come" in text


def test_web_vitals_are_rated(viewer: Client) -> None:
    measurements = {"lcp": {"value": 2600, "unit": "millisecond"}, "cls": {"value": 0.0058, "unit": ""}}
    keep(
        transaction("p", "a", trace={"op": "pageload"}, measurements=measurements), Project.objects.get(slug="default")
    )
    text = plain(read(viewer))
    assert "Largest contentful paint 2.60 s needs improvement" in text
    assert "Cumulative layout shift 0.006 good" in text


def test_the_json_is_what_the_endpoint_answers(viewer: Client) -> None:
    answer = viewer.get(f"/traces/{TRACE}/json?download=1")
    assert answer["Content-Disposition"] == f'attachment; filename="trace-{TRACE}.json"'
    assert [span["span_id"] for span in answer.json()["spans"]][:3] == ["a", "c", "b"]
    assert viewer.get(f"/traces/{'f' * 32}/json").status_code == 404


def test_hostile_names_stay_text(viewer: Client) -> None:
    spans = (child("x", "h", 1, 2, op=HOSTILE, description=HOSTILE, data={HOSTILE: HOSTILE}, status=HOSTILE),)
    project = make_project("evil", name=HOSTILE)
    Membership.objects.create(user=viewer.get(f"/traces/{TRACE}").wsgi_request.user, project=project, role=Role.VIEWER)
    keep(transaction("h", "a", 0, 5, *spans, transaction=HOSTILE, release=f"{HOSTILE}@1", tags={HOSTILE: 1}), project)
    happen(project, 2, "h", HOSTILE)
    html = read(viewer)
    assert "<img" not in html
    assert html.count("&lt;img") > 8


def test_a_reader_of_one_project_sees_its_part_alone(client: Client) -> None:
    trading, _ = keep_two_services()
    client.force_login(make_user("theo", role=Role.VIEWER, project=trading))
    text = plain(read(client))
    assert "trading-api" in text
    assert "GET /quotes" not in text
    assert "Spans 2 in 1 service" in text


def test_an_error_and_logs_without_a_kept_span_still_have_a_page(client: Client) -> None:
    project = make_project()
    client.force_login(make_user("vera", role=Role.VIEWER))
    happen(project, 5, "gone")
    text = plain(read(client))
    assert "No span of this trace is kept" in text
    assert "MarginCheckError" in text


def test_a_trace_is_found_by_its_id(viewer: Client) -> None:
    answer = viewer.get("/traces", {"q": f"  {TRACE.upper()} "})
    assert (answer.status_code, answer["Location"]) == (302, f"/traces/{TRACE}")
    assert "That is no trace id" in read(viewer, "/traces", q="5d20")
    missing = viewer.get(f"/traces/{'f' * 32}")
    assert missing.status_code == 404
    assert "Nothing of trace" in missing.content.decode()


def test_what_was_found_is_listed_with_what_it_costs_and_its_example(viewer: Client) -> None:
    assert "Nothing found" in read(viewer, "/traces")
    KeptTransaction.objects.update(started_at=timezone.now())
    examine_kept(now=timezone.now())
    html = read(viewer, "/traces")
    assert "N+1 SELECT bid FROM q WHERE v = ? GET /quotes quote-service · Quotes 28.0 ms 1 trace" in plain(html)
    assert f'href="/traces/{TRACE}"' in html
    assert "GET /quotes" not in plain(read(viewer, "/traces", project="default"))
    for name in ("GET /quotes", "POST /orders"):
        send(name)
        assert ('id="found"' in read(viewer, "/performance/transaction", name=name)) == (name == "GET /quotes")


def test_a_trace_says_how_often_a_finding_is_met_and_whether_it_is_the_cause(viewer: Client) -> None:
    happen(Project.objects.get(slug="default"), 71.7, "a")
    examine_kept(now=timezone.now())
    text = plain(read(viewer))
    assert "In 1 kept trace of GET /quotes, first on 21 Sep." in text
    assert "Not the cause of the error: 1 passing request had it too." in text
    TraceFinding.objects.update(failed_count=1)
    assert "Not the cause" not in plain(read(viewer))


def test_strangers_are_led_to_the_login(client: Client) -> None:
    for path in ("/traces", f"/traces/{TRACE}", f"/traces/{TRACE}/json"):
        assert client.get(path).status_code == 302


def test_a_thousand_spans_stay_within_a_page(viewer: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    project = Project.objects.get(slug="default")
    spans = [
        child(f"{n:016x}", "big", n / 20, n / 20 + 3, op="function", description=f"step {word}")
        for n, word in enumerate(islice(map("".join, product(ascii_lowercase, repeat=3)), 1000))
    ]
    keep(transaction("big", "a", 0, 80, *spans), project)
    with django_assert_max_num_queries(30):
        html = read(viewer)
    assert html.count('<li class="">') >= 990
    assert len(html) < 1_500_000
    assert "The 5 spans that took least have no line; they are in the JSON." in plain(html)
