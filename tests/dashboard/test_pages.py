"""The pages over HTTP: who may see them, what they say, what they never let through."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from alerts.choices import AlertState
from alerts.models import TimelineEntry
from tests.dashboard.builders import DOCUMENT, count, make_alert, make_event, make_issue
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queries import backlog
from tradewatch.projects.choices import Role
from tradewatch.projects.models import ProjectKey

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


@pytest.fixture
def responder(client: Client) -> Client:
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


# --- who may see ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path", ["/error-dashboard.html", "/issues", "/issues/1", "/alerts", "/alerts/1", "/events/" + "a" * 32]
)
def test_without_a_login_the_page_leads_to_it_and_back(client: Client, path: str) -> None:
    answer = client.get(path + "?window=24h")
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next={path}%3Fwindow%3D24h"


def test_the_root_leads_to_the_dashboard(client: Client) -> None:
    assert client.get("/")["Location"] == "/error-dashboard.html"


def test_people_without_staff_rights_are_kept_out(client: Client) -> None:
    client.force_login(make_user("guest", role=Role.MANAGER, is_staff=False))
    assert client.get("/error-dashboard.html").status_code == 302


def test_the_login_sends_one_back(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    form = {"username": "ann", "password": "pass-of-ann", "next": "/issues?window=24h"}
    assert client.post("/admin/login/?next=/issues", form, follow=False)["Location"] == "/issues?window=24h"


def test_what_belongs_to_another_project_is_not_there(viewer: Client) -> None:
    other = make_project("other")
    issue, alert = make_issue(other), make_alert(other)
    event = make_event(issue)
    paths = [f"/issues/{issue.pk}", event.get_absolute_url(), event.get_absolute_url() + "/json", f"/alerts/{alert.pk}"]
    assert [viewer.get(path).status_code for path in paths] == [404] * 4
    assert viewer.get("/issues?project=other").status_code == 404
    assert issue.title not in text(viewer, "/issues")


# --- what they say -------------------------------------------------------------------------------------------------
def test_an_empty_install_shows_its_dsn(viewer: Client) -> None:
    ProjectKey.objects.create(project=make_project(), public_key="a" * 32)
    page = text(viewer, "/error-dashboard.html")
    assert "http://" + "a" * 32 + f"@127.0.0.1:8000/{make_project().pk}" in page
    assert "No event yet" in page


def test_the_dashboard_has_its_facts_before_any_script(viewer: Client) -> None:
    issue = make_issue(last_seen_at=timezone.now())
    count(f"issue:{issue.pk}", timezone.now(), 286)
    count("events", timezone.now(), 286)
    make_alert(title="Error rate 2.1%")
    page = text(viewer, "/error-dashboard.html")
    assert "Error rate 2.1%, and nobody has acknowledged" in page
    assert "286 events" in page
    assert f"/issues/{issue.pk}" in page


def test_scope_survives_links(viewer: Client) -> None:
    make_issue()
    count("events", timezone.now(), 1)
    page = text(viewer, "/error-dashboard.html?environment=production&window=24h")
    assert 'href="/issues?environment=production&amp;window=24h"' in page
    assert 'data-live-url="/ws/live/?environment=production&amp;window=24h"' in page


def test_the_list_filters_sorts_and_searches(viewer: Client) -> None:
    make_issue(title="Alpha: one", event_count=1)
    make_issue(title="Beta: two", event_count=9, first_seen_at=timezone.now() - timedelta(days=2))
    make_issue(title="Gone: three", state="resolved")
    assert "Gone" in text(viewer, "/issues?state=resolved")
    assert "Gone" not in text(viewer, "/issues")
    loudest, newest = text(viewer, "/issues?sort=loudest"), text(viewer, "/issues?sort=newest")
    assert loudest.index("Beta") < loudest.index("Alpha")
    assert newest.index("Alpha") < newest.index("Beta")
    assert "Beta" not in text(viewer, "/issues?q=alph")


def test_the_list_pages_by_cursor_without_losing_or_repeating(viewer: Client) -> None:
    for number in range(60):
        make_issue(title=f"E{number:03}: x", last_seen_at=timezone.now() - timedelta(seconds=number))
    seen: list[str] = []
    path = "/issues"
    while path:
        page = text(viewer, path)
        seen += re.findall(r"<b>(E\d{3})</b>", page)
        older = re.search(r'href="(\?[^"]*cursor=[^"]*)" rel="next"', page)
        path = "/issues" + older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"E{number:03}" for number in range(60)]


def test_an_issue_shows_its_chain_source_variables_and_request(viewer: Client) -> None:
    issue = make_issue(classified_why="exception type matches Margin")
    make_event(issue)
    page = text(viewer, f"/issues/{issue.pk}")
    for fact in (
        "caused by KeyError",
        "app/risk/margin.py",
        "MarginCheckError",
        "SELECT 1",
        "https://trade/orders",
    ):
        assert fact in page
    assert "raise MarginCheckError() from error" in re.sub(r"<[^>]+>", "", page)
    assert '<span class="gone">removed</span>' in page
    assert "exception type matches Margin" in page


def test_events_of_an_issue_link_to_their_neighbours(viewer: Client) -> None:
    issue, now = make_issue(), timezone.now()
    old, mid, new = [make_event(issue, at=now - timedelta(minutes=each)) for each in (2, 1, 0)]
    newest = text(viewer, f"/issues/{issue.pk}")
    assert mid.event_id.hex in newest and new.event_id.hex in newest
    page = text(viewer, mid.get_absolute_url())
    assert f'href="{old.get_absolute_url()}"' in page
    assert f'href="{new.get_absolute_url()}"' in page


def test_an_issue_whose_events_are_past_retention_still_opens(viewer: Client) -> None:
    assert "No event is kept any more" in text(viewer, f"/issues/{make_issue().pk}")


def test_the_stored_document_is_served_as_json(viewer: Client) -> None:
    event = make_event(make_issue())
    assert viewer.get(event.get_absolute_url() + "/json").json() == DOCUMENT


def test_an_event_id_leads_to_its_page_once_digested(viewer: Client) -> None:
    event = make_event(make_issue())
    assert viewer.get(f"/events/{event.event_id.hex}")["Location"] == event.get_absolute_url()
    waiting = viewer.get("/events/" + "a" * 32)
    assert (waiting.status_code, waiting["Refresh"]) == (202, f"1; url=/events/{'a' * 32}?looked=1")
    assert viewer.get("/events/" + "a" * 32 + "?looked=30").status_code == 404


def test_an_alert_shows_its_timeline(viewer: Client) -> None:
    alert = make_alert()
    TimelineEntry.objects.create(alert=alert, at=timezone.now(), kind="opened", text="Fired: 1.84% for 5 min")
    assert "Fired: 1.84% for 5 min" in text(viewer, f"/alerts/{alert.pk}")
    assert alert.title in text(viewer, "/alerts")
    assert alert.title not in text(viewer, "/alerts?state=resolved")


def test_alerts_is_a_page_for_people_and_takes_alerts_from_programs(client: Client) -> None:
    make_project()
    body = {"title": "Venue XLON is down", "severity": "error"}
    answer = client.post("/alerts", body, content_type="application/json", headers=bearer("alerts:write"))
    assert answer.status_code == 201, answer.content
    assert client.post("/alerts", body, content_type="application/json").status_code == 401
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert "Venue XLON is down" in text(client, "/alerts")


# --- what they never let through -----------------------------------------------------------------------------------
def test_hostile_event_text_stays_text(viewer: Client) -> None:
    frame = {
        "filename": HOSTILE,
        "function": HOSTILE,
        "in_app": True,
        "context_line": HOSTILE,
        "vars": {HOSTILE: HOSTILE},
    }
    values = [{"type": HOSTILE, "value": HOSTILE, "stacktrace": {"frames": [frame]}}]
    crumbs = {"values": [{"category": HOSTILE, "message": HOSTILE}]}
    request = {"url": HOSTILE, "method": HOSTILE, "headers": [[HOSTILE, HOSTILE]], "data": HOSTILE}
    document = {"exception": {"values": values}, "breadcrumbs": crumbs, "request": request, "user": {HOSTILE: HOSTILE}}
    issue = make_issue(title=f"{HOSTILE}: {HOSTILE}"[:250], culprit=HOSTILE, last_seen_at=timezone.now())
    make_event(issue, document=document)
    make_alert(title=HOSTILE, message=HOSTILE, tags={HOSTILE: HOSTILE})
    count(f"issue:{issue.pk}", timezone.now(), 1)
    count("events", timezone.now(), 1)
    for path in ("/error-dashboard.html", "/issues", f"/issues/{issue.pk}", "/alerts"):
        page = text(viewer, path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path


def test_our_pages_carry_a_strict_policy_and_nothing_inline(viewer: Client) -> None:
    issue = make_issue()
    make_event(issue)
    count("events", timezone.now(), 1)
    for path in ("/error-dashboard.html", "/issues", f"/issues/{issue.pk}", "/alerts"):
        answer = viewer.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        page = answer.content.decode()
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page), path
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", page), path


def test_only_the_admin_may_evaluate(client: Client) -> None:
    client.force_login(make_user("boss", is_superuser=True))
    policy = client.get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


# --- buttons -------------------------------------------------------------------------------------------------------
def test_a_responder_acknowledges_and_comes_back(responder: Client) -> None:
    alert = make_alert()
    answer = responder.post(
        f"/dashboard/actions/alerts/{alert.pk}/acknowledge", headers={"Referer": "http://testserver/alerts?window=24h"}
    )
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, "rosa")
    assert answer["Location"] == "/alerts?window=24h"


JSON = {"Accept": "application/json"}


def test_a_script_is_answered_with_words_and_the_way_back(responder: Client) -> None:
    alert = make_alert(title="Error rate 2.1%")
    path = f"/dashboard/actions/alerts/{alert.pk}/"
    answer = responder.post(path + "acknowledge", headers=JSON).json()
    assert answer == {"text": "Acknowledged: Error rate 2.1%", "undo": path + "unacknowledge", "failed": False}
    assert responder.post(answer["undo"], headers=JSON).json()["text"] == "Waits again: Error rate 2.1%"
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == (AlertState.FIRING, "", None)
    assert responder.post(path + "resolve", headers=JSON).json()["undo"] is None


def test_a_script_of_a_viewer_is_refused_in_words(viewer: Client) -> None:
    alert = make_alert()
    answer = viewer.post(f"/dashboard/actions/alerts/{alert.pk}/acknowledge", headers=JSON).json()
    assert answer["failed"]
    assert answer["text"].startswith("Not done: needs the role responder")
    alert.refresh_from_db()
    assert alert.state == AlertState.FIRING


def test_a_viewer_cannot_act_and_is_told(viewer: Client) -> None:
    alert = make_alert()
    viewer.post(f"/dashboard/actions/alerts/{alert.pk}/resolve")
    alert.refresh_from_db()
    assert alert.state == AlertState.FIRING
    assert "Not done: needs the role responder" in text(viewer, f"/alerts/{alert.pk}")


@pytest.mark.parametrize(("action", "state"), [("resolve", "resolved"), ("ignore", "ignored")])
def test_a_responder_closes_an_issue_and_opens_it_again(responder: Client, action: str, state: str) -> None:
    issue = make_issue()
    responder.post(f"/dashboard/actions/issues/{issue.pk}/{action}")
    issue.refresh_from_db()
    assert issue.state == state
    page = text(responder, f"/issues/{issue.pk}")
    assert f'action="/dashboard/actions/issues/{issue.pk}/reopen"' in page
    responder.post(f"/dashboard/actions/issues/{issue.pk}/reopen")
    issue.refresh_from_db()
    assert issue.state == "unresolved"


def test_an_issue_of_another_project_cannot_be_resolved(responder: Client) -> None:
    issue = make_issue(make_project("other"))
    assert responder.post(f"/dashboard/actions/issues/{issue.pk}/resolve").status_code == 404
    issue.refresh_from_db()
    assert issue.state == "unresolved"


@pytest.fixture
def empty_inbox(settings, tmp_path: Path) -> Iterator[None]:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield
    queue_sqlite.close()


@pytest.mark.usefixtures("empty_inbox")
def test_a_test_error_can_be_sent_from_the_first_steps(responder: Client) -> None:
    ProjectKey.objects.create(project=make_project(), public_key="a" * 32)
    path = f"/dashboard/actions/projects/{make_project().pk}/test-event"
    assert f'action="{path}"' in text(responder, "/error-dashboard.html")
    assert responder.post(path)["Location"] == "/error-dashboard.html"
    assert backlog().pending == 1
    assert responder.post(f"/dashboard/actions/projects/{make_project('other').pk}/test-event").status_code == 404


def test_another_host_is_not_gone_back_to(responder: Client) -> None:
    alert = make_alert()
    path = f"/dashboard/actions/alerts/{alert.pk}/acknowledge"
    answer = responder.post(path, headers={"Referer": "https://evil.example/page"})
    assert answer["Location"] == f"/alerts/{alert.pk}"


def test_actions_take_only_posts_with_a_token_and_known_names(responder: Client) -> None:
    alert = make_alert()
    path = f"/dashboard/actions/alerts/{alert.pk}/"
    assert responder.get(path + "resolve").status_code == 405
    assert responder.post(path + "explode").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = responder.cookies
    assert strict.post(path + "resolve").status_code == 403
