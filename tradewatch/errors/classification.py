"""Which category and severity an error has, by editable rules. Decides on values alone; RE2, so no pattern can hang."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

from tradewatch.errors.choices import ErrorCategory
from tradewatch.errors.facts import Facts, Thrown
from tradewatch.errors.patterns import PATTERN_FIELDS, BadPattern, check_pattern, options, split_tag

_WORDS = {"exception_type": "exception type", "module": "module", "transaction": "transaction", "message": "message"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A `ClassificationRule` as values. `tag` is `key=pattern`."""

    id: int
    project_id: int | None
    category: str
    severity: str = ""
    exception_type: str = ""
    module: str = ""
    transaction: str = ""
    message: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """`severity` empty: the event's own. `rule_id` None and `why` empty: no rule matched."""

    category: str
    severity: str = ""
    rule_id: int | None = None
    why: str = ""


UNCLASSIFIED = Classification(category=ErrorCategory.UNKNOWN.value)
CATEGORY_TAG = "tradewatch.category"  # set by the facade: the monitored application knows better than a pattern


@dataclass(slots=True)
class _Patterns:
    """All rules' patterns for one field as one automaton: one pass over a text says which of them match."""

    texts: list[str] = field(default_factory=list)
    automaton: Any = None

    def add(self, pattern: str) -> int:
        if pattern not in self.texts:
            self.texts.append(pattern)
        return self.texts.index(pattern)

    def compile(self) -> None:
        if self.texts:
            self.automaton = re2.Set.SearchSet(options())
            for text in self.texts:
                self.automaton.Add(text)
            self.automaton.Compile()

    def matching(self, texts: Iterable[str]) -> frozenset[int]:
        if self.automaton is None:
            return frozenset()
        return frozenset(number for text in texts if text for number in self.automaton.Match(text) or ())


class RuleSet:
    """Rules compiled for use by many events, in order. `refused` are those with a pattern that RE2 cannot read."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._patterns = {name: _Patterns() for name in PATTERN_FIELDS}
        self._tags: dict[str, _Patterns] = {}
        usable = [rule for rule in rules if _is_usable(rule)]
        self.refused = [rule for rule in rules if rule not in usable]
        self._rules = [(rule, self._needs(rule), _tag_need(rule, self._tags)) for rule in usable]
        for patterns in (*self._patterns.values(), *self._tags.values()):
            patterns.compile()

    def classify(self, facts: Facts, project_id: int) -> Classification:
        """Return the category that the caller named; else what the first matching rule says of the exception caught
        last; else of the one that caused it, ..."""
        if said := _said(facts.tags):
            return said
        tags = {key: patterns.matching((facts.tags.get(key, ""),)) for key, patterns in self._tags.items()}
        transaction = self._patterns["transaction"].matching((facts.transaction,))
        for thrown in facts.thrown:
            found = self._first_match(self._matching(thrown, transaction), tags, project_id)
            if found is not None:
                is_cause = thrown is not facts.thrown[0]
                return Classification(found.category, found.severity, found.id, _why(found, is_cause=is_cause))
        return UNCLASSIFIED

    def _matching(self, thrown: Thrown, transaction: frozenset[int]) -> Mapping[str, frozenset[int]]:
        return {
            "exception_type": self._patterns["exception_type"].matching((thrown.type,)),
            "module": self._patterns["module"].matching(thrown.modules),
            "message": self._patterns["message"].matching((thrown.message,)),
            "transaction": transaction,
        }

    def _first_match(
        self, matching: Mapping[str, frozenset[int]], tags: Mapping[str, frozenset[int]], project_id: int
    ) -> Rule | None:
        for rule, needs, tag_need in self._rules:
            if (
                rule.project_id in (None, project_id)
                and all(number in matching[name] for name, number in needs)
                and (tag_need is None or tag_need[1] in tags[tag_need[0]])
            ):
                return rule
        return None

    def _needs(self, rule: Rule) -> Sequence[tuple[str, int]]:
        given = [(name, getattr(rule, name)) for name in PATTERN_FIELDS]
        return tuple((name, self._patterns[name].add(pattern)) for name, pattern in given if pattern)


def _said(tags: Mapping[str, str]) -> Classification | None:
    category = tags.get(CATEGORY_TAG, "")
    return Classification(category, why="named by the application") if category in ErrorCategory.values else None


def _tag_need(rule: Rule, tags: dict[str, _Patterns]) -> tuple[str, int] | None:
    if not rule.tag:
        return None
    key, pattern = split_tag(rule.tag)
    return key, tags.setdefault(key, _Patterns()).add(pattern)


def _is_usable(rule: Rule) -> bool:
    try:
        for name in PATTERN_FIELDS:
            check_pattern(getattr(rule, name))
        check_pattern(split_tag(rule.tag)[1])
    except BadPattern:
        return False
    return True


def _why(rule: Rule, *, is_cause: bool) -> str:
    """Return `exception type matches ^OrderRejected and tag venue matches ^lmax$`."""
    reasons = [f"{_WORDS[name]} matches {getattr(rule, name)}" for name in PATTERN_FIELDS if getattr(rule, name)]
    if rule.tag:
        reasons.append("tag {} matches {}".format(*split_tag(rule.tag)))
    why = " and ".join(reasons) or "matches every event"
    return (f"of the cause: {why}" if is_cause else why)[:250]
