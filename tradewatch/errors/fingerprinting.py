"""A project's own rules of what belongs together. Values in, a fingerprint out; RE2, so no pattern can hang.

spec/ingest.md, Grouping 1: a rule's fingerprint stands above the client's; `{{ default }}` in it is the computed one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

from tradewatch.errors.grouping import DEFAULT_PART, message_template
from tradewatch.errors.parameterise import parameterise
from tradewatch.errors.patterns import BadPattern, check_pattern, options, split_tag

Document = Mapping[str, Any]

OF_EXCEPTION = ("exception_type", "message")
OF_FRAME = ("module", "function", "path")
OF_EVENT = ("transaction", "logger", "level", "environment", "release")
MATCHERS = (*OF_EXCEPTION, *OF_FRAME, *OF_EVENT, "tag")
VALUES = {"type": "exception_type", **{name: name for name in (*OF_FRAME, *OF_EVENT, "message")}}
MAX_PARTS = 10
ABSENT = "<none>"  # stands for a value that an event does not have

_WORDS = {"exception_type": "exception type", "path": "file"}
_PLACEHOLDER = re2.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class FingerprintPattern:
    """A `FingerprintRule` as values. `matchers` {name of the matcher: pattern}, those that are not empty."""

    id: int
    project_id: int | None
    name: str
    fingerprint: str
    matchers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The parts that a rule gives an event; `why` says which rule, and what matched."""

    parts: tuple[str, ...]
    rule_id: int
    why: str


@dataclass(frozen=True, slots=True)
class _Place:
    """One exception and one of its frames, as a rule sees them."""

    exception_type: str = ""
    message: str = ""
    module: str = ""
    function: str = ""
    path: str = ""


class FingerprintRules:
    """Rules compiled for use by many events, in order. `refused` are those that cannot be used."""

    def __init__(self, rules: Sequence[FingerprintPattern]) -> None:
        self.refused = [rule for rule in rules if not _is_usable(rule)]
        self._rules = [_CompiledRule(rule) for rule in rules if rule not in self.refused]
        self._projects = {rule.project_id for rule in rules if rule not in self.refused}

    def fingerprint_of(self, document: Document, project_id: int) -> Fingerprint | None:
        """Return what the first matching rule makes of a canonical document; None when no rule matches it."""
        if not self._projects & {None, project_id}:
            return None
        facts = _facts(document)
        tags = {str(key): _text(value) for key, value in (document.get("tags") or {}).items()}
        places: list[_Place] = []
        for rule in self._rules:
            if rule.of.project_id in (None, project_id) and rule.suits_event(facts, tags):
                places = places or list(_places(document))
                place = rule.first_place(places)
                if place is not None:
                    return Fingerprint(_filled(rule.of.fingerprint, place, facts, tags), rule.of.id, _why(rule.of))
        return None


class _CompiledRule:
    def __init__(self, rule: FingerprintPattern) -> None:
        self.of = rule
        compiled = {name: re2.compile(pattern, options()) for name, pattern in rule.matchers.items() if name != "tag"}
        self._of_event = [(name, compiled[name]) for name in OF_EVENT if name in compiled]
        self._of_place = [(name, compiled[name]) for name in (*OF_EXCEPTION, *OF_FRAME) if name in compiled]
        self._tag_key, tag = split_tag(rule.matchers.get("tag", ""))
        self._tag = re2.compile(tag, options()) if self._tag_key else None

    def suits_event(self, facts: Mapping[str, str], tags: Mapping[str, str]) -> bool:
        if self._tag is not None and not self._tag.search(tags.get(self._tag_key, "")):
            return False
        return all(pattern.search(facts[name]) for name, pattern in self._of_event)

    def first_place(self, places: Sequence[_Place]) -> _Place | None:
        """Return the exception and frame that all patterns match; without such patterns the first one."""
        for place in places:
            if all(pattern.search(getattr(place, name)) for name, pattern in self._of_place):
                return place
        return None


def parts_of(template: str) -> list[str]:
    """Return the parts of `order-rejected, {{ tags.venue }}`."""
    return [part for part in (part.strip() for part in template.split(",")) if part]


def fault_in_matcher(name: str, pattern: str) -> str:
    """Return what is wrong with a matcher, in words with RE2's reason; empty when nothing is."""
    if name == "tag" and pattern:
        key, pattern = split_tag(pattern)
        if not key:
            return "expected key=pattern"
    try:
        check_pattern(pattern)
    except BadPattern as error:
        return f"not a regular expression of RE2: {error}"
    return ""


def fault_in_template(template: str) -> str:
    """Return what is wrong with a fingerprint, naming the part at fault; empty when nothing is."""
    parts = parts_of(template)
    if not parts:
        return "expected at least one part"
    if len(parts) > MAX_PARTS:
        return f"at most {MAX_PARTS} parts"
    for number, part in enumerate(parts, start=1):
        if fault := _fault_in_part(part):
            return f"part {number}, {part}: {fault}"
    if parts == [DEFAULT_PART]:
        return "{{ default }} alone changes nothing: add a part that tells groups apart"
    return ""


def _fault_in_part(part: str) -> str:
    for name in _PLACEHOLDER.findall(part):
        if name == "default" and not _PLACEHOLDER.fullmatch(part):
            return "{{ default }} must be a part of its own"
        if name != "default" and name not in VALUES and not name.startswith("tags."):
            return f"unknown value {name}, expected one of default, {', '.join(VALUES)}, tags.NAME"
        if name == "tags.":
            return "expected a tag's name, e.g. {{ tags.venue }}"
    rest = _PLACEHOLDER.sub("", part)
    return "a brace is open or closed alone" if "{{" in rest or "}}" in rest else ""


def _is_usable(rule: FingerprintPattern) -> bool:
    faults = (fault_in_matcher(name, pattern) for name, pattern in rule.matchers.items())
    return bool(rule.matchers) and not any(faults) and not fault_in_template(rule.fingerprint)


def _filled(template: str, place: _Place, facts: Mapping[str, str], tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts with their values. Values are kept apart from the words around them: `a` + `b` is not `ab`."""

    def value(match: Any) -> str:
        name = match.group(1)
        if name.startswith("tags."):
            return tags.get(name.removeprefix("tags."), "") or ABSENT
        if name == "message":
            return parameterise(place.message) or ABSENT
        return (facts[name] if name in facts else getattr(place, VALUES[name])) or ABSENT

    return tuple(DEFAULT_PART if _is_default(part) else _PLACEHOLDER.sub(value, part) for part in parts_of(template))


def _is_default(part: str) -> bool:
    match = _PLACEHOLDER.fullmatch(part)
    return match is not None and match.group(1) == "default"


def _facts(document: Document) -> Mapping[str, str]:
    return {name: _text(document.get(name)) for name in OF_EVENT}


def _places(document: Document) -> Iterator[_Place]:
    """Yield each exception, the one caught last first, with each of its frames, the innermost of ours first."""
    exceptions = [each for each in (document.get("exception") or {}).get("values") or () if each]
    for exception in reversed(exceptions):
        head = _Place(exception_type=_text(exception.get("type")), message=_text(exception.get("value")))
        frames = [frame for frame in (exception.get("stacktrace") or {}).get("frames") or () if frame]
        frames.reverse()
        innermost_first = sorted(frames, key=lambda frame: not frame.get("in_app"))
        if not innermost_first:
            yield head
        for frame in innermost_first:
            yield _Place(
                head.exception_type,
                head.message,
                _text(frame.get("module")),
                _text(frame.get("function")),
                _text(frame.get("filename") or frame.get("abs_path")),
            )
    if not exceptions:
        entry = document.get("logentry") or {}
        yield _Place(message=_text(entry.get("formatted")) or message_template(document))


def _why(rule: FingerprintPattern) -> str:
    """Return `rule Rejected orders: exception type matches ^OrderRejected`."""
    reasons = []
    for name, pattern in rule.matchers.items():
        if name == "tag":
            reasons.append("tag {} matches {}".format(*split_tag(pattern)))
        else:
            reasons.append(f"{_WORDS.get(name, name)} matches {pattern}")
    return f"rule {rule.name}: {' and '.join(reasons)}"[:250]


def _text(value: object) -> str:
    return "" if value is None else str(value)
