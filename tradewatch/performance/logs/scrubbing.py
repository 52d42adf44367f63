"""Takes secrets out of a table of lines: every distinct value is looked at once, however many lines carry it.

The same rules as for events (docs/privacy.md), applied to lines that are made up of the distinct values. What
a body said and may no longer say goes out of the line's attributes too: SDKs send the parameters of a message beside
it, under names that say nothing (`sentry.message.parameter.0`).
"""

from collections.abc import Iterator
from typing import Any

from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.performance.logs.columns import ABSENT, Column, Table

REMOVED = "[removed: part of the message]"
SHORTEST = 3  # of a value that is looked for in what was removed: "1" stands in everything
Document = dict[str, Any]


def scrub(table: Table, policy: ScrubPolicy) -> None:
    """Take every secret out of `table`, in place."""
    _scrub_names(table, policy)
    said = list(table.bodies)
    documents = _documents(table)
    if not scrub_document({"items": documents}, policy):
        return
    for at, document in enumerate(documents):
        if "body" in document:
            table.bodies[at] = str(document["body"])
        _take_back(table, at, document["attributes"])
    _remove_repeated(table, said)


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


def _remove_repeated(table: Table, said: list[str]) -> None:
    for at, (before, after) in enumerate(zip(said, table.bodies, strict=True)):
        if before == after:
            continue
        for column, text in _texts(table, at):
            if len(text) >= SHORTEST and text in before and text not in after:
                _replace(column, at, REMOVED)


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
