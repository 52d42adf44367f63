"""What a draft of a classification rule would do to the issues that are there: read only, nothing is classified."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.errors.classification import Classification, Rule, RuleSet
from tradewatch.errors.facts import facts_of
from tradewatch.errors.models import ClassificationRule, Event, Issue
from tradewatch.errors.rulebook import read_rules

ISSUES_LOOKED_AT = 200
DRAFT = -1  # the id of a rule that is not saved yet


@dataclass(frozen=True, slots=True)
class Tried:
    """One issue that the draft matches. `is_taken` False: an earlier rule keeps it; `now_rule` names that one."""

    issue: Issue
    now_rule: str
    new_category: str
    why: str
    is_taken: bool

    @property
    def is_change(self) -> bool:
        return self.is_taken and self.new_category != self.issue.category


@dataclass(frozen=True, slots=True)
class Trial:
    looked_at: int
    matches: Sequence[Tried]

    @property
    def changes(self) -> int:
        return sum(each.is_change for each in self.matches)


def try_rule(draft: Rule, *, position: int, project_ids: Sequence[int]) -> Trial:
    """Try `draft` at its position on the newest issues of the projects, each by its newest stored event."""
    issues = list(
        Issue.objects.filter(project__in=project_ids, is_simulated=False)
        .select_related("project")
        .order_by("-pk")[:ISSUES_LOOKED_AT]
    )
    alone, among = RuleSet([draft]), RuleSet(with_draft(read_rules(), draft, position=position))
    names = dict(ClassificationRule.objects.values_list("id", "name"))
    matches = []
    for issue in issues:
        events = Event.objects.filter(issue=issue, is_simulated=False).select_related("stored")
        event = events.order_by("-timestamp").first()
        if event is None:
            continue
        facts = facts_of(event.payload)
        by_itself, together = alone.classify(facts, issue.project_id), among.classify(facts, issue.project_id)
        if by_itself.rule_id == draft.id:
            matches.append(_tried(issue, draft, by_itself, together, names))
    return Trial(looked_at=len(issues), matches=sorted(matches, key=lambda each: not each.is_change))


def with_draft(rules: Sequence[Rule], draft: Rule, *, position: int) -> list[Rule]:
    """Return `rules` with `draft` in place of its saved self, at `position` among theirs."""
    places = dict(ClassificationRule.objects.filter(is_enabled=True).values_list("id", "position"))
    others = [(places.get(rule.id, 0), rule.id, rule) for rule in rules if rule.id != draft.id]
    own = (position, draft.id if draft.id != DRAFT else max(places, default=0) + 1, draft)
    return [rule for *_, rule in sorted([*others, own], key=lambda each: each[:2])]


def _tried(issue: Issue, draft: Rule, alone: Classification, together: Classification, names: dict[int, str]) -> Tried:
    is_taken = together.rule_id == draft.id
    winner = issue.classified_by_id if is_taken else together.rule_id
    return Tried(
        issue=issue,
        now_rule=names.get(winner or 0, "") or ("named by the application" if together.rule_id is None else "no rule"),
        new_category=together.category,
        why=alone.why,
        is_taken=is_taken,
    )
