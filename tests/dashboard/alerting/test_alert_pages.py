"""The list of alerts, the page of one, silences and routing over HTTP."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.engine.turning import turn
from alerts.models import Alert, EscalationPolicy, EscalationStep, EscalationTarget, Route, Silence
from alerts.services import acknowledge_alert, resolve_alert
from alerts.services.opening import open_or_update
from tests.alerts.builders import make_trigger
from tests.dashboard.builders import count, make_issue
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def rosa(client: Client):
    user = make_user("rosa", role=Role.RESPONDER, first_name="Rosa", last_name="Diaz", email="r@example.com")
    client.force_login(user)
    return user


def fire(key: str = "disk:settle-02", *, minutes_ago: float = 12, turned: bool = True, **fields) -> Alert:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    alert = open_or_update(make_trigger(dedup_key=key, at=at, **fields), now=at)[0]
    if turned:
        turn(at + timedelta(seconds=31))
        turn(timezone.now())
    return alert


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    html = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", html), path
    return html


def escalate_to(user, name: str = "Order path") -> Route:
    policy = EscalationPolicy.objects.create(name=name)
    for wait in (0, 3600):
        step = EscalationStep.objects.create(policy=policy, wait_seconds=wait, position=wait)
        EscalationTarget.objects.create(step=step, kind="user", user=user)
    root = Route.objects.get(parent=None)
    return Route.objects.create(parent=root, name=name, matchers="category=system", policy=policy, position=1)


# --- one alert -------------------------------------------------------------------------------------------------------
def test_the_page_says_who_is_asked_next_and_what_the_button_does(client: Client, rosa) -> None:
    escalate_to(rosa)
    alert = fire()
    html = text(client, f"/alerts/{alert.pk}")
    assert "Nobody has acknowledged. Step 2 asks Rosa Diaz at" in html
    assert "Acknowledging stops the escalation." in html and "Policy: Order path" in html
    assert "Routed to Order path" in html and "Nothing holds it back" in html
    assert "asked, no answer yet" in html and "After 1 h" in html


def test_a_held_alert_says_what_holds_it_before_all_else(client: Client, rosa) -> None:
    Silence.objects.create(
        matchers="source=cron",
        starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=1),
        comment="Disk is being replaced",
        created_by="ann",
    )
    alert = fire()
    html = text(client, f"/alerts/{alert.pk}")
    assert "Nobody is told now. Silenced by ann until" in html and "Held by a silence" in html
    assert "Why no page" in html and "Nobody was told" in html
    assert "Disk is being replaced" in text(client, "/alerts?state=held")
    assert alert.title not in text(client, "/alerts?state=acknowledged")


def test_an_ended_alert_says_how_it_ended_and_offers_no_button(client: Client, rosa) -> None:
    alert = fire()
    resolve_alert(SYSTEM, alert)
    html = text(client, f"/alerts/{alert.pk}")
    assert "resolved by" in html and 'data-key="a"' not in html


def test_earlier_alerts_of_the_key_are_listed_with_the_usual_answer(client: Client, rosa) -> None:
    for _ in range(2):
        first = fire(turned=False)
        acknowledge_alert(SYSTEM, first)
        resolve_alert(SYSTEM, first)
    html = text(client, f"/alerts/{fire().pk}")
    assert f"ALERT-{first.pk}" in html and "Median time to acknowledge: 12 min" in html


def test_the_chart_shows_what_the_rule_measured_with_its_limit(client: Client, rosa) -> None:
    for minutes in range(5):
        at = timezone.now() - timedelta(minutes=minutes)
        count("transactions", at, 100)
        count("transactions.failed", at, 5)
    alert = fire("error-rate:production", environment="production", minutes_ago=4)
    html = text(client, f"/alerts/{alert.pk}")
    assert 'data-chart="alert-' in html and "fires above" in html and "failed / 5" in html


def test_an_issues_alert_leads_to_it_and_charts_its_events(client: Client, rosa) -> None:
    issue = make_issue()
    count(f"issue:{issue.pk}", timezone.now(), 3)
    alert = fire(f"issue:{issue.pk}", link=f"/issues/{issue.pk}", minutes_ago=1)
    html = text(client, f"/alerts/{alert.pk}")
    assert issue.title in html and "events of the issue" in html and "3 events from" in html


def test_another_projects_alerts_groups_and_silences_are_unknown(client: Client, rosa) -> None:
    theirs = fire(project_id=make_project("theirs").pk)
    group = theirs.memberships.get().group
    silence = Silence.objects.create(
        project=make_project("theirs"),
        matchers="a=b",
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=1),
        comment="secret of theirs",
    )
    assert client.get(f"/alerts/{theirs.pk}").status_code == 404
    for path in (
        f"/dashboard/actions/alerts/{theirs.pk}/note",
        f"/dashboard/actions/groups/{group.pk}/acknowledge",
        f"/dashboard/actions/silences/{silence.pk}/end",
    ):
        assert client.post(path, {"note": "x"}).status_code == 404, path
    assert client.get(f"/alerts/silences/{silence.pk}/edit").status_code == 404
    assert "secret of theirs" not in text(client, "/alerts/silences")
    assert theirs.title not in text(client, f"/alerts/silences/new?alert={theirs.pk}")
    assert "no alert ALERT" in text(client, f"/alerts/routing?alert={theirs.pk}", 400)


# --- actions ---------------------------------------------------------------------------------------------------------
def act(client: Client, alert: Alert, action: str, **form):
    answer = client.post(f"/dashboard/actions/alerts/{alert.pk}/{action}", form, headers=JSON).json()
    alert.refresh_from_db()
    return answer


def test_a_snooze_is_taken_back_to_what_it_was(client: Client, rosa) -> None:
    alert = fire()
    first = act(client, alert, "snooze", **{"for": "1h"})
    until = alert.snoozed_until
    second = act(client, alert, "snooze", **{"for": "24h"})
    client.post(second["undo"])
    alert.refresh_from_db()
    assert alert.snoozed_until == until
    client.post(first["undo"])
    alert.refresh_from_db()
    assert alert.snoozed_until is None


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"for": "1y"}, "expected one of 30m"),
        ({"until": "soon"}, "expected a date and time"),
        ({"until": "2001-01-01 10:00"}, "has passed already"),
        ({"until": "2190-01-01 10:00"}, "at most 30 days"),
        ({}, "expected a date and time"),
    ],
)
def test_a_bad_snooze_is_refused_in_words(client: Client, rosa, form, says) -> None:
    answer = act(client, fire(), "snooze", **form)
    assert answer["failed"] and says in answer["text"]


def test_an_assignment_is_taken_back(client: Client, rosa) -> None:
    alert, team = fire(), Team.objects.create(name="Desk", slug="desk")
    act(client, alert, "assign", assignee="team:desk")
    assert (alert.team, alert.assignee) == (team, None)
    answer = act(client, alert, "assign", assignee="me")
    assert (alert.team, alert.assignee) == (team, rosa)
    client.post(answer["undo"])
    alert.refresh_from_db()
    assert (alert.team, alert.assignee) == (team, None)
    assert act(client, alert, "assign", assignee="nobody-here")["failed"]


def test_a_note_stands_on_the_timeline_escaped(client: Client, rosa) -> None:
    alert = fire()
    act(client, alert, "note", note="<b>cleared</b>")
    assert "&lt;b&gt;cleared&lt;/b&gt;" in text(client, f"/alerts/{alert.pk}")
    assert act(client, alert, "note", note=" ")["failed"]


def test_many_are_acknowledged_and_taken_back_at_once(client: Client, rosa) -> None:
    alerts = [fire(f"disk:{number}") for number in range(3)]
    theirs = fire("theirs", project_id=make_project("theirs").pk)
    chosen = {"selected": [each.pk for each in [*alerts[:2], theirs]]}
    answer = client.post("/dashboard/actions/alerts/acknowledge", chosen, headers=JSON).json()
    assert answer["text"] == "Acknowledged: 2 alerts"
    assert list(Alert.objects.order_by("pk").values_list("state", flat=True)) == ["acknowledged"] * 2 + ["firing"] * 2
    client.post(answer["undo"])
    assert set(Alert.objects.values_list("state", flat=True)) == {"firing"}
    assert client.post("/dashboard/actions/alerts/acknowledge", {}, headers=JSON).json()["failed"]


def test_what_is_refused_of_one_leaves_the_others_done(client: Client, rosa) -> None:
    ended, alert = fire("a"), fire("b")
    resolve_alert(SYSTEM, ended)
    chosen = {"selected": [ended.pk, alert.pk]}
    answer = client.post("/dashboard/actions/alerts/acknowledge", chosen, headers=JSON).json()
    assert answer["failed"] and f"1 done, not ALERT-{ended.pk}" in answer["text"]
    alert.refresh_from_db()
    assert alert.state == "acknowledged"


def test_a_group_is_acknowledged_from_the_list(client: Client, rosa) -> None:
    alerts = [fire("disk:1"), fire("disk:2")]
    assert "2 open alerts of one group" in text(client, "/alerts")
    group = alerts[0].memberships.get().group
    client.post(f"/dashboard/actions/groups/{group.pk}/acknowledge")
    assert set(Alert.objects.values_list("state", flat=True)) == {"acknowledged"}


def test_a_viewer_sees_all_and_changes_nothing(client: Client) -> None:
    client.force_login(make_user("vera", role=Role.VIEWER))
    alert = fire()
    html = text(client, f"/alerts/{alert.pk}")
    assert 'class="may-look"' in html and "note-new" not in html and "Silence like this" not in html
    for action in ("acknowledge", "resolve", "snooze", "assign", "note"):
        assert act(client, alert, action, note="x", **{"for": "1h"})["failed"], action
    body = {"matchers": "a=b", "comment": "x", "project": alert.project_id}
    body |= {"starts_at": "2036-01-01T10:00", "ends_at": "2036-01-01T11:00"}
    assert client.post("/alerts/silences/new", body).status_code == 400
    assert not Silence.objects.exists()
    assert "New silence" not in text(client, "/alerts/silences")


# --- the list --------------------------------------------------------------------------------------------------------
def test_the_list_filters_by_severity_category_owner_and_labels(client: Client, rosa) -> None:
    disk = fire("disk", title="Disk full", tags={"host": "db-01"})
    fire("venue", title="Venue down", severity="critical", category="business")
    act(client, disk, "assign", assignee="me")
    for query in ("severity=error", "category=system", "owner=me", "owner=rosa", "match=host%3D~db.*"):
        html = text(client, f"/alerts?{query}")
        assert "Disk full" in html and "Venue down" not in html, query
    assert "Disk full" not in text(client, "/alerts?owner=none")
    assert "No alert fits" in text(client, "/alerts?owner=ghost")
    assert "owner=me" in text(client, "/alerts?owner=me&state=held")


def test_an_alert_of_ones_team_is_listed_once(client: Client, rosa) -> None:
    alert, team = fire(title="Disk full"), Team.objects.create(name="Desk", slug="desk")
    team.members.add(rosa, make_user("jonas"), make_user("priya"))
    Alert.objects.filter(pk=alert.pk).update(team=team, assignee=rosa)
    assert text(client, "/alerts?owner=me").count(f'name="selected" value="{alert.pk}"') == 1
    assert "Disk full" in text(client, "/alerts?owner=team:desk")


def test_matchers_that_cannot_be_read_say_so_beside_the_field(client: Client, rosa) -> None:
    html = text(client, "/alerts?match=host%3D~(")
    assert 'aria-invalid="true"' in html and "not a regular expression" in html


def test_nothing_open_says_since_when(client: Client, rosa) -> None:
    assert "No alert has fired yet" in text(client, "/alerts")
    resolve_alert(SYSTEM, fire())
    assert "All quiet since" in text(client, "/alerts")


def test_a_page_of_matches_leads_to_older_ones(client: Client, rosa, monkeypatch) -> None:
    monkeypatch.setattr("tradewatch.dashboard.alerting.listing.PAGE_SIZE", 2)
    for number in range(5):
        fire(f"k{number}", title=f"Alert {number}", minutes_ago=number, tags={"odd": str(number % 2)})
    first = text(client, "/alerts?match=odd%3D0")
    older = re.search(r'href="(/alerts\?[^"]*cursor=[^"]+)"', first)[1].replace("&amp;", "&")
    assert "Alert 0" in first and "Alert 4" in text(client, older) and "match=odd" in older


# --- silences --------------------------------------------------------------------------------------------------------
BODY = {"matchers": "source=cron", "comment": "works", "starts_at": "2026-01-01T10:00", "ends_at": "2036-01-01T11:00"}


def test_a_silence_from_an_alert_shows_what_it_would_hold_holds_it_and_is_taken_back(client: Client, rosa) -> None:
    alert = fire()
    html = text(client, f"/alerts/silences/new?alert={alert.pk}")
    assert "alert=&quot;disk:settle-02&quot;" in html and "1 open alert" in html and "All of its source here" in html
    answer = client.post("/alerts/silences/new", {**BODY, "project": alert.project_id}, follow=True)
    page = answer.content.decode()
    assert "holds 1 open alert" in page and "Silenced until" in page
    silence = Silence.objects.get()
    client.post(f"/dashboard/actions/silences/{silence.pk}/end")
    assert "Nothing is silenced" in text(client, "/alerts/silences")
    assert "works" in text(client, "/alerts/silences?state=expired")


def test_looking_at_what_it_would_hold_saves_nothing(client: Client, rosa) -> None:
    fire()
    html = client.post("/alerts/silences/new", {**BODY, "preview": "1"}).content.decode()
    assert "1 open alert" in html and not Silence.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"matchers": "source=~("}, "not a regular expression"),
        ({"matchers": "{}"}, "a silence over everything hides everything"),
        ({"ends_at": "2025-12-31T10:00"}, "must be after the start"),
        ({"ends_at": "2026-01-02T10:00"}, "has passed already"),
        ({"comment": ""}, "This field is required"),
    ],
)
def test_a_refused_silence_says_why_beside_its_field(client: Client, rosa, change, says) -> None:
    answer = client.post("/alerts/silences/new", {**BODY, "project": make_project().pk, **change})
    assert answer.status_code == 400 and says in answer.content.decode()
    assert not Silence.objects.exists()


def test_other_matchers_end_a_silence_and_open_another(client: Client, rosa) -> None:
    client.post("/alerts/silences/new", {**BODY, "project": make_project().pk})
    first = Silence.objects.get()
    client.post(f"/alerts/silences/{first.pk}/edit", {**BODY, "project": first.project_id, "comment": "still"})
    first.refresh_from_db()
    assert (Silence.objects.count(), first.comment) == (1, "still")
    client.post(f"/alerts/silences/{first.pk}/edit", {**BODY, "project": first.project_id, "matchers": "source=other"})
    assert Silence.objects.order_by("-id").first().replaces == first


def test_many_alerts_are_silenced_by_their_keys(client: Client, rosa) -> None:
    alerts = [fire("disk:a.b"), fire("disk:(c)"), fire("diskXa.b")]
    chosen = {"selected": [each.pk for each in alerts[:2]]}
    answer = client.post("/dashboard/actions/alerts/silence", chosen)
    assert "2 open alerts, and what fires later" in text(client, answer["Location"])


def test_programs_still_read_silences_at_the_same_address(client: Client) -> None:
    make_project()
    assert client.get("/alerts/silences", headers=bearer("alerts:read")).json()["results"] == []
    assert client.get("/alerts/silences", headers=JSON).status_code == 401


# --- routing ---------------------------------------------------------------------------------------------------------
def test_the_tree_shows_what_is_inherited_and_what_was_taken(client: Client, rosa) -> None:
    escalate_to(rosa)
    fire()
    html = text(client, "/alerts/routing")
    assert "policy Order path" in html and "1 alert in 7 days" in html
    assert '<span class="faint">waits 30 s, critical 0 s</span>' in html


def test_the_tester_says_the_way_the_people_and_what_holds(client: Client, rosa) -> None:
    escalate_to(rosa)
    html = text(client, "/alerts/routing?labels=category%3Dsystem%2C+severity%3Dcritical%2C+project%3Ddefault")
    assert "would ask Rosa Diaz at once" in html and "1 Order path" in html and "Nothing holds it back" in html
    Silence.objects.create(
        matchers="category=system",
        starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=1),
        comment="works",
        created_by="ann",
    )
    assert "held: Silenced by ann" in text(client, "/alerts/routing?labels=category%3Dsystem")


def test_the_tester_takes_the_labels_of_an_alert(client: Client, rosa) -> None:
    alert = fire(tags={"host": "db-01"})
    html = text(client, f"/alerts/routing?alert=ALERT-{alert.pk}")
    assert "host=&quot;db-01&quot;" in html and "Where would this go?" in html


@pytest.mark.parametrize(("query", "says"), [("labels=a", "expected"), ("alert=x", "is no alert"), ("alert=99", "no")])
def test_what_the_tester_cannot_read_is_said_beside_the_field(client: Client, rosa, query: str, says: str) -> None:
    html = text(client, f"/alerts/routing?{query}", 400)
    assert 'aria-invalid="true"' in html and says in html


def test_the_dashboard_says_what_holds_an_alert_and_who_is_asked_next(client: Client, rosa) -> None:
    count("events", timezone.now(), 1)
    escalate_to(rosa)
    alert = fire()
    assert "Next: step 2 asks Rosa Diaz" in text(client, "/error-dashboard.html")
    act(client, alert, "snooze", **{"for": "1h"})
    assert "Snoozed by rosa until" in text(client, "/error-dashboard.html")


def test_the_admin_leads_to_the_form_of_a_silence(admin_client: Client) -> None:
    alerts = [fire("a"), fire("b")]
    chosen = {"action": "silence", "_selected_action": [each.pk for each in alerts]}
    answer = admin_client.post("/admin/alerts/alert/", chosen)
    assert answer["Location"] == f"/alerts/silences/new?alerts={alerts[1].pk},{alerts[0].pk}"
