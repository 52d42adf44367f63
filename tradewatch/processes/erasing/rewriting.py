"""Replaces what names a person in a document or text; everything else stays as it is. Pure.

Where a record is the person's own (`user` of an event), all that it says of them goes, name and address too: whatever
the person is called there. What else they are called is told, see `Rewriting.learned`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewatch.processes.erasing.person import ERASED, Person, is_distinctive, is_personal, snake

_OWNERS = frozenset({"user", "enduser", "end_user", "customer"})
_NAMES = ("id", "username", "email", "name")
_FLAT = ("user.", "enduser.")
_DEEPEST = 200


@dataclass
class Rewriting:
    """One row on its way. `users`: the person's records as they were; `shared`: see `candidates`.

    `candidates` are names that the person's records had beside the given one. Those that another's record has are
    shared, and not the person's alone. `common` are those that are followed in no case: a record that has one of them
    may be the person's, or anybody's.
    """

    person: Person
    candidates: Person = field(default_factory=Person)
    common: Person = field(default_factory=Person)
    hits: int = 0
    users: list[Mapping[str, Any]] = field(default_factory=list)
    shared: Person = field(default_factory=Person)

    @property
    def learned(self) -> Person:
        """What else the person is called in their records: e-mails, ids and names that hardly mean anything else."""
        emails = {str(user["email"]) for user in self.users if "@" in str(user.get("email") or "")}
        return Person.of(ids=filter(is_distinctive, self._names()), emails=emails) - self.person

    @property
    def not_learned(self) -> Person:
        """Ids and names in their records that may well be others' too (`42`, `guest`). No marks of what was removed."""
        ids = {name for name in self._names() if not is_distinctive(name) and not name.startswith("[")}
        return Person.of(ids=ids) - self.person

    def _names(self) -> set[str]:
        said = (user.get(key) for user in self.users for key in ("id", "username"))
        return {str(each) for each in said if type(each) in (str, int) and each != ""}

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """Return `value`, found under `name`, without the person. What is unchanged is the same object."""
        if depth > _DEEPEST:
            return value
        match value:
            case str():
                return self.text(value, name)
            case bool() | None | float():
                return value
            case int():
                return self._number(value, name)
            case Mapping():
                return self._record(value, name, depth)
            case list() | tuple():
                return self._list(value, name, depth)
            case _:
                return value

    def text(self, text: str, name: str = "") -> str:
        if self.person.is_called(text) and (is_personal(name) or self._is_token(text)):
            self.hits += 1
            return ERASED
        for pattern, by in ((self.person.token, ERASED), (self.person.under_name, rf"\1{ERASED}")):
            if pattern is not None:
                text, count = pattern.subn(by, text)
                self.hits += count
        return text

    def _is_token(self, text: str) -> bool:
        return self.person.token is not None and self.person.token.fullmatch(text) is not None

    def _number(self, value: int, name: str) -> Any:
        if not self.person.is_called(value) or not (is_personal(name) or self._is_token(str(value))):
            return value
        self.hits += 1
        return ERASED

    def _list(self, values: Any, name: str, depth: int) -> list[Any]:
        if len(values) == 2 and isinstance(values[0], str) and not isinstance(values[1], list | dict):
            # A header, a tag; or two of a list whose name says what they are.
            second = values[0] if is_personal(values[0]) else name
            return [self.text(values[0], name), self.value(values[1], second, depth + 1)]
        return [self.value(each, name, depth + 1) for each in values]

    def _record(self, record: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
        if snake(name) in _OWNERS:
            if self._is_theirs(record):
                self.users.append(dict(record))
                return {key: self._blank(each) for key, each in record.items()}
            self._compare(record)
        theirs = self._flat_user(record)
        return {
            self.text(key): self._blank(each) if key in theirs else self.value(each, key, depth + 1)
            for key, each in record.items()
        }

    def _is_theirs(self, record: Mapping[str, Any]) -> bool:
        return any(self.person.is_called(record.get(key)) for key in _NAMES)

    def _compare(self, record: Mapping[str, Any]) -> None:
        """Note which candidates are somebody else's as well."""
        ids = {str(record[key]) for key in ("id",) if record.get(key) not in (None, "")}
        names = {str(record[key]) for key in ("username",) if record.get(key)}
        emails = {str(record[key]).lower() for key in ("email",) if record.get(key)}
        if ids - self.candidates.ids - self.common.ids or emails - self.candidates.emails:
            shared = (ids | names) & self.candidates.ids
            self.shared |= Person.of(ids=shared, emails=emails & self.candidates.emails)

    def _flat_user(self, record: Mapping[str, Any]) -> set[str]:
        """Return the keys of a user who is written flat, as attributes are (`user.id`, `user.email`), if theirs."""
        for prefix in _FLAT:
            user = {key[len(prefix) :]: each for key, each in record.items() if key.startswith(prefix)}
            if not user:
                continue
            plain = {
                key: each["value"] if isinstance(each, dict) and "value" in each else each for key, each in user.items()
            }
            if self._is_theirs(plain):
                self.users.append(plain)
                return {prefix + key for key in user}
            self._compare(plain)
        return set()

    def _blank(self, value: Any) -> Any:
        """Return the value with everything that says something replaced; its shape stays."""
        match value:
            case None | bool():
                return value
            case Mapping() if "value" in value and "type" in value:  # an attribute of the protocol
                return {**value, "value": self._blank(value["value"])}
            case Mapping():
                return {key: self._blank(each) for key, each in value.items()}
            case list() | tuple():
                return [self._blank(each) for each in value]
        self.hits += value != ERASED
        return ERASED
