"""The issue admin: lists, searches, forms behind bulk actions, undo; and rules with what they would do."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.admin.builders import make_issue, make_person, make_project
from tests.admin.test_actions import act, logged_in, run_action, superuser
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Activity, ClassificationRule, FingerprintRule, Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project, Team

pytestmark = pytest.mark.django_db
LIST = "admin:errors_issue_changelist"


def numbers(client: Client, **query: str) -> list[str]:
    html = client.get(reverse(LIST), query).content.decode()
    return re.findall(r"issue-number-(\w+)", html)


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def mara(project: Project) -> Client:
    return logged_in(make_person("mara", Role.RESPONDER, project))


def make_issues(project: Project, count: int = 3) -> list[Issue]:
    return [make_issue(project, f"Odd: issue-number-{number}", number) for number in range(1, count + 1)]


def test_the_list_searches_in_the_query_language(mara: Client, project: Project) -> None:
    make_issues(project)
    Issue.objects.filter(number=2).update(state="ignored", severity="critical")
    assert set(numbers(mara, q="is:ignored level:critical")) == {"2"}
    assert set(numbers(mara, q="issue-number-3")) == {"3"}
    assert numbers(mara, q="level:nonsense") == []
    assert "one of" in mara.get(reverse(LIST), {"q": "level:nonsense"}).content.decode()


def test_merged_issues_are_listed_only_when_asked_for(mara: Client, project: Project) -> None:
    one, two, three = make_issues(project)
    act(mara, "merge", two.pk, three.pk, into=str(three.pk))
    assert set(numbers(mara)) == {"1", "3"}
    assert set(numbers(mara, merged="yes")) == {"2"}
    page = mara.get(reverse("admin:errors_issue_change", args=[three.pk])).content.decode()
    assert "issue-number-2 merged into this one" in page
    member = mara.get(reverse("admin:errors_issue_change", args=[two.pk])).content.decode()
    assert "unmerge" in member
    act(mara, "unmerge", two.pk)
    assert set(numbers(mara)) == {"1", "2", "3"}
    assert one.merged_into is None


def test_an_action_of_the_list_leads_to_a_form_that_names_the_issues(mara: Client, project: Project) -> None:
    one, two, _ = make_issues(project)
    answer = run_action(mara, "errors_issue", "resolve", one.pk, two.pk)
    html = answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith("/admin/errors/issue/act/resolve/?ids=")
    assert ("Resolve 2 issues" in html, "issue-number-1" in html, "issue-number-3" in html) == (True, True, False)
    assert Issue.objects.filter(state="unresolved").count() == 3  # nothing is done before the form is sent


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("resolve", {"how": "next"}, {"state": "resolved", "resolves_in_next_release": True}),
        ("ignore", {"events": "5"}, {"state": "ignored", "ignored_until_events": 5}),
        ("ignore", {"until_0": "2099-01-01", "until_1": "10:00:00"}, {"state": "ignored"}),
        ("priority", {"priority": "high"}, {"priority": "high", "priority_by": "mara"}),
        ("assign", {"assignee": "me"}, {"assignee__username": "mara"}),
        ("assign", {"assignee": "team:risk"}, {"assigned_team__slug": "risk"}),
    ],
)
def test_a_form_changes_all_chosen_and_offers_undo(
    mara: Client, project: Project, name: str, fields: dict[str, str], expected: dict[str, Any]
) -> None:
    team = Team.objects.create(name="Risk", slug="risk")
    team.members.add(User.objects.get(username="mara"))
    one, two, three = make_issues(project)
    before = list(Issue.objects.order_by("pk").values())
    html = act(mara, name, one.pk, two.pk, **fields).content.decode()
    assert Issue.objects.filter(**expected).count() == 2
    undo = re.search(r"/admin/errors/issue/undo/[0-9a-f-]+/", html)
    assert undo is not None
    assert mara.get(undo[0]).status_code == 200
    mara.post(undo[0])
    assert list(Issue.objects.order_by("pk").values()) == before
    assert three.state == "unresolved"


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("resolve", {"how": "version"}, "Which release?"),
        ("resolve", {"how": "version", "version": "9.9"}, "no event has named 9.9 yet"),
        ("resolve", {"how": "current"}, "no event has named a release yet"),
        ("ignore", {"until_0": "2001-01-01", "until_1": "10:00:00"}, "expected a time to come"),
        ("ignore", {"events": "0"}, "greater than or equal to 1"),
        ("note", {"text": " "}, "required"),
    ],
)
def test_what_is_refused_stands_in_the_form(
    mara: Client, project: Project, name: str, fields: dict[str, str], says: str
) -> None:
    issue = make_issue(project)
    assert says in act(mara, name, issue.pk, **fields).content.decode()
    assert not Activity.objects.exists()


def test_a_note_shows_in_the_timeline(mara: Client, project: Project) -> None:
    issue = make_issue(project)
    html = act(mara, "note", issue.pk, text="seen on api-03").content.decode()
    assert "seen on api-03" in html


def test_one_issue_is_not_merged_with_itself(mara: Client, project: Project) -> None:
    issue = make_issue(project)
    assert "Choose at least 2" in act(mara, "merge", issue.pk, into=str(issue.pk)).content.decode()


@pytest.mark.parametrize("name", ["resolve", "ignore", "reopen", "assign", "priority", "merge", "unmerge", "note"])
def test_a_viewer_opens_no_form_and_sends_none(project: Project, name: str) -> None:
    one, two, _ = make_issues(project)
    client = logged_in(make_person("vic", Role.VIEWER, project))
    url = reverse("admin:errors_issue_act", args=[name])
    fields = {"ids": f"{one.pk},{two.pk}", "how": "now", "text": "x", "into": one.pk, "priority": "low"}
    assert client.get(url, {"ids": one.pk}).status_code == 403
    assert client.post(url, fields).status_code == 403
    for action in (name, "resolve"):
        run_action(client, "errors_issue", action, one.pk)
    client.post(reverse("admin:errors_issue_change", args=[one.pk]), {"state": "resolved", "priority": "low"})
    assert set(Issue.objects.values_list("state", "priority")) == {("unresolved", "medium")}
    assert not AuditEntry.objects.filter(actor_label="vic").exists()


def test_a_responder_of_two_minds_cannot_write_counters_back(mara: Client, project: Project) -> None:
    issue = make_issue(project)
    url = reverse("admin:errors_issue_change", args=[issue.pk])
    Issue.objects.update(event_count=7)
    mara.post(url, {"event_count": "1", "state": "resolved"})
    assert Issue.objects.values_list("event_count", "state").get() == (7, "unresolved")


def test_another_project_s_issues_are_neither_seen_nor_touched(mara: Client) -> None:
    theirs = make_issue(make_project("theirs"), "Odd: issue-number-9")
    assert numbers(mara) == []
    assert "issue-number-9" not in act(mara, "resolve", theirs.pk, how="now").content.decode()
    theirs.refresh_from_db()
    assert theirs.state == "unresolved"


# --- rules -------------------------------------------------------------------------------------------------------

RULE = {
    "name": "Orders",
    "position": "10",
    "is_enabled": "on",
    "exception_type": "^Order",
    "fingerprint": "orders",
}


def prepared_events() -> Project:
    digest(make_event(make_exception("OrderRejected")), make_event(make_exception("OrderLost")))
    return Project.objects.get(slug="default")


def test_a_fingerprint_rule_is_previewed_then_saved() -> None:
    project = prepared_events()
    client = logged_in(make_person("mara", Role.MANAGER, project))
    add = reverse("admin:errors_fingerprintrule_add")
    fields = {**RULE, "project": str(project.pk)}
    html = client.post(add, {**fields, "_preview": "1"}).content.decode()
    assert "2 of the 2 events there are would go elsewhere" in html
    assert "Come together" in html and "#1 OrderRejected" in html
    assert not FingerprintRule.objects.exists()
    client.post(add, fields)
    rule = FingerprintRule.objects.get()
    assert AuditEntry.objects.get(action="rule.create").object_id == str(rule.pk)
    change = reverse("admin:errors_fingerprintrule_change", args=[rule.pk])
    html = client.post(change, {**fields, "_preview": "1"}).content.decode()
    assert "0 of the 2 events" in html  # it stands already


def test_a_bad_rule_is_refused_beside_its_fields() -> None:
    client = superuser()
    bad = {**RULE, "message": "(", "fingerprint": "{{ nope }}"}
    for extra in ({}, {"_preview": "1"}):
        html = client.post(reverse("admin:errors_fingerprintrule_add"), {**bad, **extra}).content.decode()
        assert "missing )" in html
        assert "part 1, {{ nope }}: unknown value nope" in html
    assert not FingerprintRule.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_only_managers_write_fingerprint_rules(role: Role) -> None:
    project = prepared_events()
    client = logged_in(make_person("vic", role, project))
    fields = {**RULE, "project": str(project.pk)}
    assert client.post(reverse("admin:errors_fingerprintrule_add"), fields).status_code == 403
    assert not FingerprintRule.objects.exists()


def test_a_preview_shows_nothing_of_another_s_project() -> None:
    prepared_events()
    ours = make_project("ours")
    client = logged_in(make_person("mara", Role.MANAGER, ours))
    html = client.post(reverse("admin:errors_fingerprintrule_add"), {**RULE, "_preview": "1"}).content.decode()
    assert "OrderRejected" not in html


def test_issues_are_classified_again_by_a_button() -> None:
    project = prepared_events()
    ClassificationRule.objects.create(name="orders", category="settlement", exception_type="^Order", position=1)
    url = reverse("admin:errors_classificationrule_reclassify")
    vic = logged_in(make_person("vic", Role.RESPONDER, project))
    assert vic.post(url, {"project": project.pk}).status_code == 403
    client = logged_in(make_person("mara", Role.MANAGER, project))
    html = client.post(url, {"project": project.pk}, follow=True).content.decode()
    assert "2 issues of Default looked at, 2 changed" in html
    assert set(Issue.objects.values_list("category", flat=True)) == {"settlement"}


def test_chosen_issues_are_classified_again() -> None:
    project = prepared_events()
    ClassificationRule.objects.create(name="orders", category="settlement", exception_type="^Order", position=1)
    one, two = Issue.objects.order_by("pk")
    vic = logged_in(make_person("vic", Role.RESPONDER, project))
    assert "needs the role manager" in act(vic, "reclassify", one.pk).content.decode()
    act(logged_in(make_person("mara", Role.MANAGER, project)), "reclassify", one.pk)
    assert [Issue.objects.get(pk=each.pk).category for each in (one, two)] == ["settlement", two.category]
