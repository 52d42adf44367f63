"""The pages of SLA targets: every number is counted again here, by hand, from what was put in."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from sla.burning.telling import tell_burns
from sla.choices import Indicator
from sla.figures import reading
from sla.minutes.values import UNIT
from sla.models import ClosedPeriod, Correction, Target
from tests.calendars.oracle import utc
from tests.dashboard.builders import count as count_series
from tests.dashboard.builders import make_issue
from tests.dashboard.sla.builders import MINUTE, now_minute, target_with
from tests.performance.traces.builders import make_row
from tests.performance.traces.kept import keep, transaction
from tests.projects.builders import make_project, make_user
from tests.sla.figures.builders import counts
from tests.sla.figures.stored import add_version, make_target, measure_of, store
from tradewatch.core.actors import SYSTEM
from tradewatch.performance.traces.counting import add_transactions
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
INLINE = re.compile(r"<style|\sstyle=|\son\w+=")
DATA = re.compile(r'<data value="([^"]*)">([^<]*)</data>')


@pytest.fixture
def elena(client: Client):
    user = make_user("elena", role=Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no minute pass while the test runs."""
    fixed = timezone.now().replace(second=20, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: fixed)


def text_of(html: str, start: str = "<main", end: str = "</main>") -> str:
    """Return the words between two places of the page, spaces joined."""
    part = html[html.index(start) :]
    part = re.sub(r"<script.*?</script>", "", part[: part.index(end)], flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", part))).strip()


def panel(html: str, title: str) -> str:
    return text_of(html, f"<h2>{title}</h2>", "</section>")


def test_the_overview_says_what_is_wrong_first_and_gives_the_apis_figures(client: Client, elena) -> None:
    good = target_with({}, name="fine")
    spent = target_with({30: 100, 31: 100, 32: 100, 33: 100, 34: 100, 35: 100, 36: 1}, name="spent")
    empty = make_target("nothing_yet", environment="production")
    html = client.get("/sla").content.decode()
    assert html.index(">spent<") < html.index(">fine<") < html.index(">nothing_yet<")
    judged = reading.judged([good, spent, empty], timezone.now())
    shown = dict(DATA.findall(html))
    assert shown.keys() == {str(judged[target.pk].adjusted.value) for target in (good, spent)}
    assert shown[str(judged[good.pk].adjusted.value)] == "100%"
    # 60,000 requests, 1% of which may fail: 601 did
    assert judged[spent.pk].adjusted.remaining == Decimal(-1) / 600
    assert "spent, 0.2% over" in html and "100% left" in html and "no data" in html
    assert "Of 3 targets: 1 missed, 1 without data" in html
    assert not INLINE.search(html)


def test_without_a_target_the_page_says_what_one_is(client: Client, elena) -> None:
    html = client.get("/sla").content.decode()
    assert "No target yet" in html and "A target promises a figure" in html


def test_an_environment_shows_its_own_targets_and_those_over_all(client: Client, elena) -> None:
    target_with({}, name="in_staging", environment="staging")
    target_with({}, name="everywhere", environment="")
    html = client.get("/sla?environment=production").content.decode()
    assert ">everywhere<" in html and ">in_staging<" not in html


def test_a_targets_page_opens_every_figure_to_its_counts(client: Client, elena, still) -> None:
    target = target_with({1: 40, 2: 30, 200: 7})
    html = client.get(f"/sla/{target.pk}").content.decode()
    figures = reading.judged([target], timezone.now())[target.pk].adjusted
    stats = dict(DATA.findall(html))
    assert {str(figures.value), str(figures.remaining), str(figures.coverage)} <= stats.keys()
    # 600 minutes of 100 requests; 77 failed of the 600 that may
    assert stats[str(figures.value)] == "99.872" and stats[str(figures.remaining)] == "87.2"
    assert "77 failed of 600 allowed" in html and "42,600 of 43,200 min not measured" in html
    counts = panel(html, "The counts")
    assert "Valid 60,000 requests Good 59,923 Failed 77" in counts
    assert "Allowed 600 = 1% of valid Left 1 − 77 / 600 = 87.2% left" in counts
    assert "600 of 43,200 measured" in counts
    assert "Target ≥ 99% met Warning ≤ 98.5% not reached Critical ≤ 98% not reached" in panel(html, "Thresholds")
    burns = panel(html, "Burn windows")
    # 70 of 6,000 failed in the last hour, 70 of 500 in five minutes, of 1% that may
    assert "1 h / 5 min 1.2 / 14 14.4 No" in burns
    assert not INLINE.search(html)


def test_a_budget_far_over_is_cut_on_the_chart_and_the_page_says_so(client: Client, elena, still) -> None:
    over = target_with(dict.fromkeys(range(30, 50), 90), minutes=600)  # 1,800 where 600 are allowed
    html = client.get(over.get_absolute_url()).content.decode()
    values = json.loads(re.search(r'type="application/json">(\{"key": ?"burn-down".*?)</script>', html)[1])["values"]
    assert min(value for value in values if value is not None) == -25
    assert "cut at −25%" in panel(html, "Budget burn-down")
    assert "200% over" in text_of(html)
    inside = target_with({30: 6}, name="other", minutes=600)
    assert "cut at" not in client.get(inside.get_absolute_url()).content.decode()


def test_days_are_counted_each_by_itself(client: Client, elena) -> None:
    target = target_with({1: 40})
    cells = re.findall(r"<title>([^<]*bad of[^<]*)</title>", client.get(f"/sla/{target.pk}").content.decode())
    totals = [
        [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) bad of ([\d,]+)", each)[0]] for each in cells
    ]
    assert [sum(column) for column in zip(*totals, strict=True)] == [40, 60_000]


def test_what_was_spent_adds_up_by_release_and_by_issue(client: Client, elena) -> None:
    project = make_project()
    target = target_with({5: 4, 6: 3, 400: 2})
    now = now_minute()
    rows = [
        make_row((now - ago * MINUTE).timestamp() + 1, project_id=project.pk, is_failed=True, release=release)
        for ago, release, number in ((5, "trading-api@2.0.1", 3), (6, "trading-api@2.0.0", 3), (400, "", 2))
        for _ in range(number)
    ]
    add_transactions(rows, now=now)
    margin, venue = make_issue(title="MarginCheckError: none"), make_issue(title="VenueTimeout: XLON")
    count_series(f"issue:{margin.pk}", now - 5 * MINUTE, 4)
    count_series(f"issue:{margin.pk}", now - 6 * MINUTE, 2)
    count_series(f"issue:{venue.pk}", now - 6 * MINUTE, 1)
    html = client.get(f"/sla/{target.pk}").content.decode()
    spent = panel(html, "What it was spent on")
    assert "9 failed, adjusted" in spent
    costs = re.findall(r'<data value="([^"]*)">', html[html.index("What it was spent on") : html.index('id="minutes"')])
    by_release, by_issue = [Decimal(each) for each in costs[:3]], [Decimal(each) for each in costs[3:]]
    assert by_release == [3, 3, 3] and sum(by_issue) == 9  # 2.0.0, 2.0.1, and one more and two that named none
    assert by_issue == [6, 1, 2]
    assert "Release 2.0.0" in spent and "Release 2.0.1" in spent and "33.3% 0.5%" in spent
    assert "MarginCheckError none 6, 2 of it shared with others" in spent
    assert "2.0.0 cost 0.5% of the budget." in text_of(html)
    assert f'href="/issues/{margin.pk}"' in html
    on_the_issue = text_of(client.get(f"/issues/{venue.pk}").content.decode())
    assert "Cost of budget" in on_the_issue and "11.1% of what was spent, 0.167% of the budget" in on_the_issue


def test_every_bad_minute_is_there_with_its_issues_traces_and_alerts(client: Client, elena) -> None:
    target = target_with({5: 4, 6: 3, 90: 1})
    at = now_minute() - 5 * MINUTE
    issue = make_issue(title="MarginCheckError: none")
    count_series(f"issue:{issue.pk}", at, 4)
    trace = keep(transaction("a1"), started_at=at + timedelta(seconds=3), is_failed=True)
    keep(transaction("b2"), started_at=at + timedelta(seconds=4), is_failed=False)
    alert = Alert.objects.create(
        project=target.project,
        dedup_key="error_rate:1",
        severity="critical",
        category="error",
        source="error_rate",
        title="Error rate",
        environment="production",
        starts_at=at + timedelta(seconds=30),
        last_at=at,
    )
    html = client.get(f"/sla/{target.pk}").content.decode()
    minutes = html[html.index('id="minutes"') :]
    assert "3 minutes in 2 rows" in text_of(html)
    rows = re.findall(r"<tr><td class=\"num nowrap lead\">.*?</tr>", minutes)
    assert [re.search(r'class="r">(\d+) ', row)[1] for row in rows] == ["4", "3", "1"]
    assert f'href="/issues/{issue.pk}"' in rows[0] and f"/traces/{trace.trace_id}" in rows[0]
    assert f"ALERT-{alert.pk}" in rows[0] and "ALERT" not in rows[1] + rows[2]
    assert f"start={at:%Y-%m-%dT%H:%M}&amp;end={at + MINUTE:%Y-%m-%dT%H:%M}" in rows[0]
    assert minutes.count("/traces/") == 1
    assert "50%" in text_of(minutes, "<summary>", "</summary>") or "87.5%" in text_of(
        minutes, "<summary>", "</summary>"
    )


def test_bad_minutes_are_paged_and_ordered(client: Client, elena) -> None:
    target = target_with({10 + 10 * number: 1 + number for number in range(20)})
    path = f"/sla/{target.pk}"
    first = client.get(path).content.decode()
    assert "20 minutes in 20 rows" in text_of(first) and "1 to 8 of 20 stretches" in first
    seen = re.findall(r'id="stretch-(\d+)"', first)
    older = unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
    while older:
        html = client.get(older).content.decode()
        seen += re.findall(r'id="stretch-(\d+)"', html)
        found = re.search(r'href="([^"]+)" rel="next"', html)
        older = unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == 20 and seen == sorted(seen, reverse=True)
    worst = client.get(f"{path}?sort=worst").content.decode()
    assert re.search(r'st-n"><b>(\d+)', worst)[1] == "20"
    assert client.get(f"{path}?at=nonsense").status_code == 400
    assert "There is no such page" in client.get(f"{path}?at=900").content.decode()


def test_a_correction_leaves_the_adjusted_side_and_comes_back(client: Client, elena) -> None:
    target = target_with({5: 40, 6: 40, 200: 7})
    now = now_minute()
    form = client.get(f"/sla/{target.pk}/correction?from=2026-11-26T01:00&to=2026-11-26T01:20").content.decode()
    assert 'value="2026-11-26T01:00"' in form and 'value="2026-11-26T01:20"' in form
    asked = {
        "starts_at": f"{now - 6 * MINUTE:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now - 4 * MINUTE:%Y-%m-%dT%H:%M}",
        "kind": "maintenance",
        "reason": "Disks were moved",
    }
    html = client.post(f"/sla/{target.pk}/correction", asked, follow=True).content.decode()
    assert "Taken out:" in html and "Undo" in html
    sides = panel(html, "Raw and adjusted")
    assert "Adjusted 7 / 59,800" in sides and "Raw 87 / 60,000" in sides
    assert "Disks were moved, by elena: 80 failed of 200 left out." in sides
    assert "1 minute in 1 row, adjusted" in text_of(html)
    raw = client.get(f"/sla/{target.pk}?side=raw").content.decode()
    assert "3 minutes in 2 rows, raw" in text_of(raw) and "Left 1 − 87 / 600 = 85.5% left" in panel(raw, "The counts")
    row = Correction.objects.get()
    assert (row.target, row.actor) == (target, "elena")
    client.post(f"/dashboard/actions/corrections/{row.pk}/withdraw")
    assert "Adjusted 87 / 60,000" in panel(client.get(f"/sla/{target.pk}").content.decode(), "Raw and adjusted")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "This field is required"),
        ({"ends_at": "2026-11-25T01:00"}, "expected a time after"),
        ({"kind": "sleep"}, "Select a valid choice"),
        ({"starts_at": "yesterday"}, "Enter a valid date/time"),
    ],
)
def test_a_bad_correction_says_what_is_expected(client: Client, elena, change, said) -> None:
    target = target_with({})
    asked = {"starts_at": "2026-11-26T01:00", "ends_at": "2026-11-26T01:20", "kind": "maintenance", "reason": "x"}
    answer = client.post(f"/sla/{target.pk}/correction", asked | change)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not Correction.objects.exists()


def test_a_responder_looks_and_corrects_nothing(client: Client) -> None:
    client.force_login(make_user("jonas", role=Role.RESPONDER))
    target = target_with({5: 40})
    html = client.get(f"/sla/{target.pk}").content.decode()
    assert "/correction" not in html and "Take these" not in html
    asked = {"starts_at": "2026-11-26T01:00", "ends_at": "2026-11-26T01:20", "kind": "maintenance", "reason": "x"}
    assert client.post(f"/sla/{target.pk}/correction", asked).status_code == 400
    assert not Correction.objects.exists()


def test_other_peoples_targets_and_corrections_are_unknown(client: Client, elena) -> None:
    theirs = make_project("theirs")
    target = target_with({5: 40}, name="their_secret", project=theirs)
    row = Correction.objects.create(
        project=theirs,
        kind="other",
        starts_at=now_minute() - MINUTE,
        ends_at=now_minute(),
        reason="x",
        actor="them",
    )
    assert client.get(f"/sla/{target.pk}").status_code == 404
    assert client.get(f"/sla/{target.pk}/correction").status_code == 404
    assert client.post(f"/dashboard/actions/corrections/{row.pk}/withdraw").status_code == 404
    assert "their_secret" not in client.get("/sla").content.decode()
    add_member(SYSTEM, theirs, elena, Role.VIEWER)
    assert client.get(f"/sla/{target.pk}").status_code == 200
    client.logout()
    assert client.get(f"/sla/{target.pk}").status_code == 302


def test_versions_say_who_changed_what_and_why(client: Client, elena) -> None:
    target = target_with({})
    measure = target.versions.get().measure
    add_version(
        target,
        measure=measure,
        target_value="0.995",
        actor="Elena Park",
        reason="auction minutes excluded",
        excluded_times="09:30-09:31 America/New_York",
        valid_from=now_minute() - MINUTE,
        environment="production",
    )
    said = panel(client.get(f"/sla/{target.pk}").content.decode(), "Versions")
    assert "Elena Park" in said and '"auction minutes excluded"' in said
    assert "target 99% → 99.5%" in said and "left out none → 09:30-09:31 America/New_York" in said


def test_no_data_is_said_everywhere(client: Client, elena) -> None:
    target = make_target("quiet", environment="production")
    html = client.get(f"/sla/{target.pk}").content.decode()
    assert "No data in this period" in html and "neither met nor missed" in html
    assert html.count("no data") >= 4 and not DATA.search(html.replace('<data value="0">0</data>', ""))
    assert "0%" not in panel(html, "The counts")


def test_a_target_of_checks_says_that_no_issue_is_known(client: Client, elena) -> None:
    target = target_with({5: 40}, indicator=Indicator.UPTIME, definition={})
    html = client.get(f"/sla/{target.pk}").content.decode()
    assert "No release and no issue is known" in html and "the alerts of the time stand beside" in html


def test_reading_costs_few_queries_however_many_targets(client: Client, elena, django_assert_max_num_queries) -> None:
    for number in range(12):
        target = target_with({5: number}, name=f"target_{number}", minutes=30)
    client.get("/sla")
    with django_assert_max_num_queries(24):
        client.get("/sla")
    client.get(f"/sla/{target.pk}")
    with django_assert_max_num_queries(40):
        client.get(f"/sla/{target.pk}")


def test_a_closed_period_stays_and_says_what_came_late(client: Client, elena) -> None:
    target = target_with({}, window="calendar", window_unit="month", minutes=1)
    start, end = utc("2026-10-01T00:00"), utc("2026-11-01T00:00")
    store(measure_of(target), {int(start.timestamp()) + 60: counts(100, 5)})
    ClosedPeriod.objects.create(
        target=target,
        label="2026-10",
        period_start=start,
        period_end=end,
        closed_at=utc("2026-11-01T00:20"),
        valid=90 * UNIT,
        bad=2 * UNIT,
        received=90,
        received_bad=2,
        entry={"state": "warning", "value": "0.977", "target_value": "0.99", "adjusted": {"budget_left": "-1.2"}},
    )
    said = panel(client.get(f"/sla/{target.pk}").content.decode(), "Closed periods")
    assert "2026-10 Warning 97.7%, spent, 120% over" in said and "late: 10 more, 3 of them bad" in said


def test_the_page_and_its_alert_say_the_same_of_a_burn(client: Client, elena, still) -> None:
    calm = [target_with({}, name=f"calm_{number}", minutes=1) for number in range(10)]
    target = target_with(dict.fromkeys(range(1, 61), 15), minutes=14_400, name="burns")  # 900 of 14,400 that may
    tell_burns(timezone.now())
    judge_occurrences(timezone.now())
    alert = Alert.objects.get()
    html = client.get(f"/sla/{target.pk}").content.decode()
    assert f'href="/alerts/{alert.pk}"' in html
    assert "1 h burn 15 and 5 min burn 15, both above 14.4." in text_of(html)
    lasts = re.search(r"the budget lasts (\d+ \w)", alert.message)[1]
    assert f"At this rate the budget is gone in {lasts}" in text_of(html)
    Alert.objects.update(starts_at=now_minute() - 5 * MINUTE)
    assert "shaded: an alert fires" in client.get(f"/sla/{target.pk}").content.decode()
    assert "Of 11 targets: 1 burning" in client.get("/sla").content.decode()
    for each in calm:  # their ids begin alike
        assert "Alerted" not in text_of(client.get(f"/sla/{each.pk}").content.decode())


def test_the_overview_gives_what_the_api_gives(client: Client, elena, still) -> None:
    for number in range(3):
        target_with({40: number * 30, 3: number}, name=f"target_{number}")
    make_target("quiet", environment="production")
    project = make_project()
    told = client.get(f"/sla/status?project={project.slug}", headers={"Accept": "application/json"}).json()
    html = client.get("/sla").content.decode()
    rows = [(re.search(r"<b>(\w+)</b>", row), DATA.search(row)) for row in html.split("data-row=")[1:]]
    shown = {name[1]: value[1] for name, value in rows if name and value}
    values = {each["metric_name"]: each["value"] for each in told["targets"] if each["value"] is not None}
    assert values.keys() == shown.keys() == {"target_0", "target_1", "target_2"}
    for name, value in values.items():
        assert float(shown[name]) == pytest.approx(float(value), abs=1e-12)
    for each in told["targets"]:
        page = client.get(f"/sla/{Target.objects.get(metric_name=each['metric_name']).pk}").content.decode()
        figures = dict(DATA.findall(page))
        remaining = each["budget"]["remaining"]
        assert remaining is None or any(abs(float(x) - float(remaining)) < 1e-9 for x in figures if x)
        coverage = each["coverage"]
        assert coverage is None or any(abs(float(x) - float(coverage)) < 1e-9 for x in figures if x)
