"""What classification rules make of an alert."""

import pytest

from alerts.choices import AlertCategory, AlertSeverity, SeverityChange
from alerts.classification import ClassificationRule, classify
from alerts.matchers import parse_matchers
from alerts.models import Alert, AlertClassificationRule
from tests.alerts.builders import make_alert, texts
from tests.projects.builders import make_project
from tradewatch.projects.models import Team

LABELS = {"project": "desk", "tag_category": "authentication", "severity": "error"}


def rule(name: str = "Rule", matchers: str = "", **fields: object) -> ClassificationRule:
    return ClassificationRule(id=7, name=name, matchers=parse_matchers(matchers), **fields)  # type: ignore[arg-type]


def run(*rules: ClassificationRule, severity: str = "error"):
    return classify(rules, LABELS, severity=AlertSeverity(severity), category=AlertCategory.ERROR)


def test_without_a_match_nothing_is_said() -> None:
    said = run(rule(matchers="a=b"), rule(project="other"))
    assert (said.severity, said.category, said.rule_id, said.reason) == ("error", "error", None, "")


@pytest.mark.parametrize(
    ("change", "wanted", "own", "result"),
    [
        ("set", "info", "error", "info"),
        ("raise", "critical", "error", "critical"),
        ("raise", "warning", "error", "error"),
        ("lower", "warning", "error", "warning"),
        ("lower", "critical", "error", "error"),
    ],
)
def test_severity_is_set_raised_or_lowered(change: str, wanted: str, own: str, result: str) -> None:
    assert run(rule(severity=wanted, severity_change=SeverityChange(change)), severity=own).severity == result


def test_the_first_match_wins_unless_it_goes_on_and_then_what_is_not_set_yet() -> None:
    first = rule("Access", 'tag_category=~"auth.*"', category="security", goes_on=True)
    second = rule("Desk", project="desk", category="business", team_id=3, team="Desk", severity="critical")
    third = rule("Never", severity="info")
    said = run(first, second, third)
    assert (said.category, said.severity, said.team_id, said.rules) == ("security", "critical", 3, "Access, Desk")
    assert said.reason == (
        "Classified by Access, Desk: category error → security, severity error → critical, owner Desk."
    )


@pytest.mark.django_db
def test_the_default_rules_name_themselves_on_the_alert_and_its_timeline() -> None:
    alert = make_alert(tags={"category": "authentication"})
    assert (alert.category, alert.classified_by) == ("security", "Access and security")
    assert "Classified by Access and security: category system → security." in texts(alert)
    assert make_alert(dedup_key="other").classified_by == ""


@pytest.mark.django_db
def test_a_projects_own_rule_is_asked_first_and_names_the_team_that_routes_match_on() -> None:
    team = Team.objects.create(name="Desk", slug="desk")
    AlertClassificationRule.objects.create(name="Ours", project=make_project(), team=team, position=900)
    alert = Alert.objects.get(pk=make_alert(tags={"category": "authentication"}).pk)
    assert (alert.classified_by, alert.labels["team"]) == ("Ours", "desk")


@pytest.mark.django_db
def test_a_raised_trigger_is_classified_too() -> None:
    AlertClassificationRule.objects.all().delete()
    AlertClassificationRule.objects.create(name="Quiet", severity="warning", severity_change="lower")
    make_alert()
    assert make_alert(severity=AlertSeverity.CRITICAL).severity == "warning"
