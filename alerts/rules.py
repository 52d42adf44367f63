"""Does an occurrence fire a rule, and why: values in, a sentence out. No ORM, no clock, no settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from alerts.choices import SEVERITY_RANK, AlertSeverity, RuleKind
from alerts.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a sentence for a person at night."""

    fires: bool
    reason: str


# Kinds of rule that take what its producer calls wrong: the news' own words are the reason.
PRODUCERS: Mapping[RuleKind, str] = {
    RuleKind.HEARTBEAT: "heartbeat.",
    RuleKind.CHECK: "check.",
    RuleKind.SLA_BURN: "sla.",
    RuleKind.DEPLOYMENT: "deployment.",
    RuleKind.HOST_SILENT: "host.silent",
    RuleKind.SLOW_CODE: "performance.threshold",
    RuleKind.TRACE_FINDING: "trace.",
    RuleKind.UPSTREAM: "upstream.",
    RuleKind.CLOCK: "clock.",
}
NEWS_KINDS = (RuleKind.NEW_ISSUE, RuleKind.REGRESSION, RuleKind.CRITICAL_ERROR, *PRODUCERS)
_ONE_OF_A_KIND = frozenset((*NEWS_KINDS, RuleKind.ERROR_RATE))


class Scoped(Protocol):
    """What choosing needs of a rule; `project_id` None means every project."""

    kind: str
    project_id: int | None


Rule = TypeVar("Rule", bound=Scoped)


def rules_for(rules: Iterable[Rule], project_id: int) -> list[Rule]:
    """Return the rules that judge a project: its own, and the general ones that none of its own replaces.

    A project's own rule about news or the error rate, even a switched-off one, replaces the general one of its kind:
    else nobody could be stricter or quieter than the rest. Of the other kinds a project has as many as it likes.
    """
    known = list(rules)
    own = {rule.kind for rule in known if rule.project_id == project_id and rule.kind in _ONE_OF_A_KIND}
    return [r for r in known if r.project_id == project_id or (r.project_id is None and r.kind not in own)]


def judge(kind: RuleKind, news: Occurrence) -> Verdict | None:
    """Return whether a rule of `kind` fires on `news`; None where the rule is not about such news at all."""
    match kind, news.kind:
        case RuleKind.NEW_ISSUE, "issue.new":
            return Verdict(True, f"New issue: {news.title}.")
        case RuleKind.REGRESSION, "issue.regressed":
            return Verdict(True, f"It was resolved and came back: {news.title}.")
        case RuleKind.CRITICAL_ERROR, kind_of_news if kind_of_news.startswith("issue."):
            return _judge_critical(news)
        case kind, kind_of_news if kind in PRODUCERS and kind_of_news.startswith(PRODUCERS[kind]):
            return Verdict(True, news.message or f"{news.title}.")
        case _:
            return None


def severity_of(rule_severity: str, own: AlertSeverity) -> AlertSeverity:
    """Return the severity an alert gets: the rule's, where it names one, never below the occurrence's own."""
    return highest([own, AlertSeverity(rule_severity)]) if rule_severity else own


def highest(severities: Iterable[AlertSeverity]) -> AlertSeverity:
    return max(severities, key=lambda severity: SEVERITY_RANK[severity])


def _judge_critical(news: Occurrence) -> Verdict:
    if news.severity == AlertSeverity.CRITICAL:
        return Verdict(True, f"Critical error: {news.title}.")
    return Verdict(False, f"Not critical: {news.title} is {news.severity}.")
