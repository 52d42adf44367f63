from dataclasses import dataclass

import pytest

from alerts.choices import AlertSeverity, RuleKind
from alerts.rules import Verdict, highest, judge, rules_for, severity_of
from tests.alerts.builders import make_news

NEW, BACK, CRITICAL = RuleKind.NEW_ISSUE, RuleKind.REGRESSION, RuleKind.CRITICAL_ERROR


@pytest.mark.parametrize(
    ("rule", "news", "severity", "fires", "says"),
    [
        (NEW, "issue.new", "error", True, "New issue: KeyError: 'GHOST'."),
        (BACK, "issue.regressed", "error", True, "It was resolved and came back: KeyError: 'GHOST'."),
        (CRITICAL, "issue.critical", "critical", True, "Critical error: KeyError: 'GHOST'."),
        (CRITICAL, "issue.new", "critical", True, "Critical error: KeyError: 'GHOST'."),
        (CRITICAL, "issue.new", "error", False, "Not critical: KeyError: 'GHOST' is error."),
    ],
)
def test_a_verdict_has_its_reason(rule: RuleKind, news: str, severity: str, fires: bool, says: str) -> None:
    verdict = judge(rule, make_news(news, project_id=1, severity=AlertSeverity(severity)))
    assert verdict is not None
    assert (verdict.fires, verdict.reason) == (fires, says)


@pytest.mark.parametrize(
    ("rule", "news"),
    [
        (RuleKind.HEARTBEAT, "heartbeat.missed"),
        (RuleKind.CHECK, "check.failed"),
        (RuleKind.SLA_BURN, "sla.burn"),
        (RuleKind.DEPLOYMENT, "deployment.unhealthy"),
        (RuleKind.TRACE_FINDING, "trace.n_plus_one"),
        (RuleKind.UPSTREAM, "upstream.trouble"),
    ],
)
def test_what_a_producer_calls_wrong_fires_with_its_own_words(rule: RuleKind, news: str) -> None:
    said = judge(rule, make_news(news, project_id=1, title="nightly-settlement", message="No ping since 02:30."))
    assert said == Verdict(True, "No ping since 02:30.")
    assert judge(rule, make_news("issue.new", project_id=1)) is None
    assert judge(RuleKind.NEW_ISSUE, make_news(news, project_id=1)) is None


@pytest.mark.parametrize(
    ("rule", "news"),
    [
        (NEW, "issue.regressed"),
        (NEW, "issue.critical"),
        (BACK, "issue.new"),
        (CRITICAL, "check.failed"),
        (RuleKind.ERROR_RATE, "issue.new"),
    ],
)
def test_a_rule_says_nothing_about_other_news(rule: RuleKind, news: str) -> None:
    assert judge(rule, make_news(news, project_id=1, severity=AlertSeverity.CRITICAL)) is None


@pytest.mark.parametrize(
    ("of_rule", "own", "expected"),
    [
        ("", "info", "info"),
        ("warning", "info", "warning"),
        ("warning", "critical", "critical"),
        ("critical", "error", "critical"),
    ],
)
def test_a_rule_raises_severity_and_never_lowers_it(of_rule: str, own: str, expected: str) -> None:
    assert severity_of(of_rule, AlertSeverity(own)) == expected


def test_the_highest_severity_is_not_the_last_in_the_alphabet() -> None:
    assert highest([AlertSeverity.WARNING, AlertSeverity.CRITICAL, AlertSeverity.INFO]) == AlertSeverity.CRITICAL


@dataclass(frozen=True)
class Known:
    name: str
    kind: str
    project_id: int | None


def test_a_projects_own_rule_replaces_the_general_one_of_its_kind() -> None:
    general_new, general_rate = Known("new", "new_issue", None), Known("rate", "error_rate", None)
    own, foreign = Known("own rate", "error_rate", 1), Known("other's", "new_issue", 2)
    rules = [general_new, general_rate, own, foreign]
    assert rules_for(rules, 1) == [general_new, own]
    assert rules_for(rules, 2) == [general_rate, foreign]
    assert rules_for(rules, 3) == [general_new, general_rate]
