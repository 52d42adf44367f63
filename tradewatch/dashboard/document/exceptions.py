"""The exceptions of an event as people read them: what was caught last first, below it what it came from, or the tree
of an exception group (https://develop.sentry.dev/sdk/data-model/event-payloads/exception/, Exception Groups)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tradewatch.core.shapes import Document, mapping, text_of, values_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.frames import Stack, read_stack
from tradewatch.dashboard.document.values import NO_HTML, text_html

MAX_SHOWN = 25
SHORT_VALUE = 120


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception. `note` says how it hangs together with the others; `depth` is its level in a group's tree.

    `value` is one line for the header; `text` the whole where one line does not hold it. `mechanism`: what caught it.
    """

    type: str
    value: SafeString
    text: SafeString
    note: str
    stack: Stack
    depth: int = 0
    anchor: str = ""
    is_unhandled: bool = False
    mechanism: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class _Node:
    value: Document
    note: str
    depth: int


def read_exceptions(document: Document, lines: Budget, texts: Budget) -> tuple[list[Raised], int]:
    """Return the exceptions to show and how many there are beyond those."""
    nodes = _ordered(values_of(document.get("exception")))
    shown = [_raised(node, number, lines, texts) for number, node in enumerate(nodes[:MAX_SHOWN])]
    if not nodes and document.get("stacktrace"):
        shown = [Raised("Stack trace", NO_HTML, NO_HTML, "", read_stack(document["stacktrace"], lines))]
    return shown, len(nodes) - len(shown) if nodes else 0


def _raised(node: _Node, number: int, lines: Budget, texts: Budget) -> Raised:
    value = str(node.value.get("value") or "")
    mechanism = mapping(node.value.get("mechanism"))
    is_long = len(value) > SHORT_VALUE or "\n" in value.strip()
    text = text_html(value) if is_long else NO_HTML
    line = text_html(value.strip().partition("\n")[0][:SHORT_VALUE])
    return Raised(
        type=text_of(node.value.get("type"), 160) or "Error",
        value=line if texts.takes(line) else NO_HTML,
        text=text if not text or texts.takes(text) else NO_HTML,
        note=node.note,
        stack=read_stack(node.value.get("stacktrace") or node.value.get("raw_stacktrace"), lines),
        depth=min(node.depth, 4),
        anchor=f"exception-{number}",
        is_unhandled=mechanism.get("handled") is False,
        mechanism=text_of(mechanism.get("type"), 60),
        module=text_of(node.value.get("module"), 120),
    )


def _ordered(values: Sequence[Document]) -> list[_Node]:
    children = _children(values)
    if children is None:
        return list(_chain([*reversed(values)]))
    roots = [at for at in range(len(values)) if all(at not in below for below in children.values())]
    nodes: list[_Node] = []
    seen: set[int] = set()
    for root in sorted(roots, key=lambda at: _id(values[at])):
        nodes += _walk(values, children, root, "", 0, seen)
    return nodes


def _chain(values: Sequence[Document]) -> Iterator[_Node]:
    """Yield a plain chain. The exception that another came from carries how: `__cause__`, or `__context__`."""
    for place, each in enumerate(values):
        below = values[place + 1] if place + 1 < len(values) else None
        yield _Node(each, _first_note(below) if place == 0 else _below_note(each), 0)


def _children(values: Sequence[Document]) -> Mapping[int, list[int]] | None:
    """Return {index: indexes below it}; None when the mechanisms do not number the exceptions, or not soundly."""
    places = {_id(value): at for at, value in enumerate(values)}
    if -1 in places or len(places) < len(values):
        return None
    children: dict[int, list[int]] = {}
    for at, value in enumerate(values):
        parent = mapping(value.get("mechanism")).get("parent_id")
        if type(parent) is int and places.get(parent, at) != at:
            children.setdefault(places[parent], []).append(at)
    if len({at for below in children.values() for at in below}) >= len(values):
        return None  # everything has a parent: a ring
    return children


def _walk(
    values: Sequence[Document],
    children: Mapping[int, list[int]],
    at: int,
    note: str,
    depth: int,
    seen: set[int],
) -> Iterator[_Node]:
    if at in seen:
        return
    seen.add(at)
    value = values[at]
    below = sorted(children.get(at, ()), key=lambda each: _id(values[each]))
    is_group = bool(mapping(value.get("mechanism")).get("is_exception_group"))
    members = [each for each in below if not _is_chained(values[each])] if is_group else []
    chained = [each for each in below if each not in members]
    own = note or (_first_note(values[chained[0]]) if chained else f"{len(members)} in this group" if members else "")
    yield _Node(value, own, depth)
    name = text_of(value.get("type"), 60) or "the group"
    for number, each in enumerate(members, start=1):
        yield from _walk(values, children, each, f"{number} of {len(members)} in {name}", depth + 1, seen)
    for each in chained:
        yield from _walk(values, children, each, _below_note(values[each]), depth, seen)


def _id(value: Document) -> int:
    number = mapping(value.get("mechanism")).get("exception_id")
    return number if type(number) is int else -1


def _is_chained(value: Document) -> bool:
    return mapping(value.get("mechanism")).get("source") in ("__cause__", "__context__", "cause")


def _first_note(below: Document | None) -> str:
    if below is None:
        return ""
    is_context = mapping(below.get("mechanism")).get("source") == "__context__"
    name = text_of(below.get("type"), 80) or "another error"
    return f"{'raised while handling' if is_context else 'caused by'} {name}"


def _below_note(value: Document) -> str:
    return "was being handled" if mapping(value.get("mechanism")).get("source") == "__context__" else "cause"
