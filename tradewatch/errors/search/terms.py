"""Reads a query into terms and writes terms as a query: `parse(write(terms)) == terms`.

    query  = term, separated by spaces
    term   = ["!"] key ":" value {"," value}     several values: one of them fits
           | ["!"] text                          free text: stands in the title or culprit
    key    = letters, digits and . _ - [ ]       or anything in quotes
    value  = [">=" | "<=" | ">" | "<"] text
    text   = without spaces (a value without commas too), or "in quotes"

`*` stands for any text; a backslash before `*`, `"` or itself takes away its meaning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.values import ESCAPED, OPERATORS, Value, exactly, write_value

LONGEST_QUERY = 1000
MOST_TERMS = 30
MOST_VALUES = 50
_KEY = re.compile(r"[\w.\-\[\]]+(?=:(?!//))")  # http://... is a text, not the tag `http`


@dataclass(frozen=True, slots=True)
class Term:
    """`key` empty: free text, in one value. Compared without `at`, the place in the query."""

    key: str
    values: tuple[Value, ...]
    is_negated: bool = False
    at: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and self._meaning == other._meaning

    def __hash__(self) -> int:
        return hash(self._meaning)

    @property
    def _meaning(self) -> tuple[object, ...]:
        return self.key, self.values, self.is_negated

    @property
    def text(self) -> str:
        return write([self])


def term(key: str, *values: str, is_negated: bool = False) -> Term:
    """Return the term that asks for exactly these values."""
    return Term(key, tuple(exactly(value) for value in values), is_negated)


def parse(text: str) -> list[Term]:
    """Return the terms of a query; none for an empty one. Raises `BadQuery`, and nothing else."""
    if len(text) > LONGEST_QUERY:
        raise BadQuery(LONGEST_QUERY, f"a query of at most {LONGEST_QUERY} characters")
    for at, each in enumerate(text):
        if each == "\0" or "\ud800" <= each <= "\udfff":
            raise BadQuery(at, "a character that can be stored")
    return _Reader(text).terms()


def write(terms: Sequence[Term]) -> str:
    return " ".join(_write_term(each) for each in terms)


def _write_term(term: Term) -> str:
    sign = "!" if term.is_negated else ""
    if term.key:
        found = _KEY.match(term.key + ":")
        key = term.key if found and found.end() == len(term.key) else f'"{_escape(term.key)}"'
        return f"{sign}{key}:{','.join(write_value(each) for each in term.values)}"
    text = write_value(term.values[0], is_free=True)
    return f'{sign}"{text}"' if _KEY.match(text) else sign + text


def _escape(text: str) -> str:
    return "".join("\\" + each if each in ESCAPED else each for each in text)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def terms(self) -> list[Term]:
        terms: list[Term] = []
        while self._skip_spaces():
            if len(terms) == MOST_TERMS:
                raise BadQuery(self._at, f"at most {MOST_TERMS} terms")
            terms.append(self._term())
        return terms

    def _skip_spaces(self) -> bool:
        """Go to the next term; return whether there is one."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _term(self) -> Term:
        start = self._at
        is_negated = self._text[self._at] == "!"
        if is_negated:
            self._at += 1
            if self._is_at_end():
                raise BadQuery(self._at, "a key or a text after !")
        key = self._key()
        if key:
            return Term(key, self._values(key), is_negated, start)
        text = self._quoted() if self._next() == '"' else self._plain(stops="")
        if text == ("",):
            raise BadQuery(start, "a text between the quotes")
        return Term("", (Value(text, at=start),), is_negated, start)

    def _key(self) -> str:
        """Take a key and its colon; return nothing, and take nothing, where none stands."""
        if found := _KEY.match(self._text, self._at):
            self._at = found.end() + 1
            return found[0]
        if self._next() != '"':
            return ""
        start = self._at
        parts = self._quoted(is_alone=False)
        if self._next() != ":":
            self._at = start
            return ""
        if len(parts) > 1 or not parts[0]:
            raise BadQuery(start, "a key without a wildcard, and not empty")
        self._at += 1
        return parts[0]

    def _values(self, key: str) -> tuple[Value, ...]:
        values = [self._value(key)]
        while self._next() == ",":
            self._at += 1
            if len(values) == MOST_VALUES:
                raise BadQuery(self._at, f"at most {MOST_VALUES} values")
            values.append(self._value(key))
        return tuple(values)

    def _value(self, key: str) -> Value:
        start = self._at
        operator = next((each for each in OPERATORS if self._text.startswith(each, self._at)), "")
        self._at += len(operator)
        parts = self._quoted() if self._next() == '"' else self._plain(stops=",")
        if parts == ("",):
            raise BadQuery(start, f"a value for {key}")
        return Value(parts, operator, start)

    def _plain(self, *, stops: str) -> tuple[str, ...]:
        parts = [""]
        while not self._is_at_end() and self._next() not in stops:
            self._take(parts)
        return tuple(parts)

    def _quoted(self, *, is_alone: bool = True) -> tuple[str, ...]:
        start = self._at
        self._at += 1
        parts = [""]
        while self._next() != '"':
            if not self._next():
                raise BadQuery(start, 'a closing "')
            self._take(parts)
        self._at += 1
        if is_alone and not self._is_at_end() and self._next() != ",":
            raise BadQuery(self._at, "a space after the closing quote")
        return tuple(parts)

    def _take(self, parts: list[str]) -> None:
        """Add the next character to the last of `parts`; a wildcard begins another part."""
        each, after = self._text[self._at], self._text[self._at + 1 : self._at + 2]
        if each == "\\" and after and after in ESCAPED:
            parts[-1] += after
            self._at += 2
            return
        if each == "*":
            if parts[-1] or len(parts) == 1:  # ** says no more than *
                parts.append("")
        else:
            parts[-1] += each
        self._at += 1

    def _next(self) -> str:
        """Return the next character; nothing at the end of the query."""
        return self._text[self._at : self._at + 1]

    def _is_at_end(self) -> bool:
        """Return whether the text that stands here is over."""
        return not self._next() or self._next().isspace()
