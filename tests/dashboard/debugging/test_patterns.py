"""Patterns on pages: the list with its filters, the panel of an issue, the section of a session, and what people do."""

import pytest
from django.test import Client

from debugging.models import Pattern
from debugging.patterns.services import analyse_issue
from tests.debugging.builders import make_session
from tests.debugging.patterns.builders import HOUR, MINUTE, NOW, SYSTEM, every, make_errors
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import Event, Issue
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def issue() -> Issue:
    make_errors("OtherError", every(7 * MINUTE, 60), user=[{"id": f"acc-{number}"} for number in range(10)])
    found = make_errors("CronError", every(HOUR, 20, until=NOW.replace(minute=0)), user={"id": "acc-<4>"})
    analyse_issue(SYSTEM, found, now=NOW)
    return found


def log_in(client: Client, role: Role = Role.RESPONDER) -> None:
    client.force_login(make_user(f"mia-{role}", role=role))


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_yet_says_so(client: Client) -> None:
    make_project()
    log_in(client)
    assert "Not looked yet" in read(client, "/patterns")


def test_the_list_filters_and_its_buttons_work(client: Client, issue: Issue) -> None:
    log_in(client)
    page = read(client, "/patterns")
    assert "Every hour" in page and "acc-&lt;4&gt;" in page and "acc-<4>" not in page
    only = read(client, "/patterns?kind=periodic")
    assert "Every hour" in only and "acc-&lt;4&gt;" not in only
    assert "No pattern fits" in read(client, "/patterns?kind=burst")
    row = Pattern.objects.get(kind="periodic")
    client.post(f"/dashboard/actions/patterns/{row.pk}/dismiss")
    assert "Dismissed: Every hour" in read(client, "/patterns")  # the toast, with its Undo
    assert "Every hour" not in read(client, "/patterns")
    assert "Every hour" in read(client, "/patterns?dismissed=yes")
    client.post(f"/dashboard/actions/patterns/{row.pk}/restore")
    assert "Every hour" in read(client, f"/patterns?issue={issue.pk}")
    Pattern.objects.all().delete()
    client.post(f"/dashboard/actions/patterns/issue/{issue.pk}/look")
    assert Pattern.objects.filter(issue=issue, kind="periodic").exists()
    assert client.get("/patterns?issue=x").status_code == 400
    assert client.post(f"/dashboard/actions/patterns/{row.pk + 1000}/dismiss").status_code == 404


def test_a_viewer_sees_and_changes_nothing(client: Client, issue: Issue) -> None:
    log_in(client, Role.VIEWER)
    assert "Dismiss</button>" not in read(client, f"/patterns?issue={issue.pk}")
    row = Pattern.objects.get(kind="periodic")
    client.post(f"/dashboard/actions/patterns/{row.pk}/dismiss")
    client.post(f"/dashboard/actions/patterns/issue/{issue.pk}/look")
    row.refresh_from_db()
    assert row.dismissed_at is None and row.found_at == NOW


def test_the_issue_and_the_session_show_them(client: Client, issue: Issue) -> None:
    log_in(client)
    page = read(client, f"/issues/{issue.pk}")
    assert "<h2>Patterns</h2>" in page and "Every hour" in page and f"/patterns?issue={issue.pk}" in page
    session = make_session(Event.objects.filter(issue=issue).latest("timestamp"))
    page = read(client, f"/debug/{session.pk}")
    assert "Patterns of the issue" in page and "Every hour" in page and "Look now" in page


def test_a_like_issue_is_merged_from_its_suggestion(client: Client) -> None:
    said = "no price for the symbol of this venue in the book"
    loud = make_errors("ValueError", every(MINUTE, 9), says=said)
    quiet = make_errors("ValueError", every(MINUTE, 6), says=said + " yet", fingerprint=["another"])
    analyse_issue(SYSTEM, quiet, now=NOW)
    log_in(client)
    page = read(client, f"/patterns?issue={quiet.pk}")
    assert f"Merge into DEFAULT-{loud.number}" in page and f"/dashboard/actions/issues/{loud.pk}/merge" in page
    client.post(f"/dashboard/actions/issues/{loud.pk}/merge", {"other": quiet.pk})
    quiet.refresh_from_db()
    assert quiet.merged_into == loud
