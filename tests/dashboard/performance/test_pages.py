"""The performance pages over HTTP: what they say, and that each number opens to its counts."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count as count_events
from tests.dashboard.builders import make_issue
from tests.dashboard.performance.builders import send, send_spans
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import TagCount
from tradewatch.performance.models import KeptTransaction, PerformanceSettings
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>\"' /{id}"


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def read(client: Client, path: str, **parameters: str) -> str:
    answer = client.get(path, parameters)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def plain(html: str) -> str:
    """Return the text that a reader sees, spaces folded."""
    without_data = re.sub(r"<script.*?</script>", " ", html, flags=re.S)
    return re.sub(r"[\s\xa0]+", " ", unescape(re.sub(r"<[^>]*>", " ", without_data))).strip()


def chart(html: str, key: str) -> dict[str, object]:
    found = re.search(rf'<script id="chart-{key}" type="application/json">(.*?)</script>', html, re.S)
    assert found, key
    data: dict[str, object] = orjson.loads(found[1])
    return data


# --- the overview ----------------------------------------------------------------------------------------------------
def test_before_the_first_transaction_it_says_how_to_send_one(viewer: Client) -> None:
    html = read(viewer, "/performance")
    assert "No transaction yet" in html
    assert "traces_sample_rate" in html
    assert "data-chart" not in html


def test_when_the_range_is_silent_nothing_is_zero_and_nothing_is_good(viewer: Client) -> None:
    send(ago=timedelta(hours=5))
    text = plain(read(viewer, "/performance"))
    assert "No transaction in the last hour." in text
    assert text.count("no data") >= 4
    assert " 0% " not in text


def test_figures_table_and_charts_say_the_same(viewer: Client) -> None:
    send("GET /orders", [0.1] * 30)
    send("POST /orders", [0.4] * 10, failed=4)
    html = read(viewer, "/performance")
    text = plain(html)
    assert "40 requests" in text
    assert "10.0 %" in text.replace("10.0%", "10.0 %")
    assert "4 / 40" in text
    assert re.search(r"POST /orders http.server 10 40.0% 4 (39\d|40\d) ms (39\d|40\d) ms", text)
    minutes = [value for value in chart(html, "failures")["values"] if value is not None]  # type: ignore[attr-defined]
    assert minutes == [10.0]
    assert sum(chart(html, "throughput")["values"]) == 40  # type: ignore[arg-type]
    assert chart(html, "latency")["more"][0]["name"] == "p50"  # type: ignore[index]


def test_the_table_is_sorted_as_asked_and_says_by_what(viewer: Client) -> None:
    send("GET /slow", [2.0] * 3)
    send("GET /failing", [0.1] * 10, failed=5)
    send("GET /busy", [0.3] * 50)
    for sort, first in (("p95", "/slow"), ("failed", "/failing"), ("time", "/busy"), ("requests", "/busy")):
        html = read(viewer, "/performance", sort=sort)
        assert re.search(r'<td class="lead[^>]*><a[^>]*><b>(.*?)</b>', html)[1] == f"GET {first}"  # type: ignore[index]
        assert re.search(rf'sort={sort}" aria-current="true"', html)
    assert read(viewer, "/performance", sort="nonsense")


def test_a_new_release_is_compared_with_the_one_before(viewer: Client) -> None:
    send("POST /orders", [0.1] * 200, release="api@2.0.0", ago=timedelta(minutes=70))
    send("POST /orders", [0.1] * 200, release="api@2.0.1", failed=40)
    text = plain(read(viewer, "/performance"))
    assert "POST /orders fails more with 2.0.1: 40 of all 40 failures." in text
    assert "2.0.1 against 2.0.0" in text
    assert "Fails more" in text
    before = plain(read(viewer, "/performance", against="previous"))
    assert "fails more against the hour before" in before


def test_any_two_releases_can_be_compared(viewer: Client) -> None:
    for number in range(3):
        send("GET /orders", [0.1 * (number + 1)] * 150, release=f"api@1.{number}", ago=timedelta(minutes=30 - number))
    text = plain(read(viewer, "/performance", release="api@1.2", base="api@1.0"))
    assert "GET /orders got slower with 1.2." in text
    assert re.search(r"p95 (29\d|30\d) ms, before (9\d|10\d) ms; 150 and 150 measured", text)


def test_samples_are_weighted_and_said(viewer: Client) -> None:
    send("GET /orders", [0.1] * 20, weight=5.0)
    text = plain(read(viewer, "/performance"))
    assert "sampled 20%, counts weighted" in text
    assert "≈ 100 requests, 20 seen" in text


def test_an_environment_and_a_project_show_their_own(viewer: Client) -> None:
    send("GET /orders", [0.1] * 3, environment="staging")
    send("GET /orders", [0.1] * 5)
    send("GET /hidden", [0.1] * 9, project=make_project("other"))
    assert "8 requests" in plain(read(viewer, "/performance"))
    assert "3 requests" in plain(read(viewer, "/performance", environment="staging"))
    assert "GET /hidden" not in read(viewer, "/performance")
    assert viewer.get("/performance", {"project": "other"}).status_code == 404


def test_every_transaction_is_listed_page_by_page(viewer: Client) -> None:
    for number in range(53):
        send(f"GET /{number:02}", [1.0 - number / 100])
    html = read(viewer, "/performance")
    assert "All 53" in plain(html)
    first = read(viewer, "/performance/transactions")
    more = unescape(re.search(r'<div class="pager"><a class="btn s" href="([^"]*)"', first)[1])  # type: ignore[index]
    second = viewer.get(more).content.decode()
    names = [re.findall(r"<b>GET /(\d\d)</b>", each) for each in (first, second)]
    assert [len(each) for each in names] == [50, 3]
    assert sorted(names[0] + names[1]) == [f"{number:02}" for number in range(53)]
    assert "pager" not in second


# --- counts ----------------------------------------------------------------------------------------------------------
def test_each_figure_opens_to_the_counts_it_was_made_of(viewer: Client) -> None:
    send("GET /orders", [0.1] * 30, release="api@1")
    send("POST /orders", [0.8] * 10, failed=4, release="api@2")
    html = read(viewer, "/performance")
    links = [unescape(each) for each in re.findall(r'<a class="opens" href="([^"]*)"', html)]
    assert [link.split("?")[0] for link in links] == [
        f"/performance/counts/{key}" for key in ("throughput", "failures", "latency", "apdex")
    ]
    pages = [plain(read(viewer, link)) for link in links]
    assert "POST /orders 10 10" in pages[0]
    assert "10% = 4 / 40" in pages[1] or "10.0% = 4 / 40" in pages[1]
    assert "api@2 4 10 40.0%" in pages[1]
    assert "of 40 measured" in pages[2]
    assert "0.825 = (30 + 6 / 2) / 40" in pages[3]


def test_a_step_of_time_leads_to_its_own_counts(viewer: Client) -> None:
    send("GET /orders", [0.1] * 30)
    send("GET /orders", [0.1] * 7, ago=timedelta(minutes=20))
    html = read(viewer, "/performance/counts/throughput")
    hrefs = [unescape(each) for each in re.findall(r'href="(/performance/counts/throughput\?start[^"]*)"', html)]
    assert [plain(read(viewer, each)).count("7 requests") > 0 for each in hrefs] == [False, True]


def test_a_figure_that_is_none_is_not_there(viewer: Client) -> None:
    assert viewer.get("/performance/counts/nonsense").status_code == 404


# --- one transaction -------------------------------------------------------------------------------------------------
def test_a_transaction_shows_its_figures_releases_spans_traces_and_issues(viewer: Client) -> None:
    send("POST /orders", [0.1] * 120, release="api@2.0.0", ago=timedelta(minutes=9))
    send("POST /orders", [0.5] * 120, release="api@2.0.1")
    send("GET /other", [9.0])
    send_spans("POST /orders", [0.05] * 240)
    send_spans("POST /orders", [0.2], category="http", description="GET http://venue/orders")
    make_kept("POST /orders", seconds=0.5, trace_id="ab" * 16)
    issue = make_issue(title="VenueTimeout: no answer", event_count=7)
    count_events(f"issue:{issue.pk}", timezone.now() - timedelta(minutes=2), 7)
    TagCount.objects.create(
        issue=issue, key="transaction", value="POST /orders", count=7, last_seen_at=issue.last_seen_at
    )
    html = read(viewer, "/performance/transaction", name="POST /orders")
    text = plain(html)
    assert "240 requests" in text
    assert "api@2.0.1 120 0% 0" in text
    assert "Slower" in text
    assert "Database SELECT * FROM orders 1.0 240" in text
    assert 'href="/traces/abababababababababababababababab"' in html
    assert "VenueTimeout" in text
    assert "/other" not in text
    names = [chart(html, "percentiles")["name"]] + [line["name"] for line in chart(html, "percentiles")["more"]]  # type: ignore[attr-defined]
    assert names == ["p99", "p95", "p75", "p50"]
    http = plain(read(viewer, "/performance/transaction", name="POST /orders", category="http"))
    assert "GET http://venue/orders" in http
    assert "SELECT" not in http


def test_kept_traces_are_filtered_by_why_they_were_kept_and_paged(viewer: Client) -> None:
    send("GET /orders", [0.1])
    for number in range(20):
        make_kept("GET /orders", kept_for="slow" if number % 2 else "sample", trace_id=f"{number:032x}")
    html = read(viewer, "/performance/transaction", name="GET /orders", kept="slow")
    assert html.count('href="/traces/') == 10
    first = read(viewer, "/performance/transaction", name="GET /orders")
    older = unescape(re.search(r'<div class="pager"><a class="btn s" href="([^"]*)"', first)[1])  # type: ignore[index]
    second = read(viewer, f"/performance/transaction{older}")
    assert (first.count('href="/traces/'), second.count('href="/traces/')) == (15, 5)


def test_the_apdex_threshold_of_the_project_is_said(viewer: Client) -> None:
    PerformanceSettings.objects.create(project=make_project(), apdex_seconds=2.0)
    send("GET /orders", [1.0] * 4)
    assert "4 satisfied, 0 tolerating of 4 · T 2 s" in plain(read(viewer, "/performance"))


def test_what_never_came_is_not_there(viewer: Client) -> None:
    send("GET /orders", [0.1])
    for name in ("GET /nothing", "", "x" * 500):
        assert viewer.get("/performance/transaction", {"name": name}).status_code == 404
    send("GET /hidden", [0.1], project=make_project("other"))
    assert viewer.get("/performance/transaction", {"name": "GET /hidden"}).status_code == 404


def test_hostile_names_stay_text(viewer: Client) -> None:
    send(HOSTILE, [0.1] * 2, release="</script><b>", op="<i>")
    for path in (
        "/performance",
        f"/performance/transaction?{urlencode({'name': HOSTILE})}",
        "/performance/counts/apdex",
    ):
        html = viewer.get(path).content.decode()
        assert "<img src=x" not in html
        assert "</script><b>" not in html
        assert "&lt;img src=x" in html or "counts" in path


def test_nonsense_in_the_address_is_answered(viewer: Client) -> None:
    send("GET /orders", [0.1])
    for query in (
        "from=-1",
        "from=9999999",
        "from=x",
        "release=a",
        "release=a&base=a",
        "kept=x&category=y",
        "cursor=%00",
    ):
        for path in ("/performance", "/performance/transactions", "/performance/transaction"):
            answer = viewer.get(f"{path}?name=GET+/orders&{query}")
            assert answer.status_code in (200, 400), (path, query)


def make_kept(name: str, *, seconds: float = 0.1, trace_id: str = "", kept_for: str = "sample") -> KeptTransaction:
    from datetime import UTC, datetime
    from uuid import uuid4

    at = datetime.now(UTC) - timedelta(minutes=2)
    return KeptTransaction.objects.create(
        project=make_project(),
        identity=uuid4(),
        name=name,
        environment="production",
        trace_id=trace_id,
        started_at=at,
        seconds=seconds,
        kept_for=kept_for,
        hour=int(at.timestamp()) // 3600,
        draw=0,
    )
