import pytest
from django.test import Client
from django.urls import reverse

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.classification import Rule
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.rule_trial import DRAFT, try_rule, with_draft
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    ClassificationRule.objects.all().delete()
    project = make_project()
    make_event(make_issue(project, category="risk"))
    return project


def draft(**patterns: str) -> Rule:
    return Rule(id=DRAFT, project_id=None, category="settlement", **patterns)


def test_a_match_says_why_and_what_would_change(project: Project) -> None:
    trial = try_rule(draft(exception_type="^MarginCheck"), position=10, project_ids=[project.pk])
    (match,) = trial.matches
    assert (trial.looked_at, trial.changes, match.new_category) == (1, 1, "settlement")
    assert match.why == "exception type matches ^MarginCheck"


@pytest.mark.parametrize(("position", "is_taken"), [(10, True), (90, False)])
def test_an_earlier_rule_keeps_what_it_has(project: Project, position: int, is_taken: bool) -> None:
    ClassificationRule.objects.create(name="margins", position=50, exception_type="Margin", category="risk")
    (match,) = try_rule(draft(exception_type="Margin"), position=position, project_ids=[project.pk]).matches
    assert match.is_taken is is_taken
    assert is_taken or match.now_rule == "margins"


def test_a_saved_rule_is_tried_in_place_of_itself(project: Project) -> None:
    saved = ClassificationRule.objects.create(name="margins", position=50, exception_type="Margin", category="risk")
    changed = Rule(id=saved.pk, project_id=None, category="settlement", exception_type="Nothing")
    assert with_draft([Rule(id=saved.pk, project_id=None, category="risk")], changed, position=1) == [changed]
    assert try_rule(changed, position=50, project_ids=[project.pk]).matches == []


def page(client: Client, **fields: object) -> str:
    answer = client.get(reverse("admin:errors_classificationrule_try"), fields)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tries_for_whoever_sees_rules_and_saves_nothing(client: Client, project: Project) -> None:
    user = make_user("vic")
    add_member(SYSTEM, project, user, Role.VIEWER)
    client.force_login(user)
    assert "Which of the newest issues" in page(client)
    shown = page(client, exception_type="Margin", category="settlement", position=5)
    assert "Matches 1 of the newest 1 issues" in shown and "exception type matches Margin" in shown
    assert "not a regular expression" in page(client, message="(", category="risk", position=5)
    assert not ClassificationRule.objects.exists()


def test_other_projects_issues_are_not_looked_at(client: Client, project: Project) -> None:
    user, ours = make_user("vic"), make_project("ours")
    add_member(SYSTEM, ours, user, Role.MANAGER)
    client.force_login(user)
    shown = page(client, exception_type="Margin", category="settlement", position=5)
    assert "Matches 0 of the newest 0 issues" in shown
    assert "valid choice" in page(client, category="risk", position=5, project=project.pk)


@pytest.mark.parametrize("rule", ["x", "0", "９", "9" * 40, "-1", "\ud83d"])
def test_an_unknown_rule_starts_an_empty_form(client: Client, project: Project, rule: str) -> None:
    client.force_login(make_user("chief", is_superuser=True))
    assert "Back to" not in page(client, rule=rule.encode("utf-8", "replace").decode())
