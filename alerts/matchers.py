"""Matchers over labels, in Alertmanager's syntax: `severity=critical, "señal"=~"a|b", env!=test`. Pure.

https://prometheus.io/docs/alerting/latest/configuration/#matcher (UTF-8 grammar: names and values may stand in double
quotes with Go's escapes). Expressions are RE2, anchored at both ends. A missing label is the empty string.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

Labels = Mapping[str, str]
LONGEST_TEXT = 4_000
_OPERATORS = ("=~", "!~", "!=", "=")
_WORD = re.compile(r"""[^\s{}!=~,\\"'`]+""")
_SPACE = re.compile(r"\s*")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}
_CODE_ESCAPES = {"x": 2, "u": 4, "U": 8}
_BARE = re.compile(r"[\w.:/-]+")


class MatcherFault(ValueError):
    """The text is no list of matchers: `reason` in words, `position` counts characters from 0."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"at character {position + 1}: {reason}")
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label. `operator` is `=`, `!=`, `=~` or `!~`."""

    name: str
    operator: str
    value: str

    def matches(self, labels: Labels) -> bool:
        own = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            return (own == self.value) == (self.operator == "=")
        return bool(_expression(self.value).fullmatch(own)) == (self.operator == "=~")

    def __str__(self) -> str:
        name = self.name if _BARE.fullmatch(self.name) else _quote(self.name)
        return f"{name}{self.operator}{_quote(self.value)}"


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of `text`; none for an empty text or `{}`, which match everything. Raises `MatcherFault`."""
    if len(text) > LONGEST_TEXT:
        raise MatcherFault(f"longer than {LONGEST_TEXT:,} characters", LONGEST_TEXT)
    return tuple(_Reader(text).matchers())


def all_match(matchers: Sequence[Matcher], labels: Labels) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def first_mismatch(matchers: Sequence[Matcher], labels: Labels) -> Matcher | None:
    """Return the first matcher that `labels` do not meet: what people are told."""
    return next((matcher for matcher in matchers if not matcher.matches(labels)), None)


def matchers_text(matchers: Sequence[Matcher]) -> str:
    """Return a text that parses to the same matchers."""
    return ", ".join(map(str, matchers))


def fault_in_matchers(text: str) -> str:
    """Return what is wrong with a text of matchers and where; empty when nothing is."""
    try:
        parse_matchers(text)
    except MatcherFault as fault:
        return str(fault)
    return ""


class _Reader:
    """Walks over the text once; `at` is the place it has reached."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def matchers(self) -> Iterator[Matcher]:
        in_braces = self._take("{")
        while not self._ends(in_braces):
            yield self._matcher()
            if not self._take(","):
                if not self._ends(in_braces):
                    raise self._fault(f"expected a comma{' or }' if in_braces else ''}, found {self._next()}")
                break
        if in_braces and not self._take("}"):
            raise self._fault("expected } at the end")
        if not self._ends(in_braces=False):
            raise self._fault(f"expected nothing more, found {self._next()}")

    def _matcher(self) -> Matcher:
        self._skip_space()
        start = self._at
        name = self._word("a label's name")
        if not name:
            raise MatcherFault("a label's name is empty", start)
        operator = next((known for known in _OPERATORS if self._take(known)), "")
        if not operator:
            raise self._fault(f"expected =, !=, =~ or !~ after {name}, found {self._next()}")
        self._skip_space()
        start = self._at
        # `a=` asks for an empty label, as it does in Alertmanager.
        value = "" if self._ends(in_braces=True) or self._text[self._at] == "," else self._word("a value")
        if operator in ("=~", "!~"):
            _check_expression(value, start)
        return Matcher(name, operator, value)

    def _word(self, what: str) -> str:
        self._skip_space()
        if self._text.startswith('"', self._at):
            return self._quoted()
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise self._fault(f"expected {what}, found {self._next()}")
        self._at = found.end()
        return found.group()

    def _quoted(self) -> str:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == '"':
                return "".join(parts)
            parts.append(self._escape() if char == "\\" else char)
        raise MatcherFault('a quoted text without its closing "', start)

    def _escape(self) -> str:
        start = self._at - 1
        kind = self._text[self._at : self._at + 1]
        self._at += 1
        if kind in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[kind]
        size = _CODE_ESCAPES.get(kind, 0)
        digits = self._text[self._at : self._at + size]
        if size and len(digits) == size and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            code = int(digits, 16)
            if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
                self._at += size
                return chr(code)
        raise MatcherFault(f"unknown escape \\{kind}", start)

    def _ends(self, in_braces: bool) -> bool:
        self._skip_space()
        return self._at >= len(self._text) or (in_braces and self._text[self._at] == "}")

    def _take(self, token: str) -> bool:
        self._skip_space()
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _next(self) -> str:
        self._skip_space()
        return self._text[self._at] if self._at < len(self._text) else "the end"

    def _fault(self, reason: str) -> MatcherFault:
        return MatcherFault(reason, self._at)


def _check_expression(pattern: str, position: int) -> None:
    try:
        _expression(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise MatcherFault(f"not a regular expression: {words}", position) from error


@functools.lru_cache(maxsize=1024)
def _expression(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
