"""Takes secrets out of a table of lines: every distinct value is looked at once, however many lines carry it.

The same rules as for events (docs/privacy.md), applied to lines that are made up of the distinct values. A line says
things twice: SDKs send the parameters of a message beside it. So what is removed in one place of a line is removed in
all of it: a parameter whose name gives it away goes out of the message, and what stood behind `password=` in the
message goes out of `sentry.message.parameter.0`.
"""

from collections.abc import Iterator
from typing import Any

from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.inbox.scrub.text import MARKER
from tradewatch.performance.logs.columns import ABSENT, Column, Table
from tradewatch.performance.logs.lines import Scalar

REMOVED = "[removed: part of the message]"
SHORTEST = 3  # of a value that is looked for in what was removed: "1" stands in everything
Document = dict[str, Any]


def scrub(table: Table, policy: ScrubPolicy) -> None:
    """Take every secret out of `table`, in place."""
    _scrub_names(table, policy)
    said = list(table.bodies)
    had = {name: list(column.values) for name, column in table.attributes.items()}
    documents = _documents(table)
    if not scrub_document({"items": documents}, policy):
        return
    for at, document in enumerate(documents):
        if "body" in document:
            table.bodies[at] = str(document["body"])
        _take_back(table, at, document["attributes"])
    _remove_from_attributes(table, said)
    _remove_from_lines(table, had)


def _documents(table: Table) -> list[Document]:
    """Return lines with every distinct value in one of them. Names stand right above their values, without the object
    that says the type: they decide what may stay.
    """
    most = max(len(table.bodies), *(len(column.values) for column in table.attributes.values()), 0)
    documents: list[Document] = [{"attributes": {}} for _ in range(most)]
    for document, body in zip(documents, table.bodies, strict=False):
        document["body"] = body
    for name, column in table.attributes.items():
        for document, value in zip(documents, column.values, strict=False):
            document["attributes"][name] = value
    return documents


def _take_back(table: Table, at: int, attributes: Document) -> None:
    for name, column in table.attributes.items():
        if at < len(column.values):
            column.values[at] = attributes[name]


def _scrub_names(table: Table, policy: ScrubPolicy) -> None:
    """A secret may stand in a name. Two names that become one are one attribute: the later one's values stay."""
    document = {"attributes": dict.fromkeys(table.attributes)}
    if not scrub_document(document, policy) or document["attributes"].keys() == table.attributes.keys():
        return
    for name in list(table.attributes):
        alone = {"attributes": {name: None}}
        scrub_document(alone, policy)
        [clean] = alone["attributes"]
        table.attributes[clean] = table.attributes.pop(name)


def _remove_from_attributes(table: Table, said: list[str]) -> None:
    """Remove the attributes that say what the line's message said and no longer says."""
    for at, (before, after) in enumerate(zip(said, table.bodies, strict=True)):
        if before == after:
            continue
        for column, text in _texts(table, at):
            if len(text) >= SHORTEST and text in before and text not in after:
                _replace(column, at, REMOVED)


def _remove_from_lines(table: Table, had: dict[str, list[Scalar]]) -> None:
    """Remove values that are gone from an attribute as a whole from the messages and other attributes beside it."""
    for name, before in had.items():
        column = table.attributes.get(name)
        if column is None:
            continue
        gone = {
            code: (str(old), str(new))
            for code, (old, new) in enumerate(zip(before, column.values, strict=False), start=1)
            if old != new and _is_whole(old, new)
        }
        if gone:
            for at, code in enumerate(column.codes):
                if code in gone:
                    _remove_from_line(table, at, *gone[code])


def _is_whole(old: Scalar, new: Scalar) -> bool:
    """Tell whether a whole value was removed, one that is long enough to be looked for."""
    if isinstance(old, bool | list) or not isinstance(new, str):
        return False
    return len(str(old)) >= SHORTEST and MARKER.fullmatch(new.encode()) is not None


def _remove_from_line(table: Table, at: int, secret: str, marker: str) -> None:
    if secret in table.bodies[at]:
        table.bodies[at] = table.bodies[at].replace(secret, marker)
    for column, text in _texts(table, at):
        if secret in text:
            _replace(column, at, text.replace(secret, marker))


def _texts(table: Table, at: int) -> Iterator[tuple[Column, str]]:
    for column in table.attributes.values():
        code = column.codes[at]
        if code != ABSENT:
            value = column.values[code - 1]
            if type(value) in (str, int, float):
                yield column, str(value)


def _replace(column: Column, at: int, value: str) -> None:
    if value not in column.values:
        column.values.append(value)
    codes = list(column.codes)
    codes[at] = column.values.index(value) + 1
    column.codes = codes
