"""Reads a commit message by Conventional Commits 1.0.0. Text in, value out.

Source: https://www.conventionalcommits.org/en/v1.0.0/#specification; numbers in comments are its rules. More lenient
where people forget something: the body may follow the first line without a blank one (rule 6), and what breaks is
heard without its blank line or space (rule 12).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Rules 1, 4, 13: a type that is a noun, a scope in parentheses, `!`, then a colon and a space.
_FIRST_LINE = re.compile(
    r"(?P<type>[A-Za-z][A-Za-z0-9_-]*)(?:\((?P<scope>[^()\r\n]+)\))?(?P<bang>!)?: +(?P<description>\S.*)"
)
# Rules 8 and 9: a word token, then `: ` or ` #`. Rules 12, 15, 16: of all words this one alone minds its case.
_BREAKING = re.compile(r"(?P<token>BREAKING[ -]CHANGE)(?::|(?= #\S) )(?P<value>.*)")
_FOOTER = re.compile(r"(?P<token>[A-Za-z0-9][A-Za-z0-9-]*)(?:: |(?= #\S) )(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Footer:
    """`token` as written; `value` may have several paragraphs. That of a `#` footer begins with its `#`."""

    token: str
    value: str

    @property
    def is_breaking(self) -> bool:
        return self.token in ("BREAKING CHANGE", "BREAKING-CHANGE") and bool(self.value)


@dataclass(frozen=True, slots=True)
class Message:
    """`type` in small letters; empty where the first line is not conventional: `description` is then all of it.

    `is_breaking` and `breaking_changes` are of conventional ones alone: told by a `!` or by footers (rule 11).
    """

    type: str
    scope: str
    description: str
    body: str
    footers: tuple[Footer, ...]
    is_breaking: bool

    @property
    def breaking_changes(self) -> list[str]:
        """Return what breaks, in words; the description where only a `!` says so (rule 13)."""
        if not self.is_breaking:
            return []
        return [each.value for each in self.footers if each.is_breaking] or [self.description]


def parse_message(text: str) -> Message:
    """Return the parts of any text. An empty one has an empty description."""
    first, _, rest = text.replace("\r\n", "\n").replace("\r", "\n").strip().partition("\n")
    body, footers = _split_body(rest.split("\n"))
    found = _FIRST_LINE.fullmatch(first.rstrip())
    if found is None:
        return Message("", "", first.strip(), body, footers, is_breaking=False)
    is_breaking = bool(found["bang"]) or any(each.is_breaking for each in footers)
    scope = (found["scope"] or "").strip()
    return Message(found["type"].lower(), scope, found["description"], body, footers, is_breaking)


def _split_body(lines: Sequence[str]) -> tuple[str, tuple[Footer, ...]]:
    starts = list(_footer_starts(lines))
    bounds = [*starts, len(lines)]
    body = "\n".join(lines[: bounds[0]]).strip()
    return body, tuple(_footer(lines[start:end]) for start, end in pairwise(bounds))


def _footer_starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines on which footers begin: the first after a blank line, each further where its token stands.

    A line that begins with BREAKING CHANGE is one wherever it stands: a missed blank line must not hide it.
    """
    has_begun, is_after_blank = False, True
    for number, line in enumerate(lines):
        may_be_one = ": " in line or " #" in line or line.startswith("BREAKING")  # spares most lines the expressions
        is_footer = may_be_one and (has_begun or is_after_blank) and _FOOTER.fullmatch(line)
        if is_footer or (may_be_one and _BREAKING.fullmatch(line)):
            has_begun = True
            yield number
        is_after_blank = not line.strip()


def _footer(lines: Sequence[str]) -> Footer:
    """Rule 10: the value goes on, over blank lines too, until the next token."""
    found = _BREAKING.fullmatch(lines[0]) or _FOOTER.fullmatch(lines[0])
    assert found is not None  # noqa: S101  # by `_footer_starts`
    return Footer(found["token"], "\n".join([found["value"], *lines[1:]]).strip())
