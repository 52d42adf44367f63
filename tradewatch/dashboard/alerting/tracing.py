"""How an alert walks the routing tree, said route by route. Pure: it follows `alerts.routing.destinations`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.matchers import Labels, Matcher, first_mismatch
from alerts.routing import Node


class Verdict(StrEnum):
    TAKES = "takes it"
    PASSES = "matches"
    MISSES = "does not"
    UNASKED = "is not asked"


@dataclass(frozen=True, slots=True)
class Visit:
    """One route on the way. `number` is its place, `2.1` the first child of the second; the root is `0`."""

    node: Node
    number: str
    verdict: Verdict
    reason: str


def trace(root: Node, labels: Labels) -> list[Visit]:
    """Return what each route says to the labels, parents before children; children of a route that missed are left
    out."""
    return list(_visit(root, labels, "0"))


def _visit(node: Node, labels: Labels, number: str) -> Iterator[Visit]:
    below: list[Visit] = []
    taken_by: tuple[str, str] | None = None
    for place, child in enumerate(node.children, start=1):
        child_number = str(place) if number == "0" else f"{number}.{place}"
        if taken_by is not None and not taken_by[1]:
            below.append(Visit(child, child_number, Verdict.UNASKED, f"{taken_by[0]} matched and does not continue"))
            continue
        miss = first_mismatch(child.matchers, labels)
        if miss is not None:
            below.append(Visit(child, child_number, Verdict.MISSES, miss_words(miss, labels)))
            continue
        taken_by = (child_number, "on" if child.goes_on else "")
        below.extend(_visit(child, labels, child_number))
    reason = match_words(node.matchers, labels)
    if taken_by is None:
        verdict, reason = Verdict.TAKES, f"{reason}; none of its children does" if node.children else reason
    else:
        verdict = Verdict.PASSES
    yield Visit(node, number, verdict, reason)
    yield from below


def match_words(matchers: Sequence[Matcher], labels: Labels) -> str:
    """Return why labels meet the matchers: `category is error; severity critical fits critical|error`."""
    return "; ".join(_met(each, labels) for each in matchers) or "no matchers: it takes everything"


def miss_words(matcher: Matcher, labels: Labels) -> str:
    """Return why they do not: `market is XNYS, not XLON`."""
    own = labels.get(matcher.name, "")
    has = f"{matcher.name} is {own}" if own else f"it has no {matcher.name}"
    match matcher.operator:
        case "=":
            return f"{has}, not {matcher.value}" if matcher.value else f"{has}, and none is wanted"
        case "=~":
            return f"{has}, which does not fit {matcher.value}"
        case "!=":
            return f"{has}, which is left out" if own else f"{has}, and one is wanted"
        case _:
            return f"{has}, which fits {matcher.value} and is left out"


def _met(matcher: Matcher, labels: Labels) -> str:
    own = labels.get(matcher.name, "")
    if not own:
        return f"it has no {matcher.name}"
    match matcher.operator:
        case "=":
            return f"{matcher.name} is {own}"
        case "=~":
            return f"{matcher.name} {own} fits {matcher.value}"
        case "!=":
            return f"{matcher.name} {own} is not {matcher.value or 'empty'}"
        case _:
            return f"{matcher.name} {own} does not fit {matcher.value}"
