from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services import judge_occurrences
from tests.errors.builders import digest, only_issue
from tests.errors.documents import make_event
from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core import live
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Issue
from tradewatch.errors.services import ignore_issue, reopen_issue, resolve_issue, wake_ignored_issues
from tradewatch.projects.choices import Role, Scope

pytestmark = pytest.mark.django_db
SERVICES = [resolve_issue, ignore_issue, reopen_issue]


def person(role: Role | None) -> Actor:
    return Actor("user", make_user(role=role).pk, "ann")


def make_issue(**fields: Any) -> Issue:
    digest(make_event(**fields))
    return only_issue()


@pytest.mark.parametrize("act", SERVICES)
@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_viewers_and_strangers_change_nothing(act: Any, role: Role | None) -> None:
    issue = make_issue()
    with pytest.raises(NotAllowed):
        act(person(role), issue)
    assert only_issue().state == "unresolved"
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("scope", "allowed"), [(Scope.ERRORS_WRITE, True), (Scope.ERRORS_READ, False)])
def test_a_token_needs_the_scope(scope: Scope, allowed: bool) -> None:
    issue, token = make_issue(), make_token(scope)[0]
    actor = Actor("token", token.pk, "ci")
    if allowed:
        assert resolve_issue(actor, issue).state == "resolved"
    else:
        with pytest.raises(NotAllowed):
            resolve_issue(actor, issue)


def test_resolve_ignore_and_reopen_are_in_the_audit_trail() -> None:
    issue, actor = make_issue(), person(Role.RESPONDER)
    resolve_issue(actor, issue)
    resolve_issue(actor, issue)  # again: nothing to change, nothing to note
    ignore_issue(actor, issue, events=10)
    reopen_issue(actor, issue)
    reopen_issue(actor, issue)
    entries = list(AuditEntry.objects.order_by("id").values_list("action", "actor_label", "changes"))
    assert [entry[:2] for entry in entries] == [
        ("issue.resolve", "ann"),
        ("issue.ignore", "ann"),
        ("issue.reopen", "ann"),
    ]
    assert entries[0][2]["state"] == ["unresolved", "resolved"]
    assert entries[1][2]["ignored_until_events"] == [None, 11]
    issue = only_issue()
    assert (issue.state, issue.resolved_at, issue.ignored_until_events) == ("unresolved", None, None)


def test_a_change_does_not_write_counters_back() -> None:
    issue = make_issue()
    digest(make_event(), make_event())
    resolve_issue(SYSTEM, issue)
    assert only_issue().event_count == 3


def test_resolved_in_a_release() -> None:
    issue = make_issue(release="oms@4.12.0")
    resolved = resolve_issue(SYSTEM, issue, in_release="oms@4.12.0")
    assert str(resolved.resolved_in_release) == "oms@4.12.0"
    assert not resolved.resolves_in_next_release
    with pytest.raises(Invalid) as refused:
        resolve_issue(SYSTEM, reopen_issue(SYSTEM, issue), in_release="oms@9.9.9")
    assert "in_release" in refused.value.errors


def test_resolved_in_the_next_release_comes_back_with_it_alone() -> None:
    issue = make_issue(release="oms@4.12.0")
    resolve_issue(SYSTEM, issue, in_release="next")
    later = timezone.now() + timedelta(minutes=1)
    digest(make_event(release="oms@4.12.0"), make_event(release="oms@4.11.0"), received_at=later)
    assert only_issue().state == "resolved"
    digest(make_event(release="oms@4.13.0"), received_at=later)
    assert (only_issue().state, only_issue().is_regressed) == ("unresolved", True)


def test_the_next_release_of_a_project_without_any() -> None:
    issue = make_issue(release=None)
    assert resolve_issue(SYSTEM, issue, in_release="next").resolved_in_release is None
    digest(make_event(release="1.0.0"), received_at=timezone.now() + timedelta(minutes=1))
    assert only_issue().is_regressed


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"events": 0}, "events"),
        ({"users": -1}, "users"),
        ({"until": timezone.now() - timedelta(seconds=1)}, "until"),
    ],
)
def test_conditions_that_cannot_be_met_later_are_refused(condition: dict[str, Any], field: str) -> None:
    issue = make_issue()
    with pytest.raises(Invalid) as refused:
        ignore_issue(SYSTEM, issue, **condition)
    assert set(refused.value.errors) == {field}
    assert only_issue().state == "unresolved"


def test_silence_ends_by_the_clock_without_an_event() -> None:
    issue = make_issue()
    now = timezone.now()
    ignore_issue(SYSTEM, issue, until=now + timedelta(hours=1))
    assert wake_ignored_issues(now=now) == 0
    assert wake_ignored_issues(now=now + timedelta(hours=1)) == 1
    assert wake_ignored_issues(now=now + timedelta(hours=1)) == 0
    assert (only_issue().state, only_issue().ignored_until) == ("unresolved", None)


def test_watchers_are_told(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    pushed: list[tuple[str, int]] = []
    monkeypatch.setattr(live, "_send", lambda topic, project_id: pushed.append((topic, project_id)))
    issue = make_issue()
    with django_capture_on_commit_callbacks(execute=True):
        resolve_issue(SYSTEM, issue)
    assert pushed == [("errors", make_project().pk)]


def test_resolving_an_issue_ends_the_alert_about_it() -> None:
    issue = make_issue()
    judge_occurrences(timezone.now())
    assert Alert.objects.get().state == AlertState.FIRING
    resolve_issue(Actor("user", make_user(role=Role.RESPONDER).pk, "ann"), issue)
    alert = Alert.objects.get()
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "ann")
