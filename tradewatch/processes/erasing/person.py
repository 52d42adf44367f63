"""Who is erased, and where a text or document speaks of them. Pure.

An id or e-mail is looked for as a whole token: `u-12` is neither in `u-123` nor in `u-12-b`. An id that may well mean
something else (`42`, `alice`) counts only under names of user data: `user_id`, `"user": {"id": ...}`, `?uid=42`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

ERASED = "[erased]"
LEAST_LENGTH, LEAST_DIGITS = 6, 9  # of an id that is looked for everywhere
# What applications send as a user where they know of none; a UUID of zeros as well.
_NOBODY = frozenset({"none", "null", "true", "false", "undefined", "anonymous", "[erased]", "[filtered]"})
_WHO = "user|enduser|customer|client|account|person|member|trader|login|owner|subject|author|contact"
_WHAT = "id|uid|name|username|email|mail|key|no|number|ref|address|display_name"
# Names in snake case, as `snake` makes them.
_PERSONAL = re.compile(rf"(?:.*_)?(?:(?:{_WHO})s?(?:_(?:{_WHAT}))?|uid|uuid|did|sub|username|user_?id|e?_?mail)")
_KEY = rf"(?:{_WHO})[_.\-]?(?:{_WHAT})?|uid|did|sub|e?-?mail"
_STEP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
# Whole: nothing that goes on as a word, or after a sign within one, on either side. An escape (%20, \n) is a sign.
_BEFORE = r"(?:(?<![^\W])(?<![\w][-.+@])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_AFTER = r"(?![^\W]|[-.+@][^\W])"


def snake(name: str) -> str:
    """Return `userId`, `user.id` and `X-User-Id` as `user_id` and `x_user_id`."""
    return _STEP.sub("_", name).strip("_").lower()


def is_personal(name: str) -> bool:
    """Tell whether a name says that its value identifies a person."""
    return bool(_PERSONAL.fullmatch(snake(name[:100])))


def names_nobody(value: str) -> bool:
    return value.lower() in _NOBODY or (len(value) > 1 and not value.strip("0-"))


def is_distinctive(value: str) -> bool:
    """Tell whether a text that equals `value` hardly means anything else."""
    if names_nobody(value):
        return False
    if "@" in value:
        return True
    if value.isdigit():
        return len(value) >= LEAST_DIGITS
    return len(value) >= LEAST_LENGTH and any(each.isdigit() for each in value)


@dataclass(frozen=True)
class Person:
    """What somebody is called. E-mails are in small letters, and count in any case."""

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, ids: Iterable[str] = (), emails: Iterable[str] = ()) -> "Person":
        return cls(frozenset(ids), frozenset(each.lower() for each in emails))

    def __or__(self, other: "Person") -> "Person":
        return Person(self.ids | other.ids, self.emails | other.emails)

    def __sub__(self, other: "Person") -> "Person":
        return Person(self.ids - other.ids, self.emails - other.emails)

    def __bool__(self) -> bool:
        return bool(self.ids or self.emails)

    def is_called(self, value: object) -> bool:
        """Tell whether the value is the person's, whole."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        return (text := str(value)) in self.ids or text.lower() in self.emails

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """In small letters: what stored bytes hold one of if they speak of the person at all."""
        found = set()
        for value in self.ids | self.emails:
            for form in (value, quote(value, safe=""), json.dumps(value)[1:-1]):
                found.add(form.lower().encode("utf-8", "surrogatepass"))
        return tuple(sorted(found))

    def may_be_in(self, data: bytes) -> bool:
        """Tell whether it is worth looking: never wrong when it says no, for text and uncompressed JSON."""
        lower = data.lower()
        return any(needle in lower for needle in self.needles)

    @cached_property
    def distinctive(self) -> "Person":
        """The names that are looked for everywhere."""
        return Person(frozenset(each for each in self.ids if is_distinctive(each)), self.emails)

    @cached_property
    def token(self) -> "re.Pattern[str] | None":
        """Matches a distinctive name of the person as a whole token."""
        exact = _forms(self.distinctive.ids)
        mails = _forms(self.emails)
        parts = [*exact, *(f"(?i:{each})" for each in mails)]
        return re.compile(f"{_BEFORE}(?:{'|'.join(parts)}){_AFTER}") if parts else None

    @cached_property
    def under_name(self) -> "re.Pattern[str] | None":
        """Matches a name of the person in a text that says so: `user_id=42`, `"user": "42"`; group 1 is what stays."""
        parts = _forms(self.ids - self.distinctive.ids)
        if not parts:
            return None
        return re.compile(rf"((?<![A-Za-z0-9])(?i:{_KEY})\\?[\"']?\s*[=:]\s*\\?[\"']?)(?:{'|'.join(parts)}){_AFTER}")


def _forms(values: Iterable[str]) -> list[str]:
    """Return patterns of each value as it is and as URLs have it; longer ones first."""
    found = set()
    for value in values:
        found |= {re.escape(value), re.escape(quote(value, safe=""))}
        found.add(re.escape(quote(value, safe="")).replace("%40", "(?:%40|@)"))
    return sorted(found, key=len, reverse=True)
