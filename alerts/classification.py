"""What an alert is about and whose it is: editable rules over its labels. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.choices import SEVERITY_RANK, AlertCategory, AlertSeverity, SeverityChange
from alerts.matchers import Matcher, all_match


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRule:
    """Empty fields change nothing. `project`: the slug of the one it is for; empty: all. `goes_on`: later rules are
    asked too, each for what is not set yet."""

    id: int
    name: str
    matchers: tuple[Matcher, ...] = ()
    project: str = ""
    category: str = ""
    severity: str = ""
    severity_change: SeverityChange = SeverityChange.SET
    team_id: int | None = None
    team: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Classification:
    """`rules` names the rules that matched, `reason` says in a sentence what they changed; both empty: none did."""

    severity: AlertSeverity
    category: AlertCategory
    team_id: int | None = None
    rule_id: int | None = None
    rules: str = ""
    reason: str = ""


def classify(
    rules: Iterable[ClassificationRule],
    labels: Mapping[str, str],
    *,
    severity: AlertSeverity,
    category: AlertCategory,
) -> Classification:
    """Return what the first matching rule makes of an alert; rules come in their order, a project's own first."""
    matched = list(_matching(rules, labels))
    if not matched:
        return Classification(severity, category)
    new_category = next((AlertCategory(rule.category) for rule in matched if rule.category), category)
    by_severity = next((rule for rule in matched if rule.severity), None)
    new_severity = severity if by_severity is None else _changed(severity, by_severity)
    owner = next((rule for rule in matched if rule.team_id is not None), None)
    names = ", ".join(rule.name for rule in matched)
    changes = [
        f"category {category} → {new_category}" if new_category != category else "",
        f"severity {severity} → {new_severity}" if new_severity != severity else "",
        f"owner {owner.team}" if owner is not None else "",
    ]
    said = ", ".join(filter(None, changes)) or "nothing to change"
    return Classification(
        severity=new_severity,
        category=new_category,
        team_id=owner.team_id if owner else None,
        rule_id=matched[0].id,
        rules=names,
        reason=f"Classified by {names}: {said}.",
    )


def _matching(rules: Iterable[ClassificationRule], labels: Mapping[str, str]) -> Iterable[ClassificationRule]:
    for rule in rules:
        if rule.project in ("", labels.get("project", "")) and all_match(rule.matchers, labels):
            yield rule
            if not rule.goes_on:
                return


def _changed(severity: AlertSeverity, rule: ClassificationRule) -> AlertSeverity:
    wanted = AlertSeverity(rule.severity)
    is_higher = SEVERITY_RANK[wanted] > SEVERITY_RANK[severity]
    match rule.severity_change:
        case SeverityChange.RAISE:
            return wanted if is_higher else severity
        case SeverityChange.LOWER:
            return severity if is_higher else wanted
        case _:
            return wanted
