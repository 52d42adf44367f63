"""The classification rules as the table has them, applied to what asks for an alert."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.choices import SeverityChange
from alerts.classification import Classification, ClassificationRule, classify
from alerts.labels import LabelFacts, labels_of
from alerts.matchers import MatcherFault, parse_matchers
from alerts.models import AlertClassificationRule, AlertRule
from alerts.trigger import Trigger
from tradewatch.projects.models import Project


class Classifier:
    """Reads the rules once, for one trigger or for many. A project's own rules are asked before the general ones."""

    def __init__(self) -> None:
        rows = AlertClassificationRule.objects.filter(is_enabled=True).select_related("project", "team")
        ordered = sorted(rows, key=lambda row: (row.project_id is None, row.position, row.pk))
        self._rules: Sequence[ClassificationRule] = [rule for row in ordered if (rule := _rule(row)) is not None]
        self._slugs: dict[int, str] = {}
        self._names: dict[int, str] = {}

    def apply(self, trigger: Trigger) -> tuple[Trigger, Classification]:
        """Return the trigger as the rules make it, and what they said."""
        labels = self._labels(trigger) if self._rules else {}
        said = classify(self._rules, labels, severity=trigger.severity, category=trigger.category)
        return replace(trigger, severity=said.severity, category=said.category), said

    def _labels(self, trigger: Trigger) -> dict[str, str]:
        """What rules see: an alert's labels before it has a team, and its title."""
        facts = LabelFacts(
            severity=trigger.severity,
            category=trigger.category,
            project=self._slug(trigger.project_id),
            environment=trigger.environment,
            source=trigger.source,
            rule=self._rule_name(trigger.rule_id),
            dedup_key=trigger.dedup_key,
            tags=trigger.tags,
        )
        return {**labels_of(facts), "title": trigger.title}

    def _slug(self, project_id: int) -> str:
        if project_id not in self._slugs:
            self._slugs[project_id] = Project.objects.values_list("slug", flat=True).get(pk=project_id)
        return self._slugs[project_id]

    def _rule_name(self, rule_id: int | None) -> str:
        if rule_id is None:
            return ""
        if rule_id not in self._names:
            self._names[rule_id] = AlertRule.objects.filter(pk=rule_id).values_list("name", flat=True).first() or ""
        return self._names[rule_id]


def _rule(row: AlertClassificationRule) -> ClassificationRule | None:
    try:
        matchers = parse_matchers(row.matchers)
    except MatcherFault:  # written past the validation: it changes nothing
        return None
    return ClassificationRule(
        id=row.pk,
        name=row.name,
        matchers=matchers,
        project=row.project.slug if row.project else "",
        category=row.category,
        severity=row.severity,
        severity_change=SeverityChange(row.severity_change),
        team_id=row.team_id,
        team=row.team.name if row.team else "",
        goes_on=row.goes_on,
    )
