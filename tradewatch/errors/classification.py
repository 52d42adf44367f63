"""Which category and severity an error has, by editable rules. Decides on values alone; RE2, so no pattern can hang."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import re2

from tradewatch.errors.choices import ErrorCategory
from tradewatch.errors.facts import Facts, Thrown
from tradewatch.errors.patterns import PATTERN_FIELDS, BadPattern, check_pattern, options, split_tag

_REMEMBERED_TEXTS, _REMEMBERED_LENGTH = 4096, 200  # types, modules and most messages come again and again
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


class _Patterns:
    """All rules' patterns for one field as one automaton: one pass over a text says which of them match.

    What matches is a number with one bit a pattern; bits are unique among all fields of a rule set.
    """

    def __init__(self, bits: Iterator[int]) -> None:
        self._bits = bits
        self._by_pattern: dict[str, int] = {}
        self._in_order: list[int] = []
        self._automaton: Any = None
        self._seen: dict[str, int] = {}

    def add(self, pattern: str) -> int:
        if pattern not in self._by_pattern:
            self._by_pattern[pattern] = next(self._bits)
        return self._by_pattern[pattern]

    def compile(self) -> None:
        if self._by_pattern:
            self._in_order = list(self._by_pattern.values())
            self._automaton = re2.Set.SearchSet(options())
            for pattern in self._by_pattern:
                self._automaton.Add(pattern)
            self._automaton.Compile()

    def matching(self, text: str) -> int:
        if self._automaton is None or not text:
            return 0
        found = self._seen.get(text)
        if found is None:
            found = sum(self._in_order[at] for at in self._automaton.Match(text) or ())
            if len(text) <= _REMEMBERED_LENGTH:
                if len(self._seen) >= _REMEMBERED_TEXTS:
                    self._seen.clear()
                self._seen[text] = found
        return found


class RuleSet:
    """Rules compiled for use by many events, in order. `refused` are those with a pattern that RE2 cannot read."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._bits = (1 << number for number in count())
        self._patterns = {name: _Patterns(self._bits) for name in PATTERN_FIELDS}
        self._tags: dict[str, _Patterns] = {}
        self.refused = [rule for rule in rules if not _is_usable(rule)]
        self._rules = [(rule, self._needs(rule)) for rule in rules if rule not in self.refused]
        for patterns in (*self._patterns.values(), *self._tags.values()):
            patterns.compile()

    def classify(self, facts: Facts, project_id: int) -> Classification:
        """Return the category that the caller named; else what the first matching rule says of the exception caught
        last; else of the one that caused it, ..."""
        if said := _said(facts.tags):
            return said
        shared = self._patterns["transaction"].matching(facts.transaction)
        for key, patterns in self._tags.items():
            shared |= patterns.matching(facts.tags.get(key, ""))
        for thrown in facts.thrown:
            found = self._first_match(shared | self._matching(thrown), project_id)
            if found is not None:
                is_cause = thrown is not facts.thrown[0]
                return Classification(found.category, found.severity, found.id, _why(found, is_cause=is_cause))
        return UNCLASSIFIED

    def _matching(self, thrown: Thrown) -> int:
        matching = self._patterns["exception_type"].matching(thrown.type)
        matching |= self._patterns["message"].matching(thrown.message)
        for module in thrown.modules:
            matching |= self._patterns["module"].matching(module)
        return matching

    def _first_match(self, matching: int, project_id: int) -> Rule | None:
        for rule, needs in self._rules:
            if matching & needs == needs and rule.project_id in (None, project_id):
                return rule
        return None

    def _needs(self, rule: Rule) -> int:
        """Return the bits of all the rule's patterns."""
        needs = 0
        for name in PATTERN_FIELDS:
            if pattern := getattr(rule, name):
                needs |= self._patterns[name].add(pattern)
        if rule.tag:
            key, pattern = split_tag(rule.tag)
            needs |= self._tags.setdefault(key, _Patterns(self._bits)).add(pattern)
        return needs


def _said(tags: Mapping[str, str]) -> Classification | None:
    category = tags.get(CATEGORY_TAG)
    if category is None or category not in ErrorCategory.values:
        return None
    return Classification(category, why="named by the application")


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
