"""The views that everybody has from the start; saved ones stand beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.errors.choices import IssueSort


@dataclass(frozen=True, slots=True)
class BuiltIn:
    name: str
    query: str
    sort: str = IssueSort.LAST_SEEN


BUILT_IN: Mapping[str, BuiltIn] = {
    "unresolved": BuiltIn("Unresolved", "is:unresolved"),
    "mine": BuiltIn("Mine", "is:unresolved assigned:me"),
    "new": BuiltIn("New today", "is:unresolved first_seen:<24h", IssueSort.FIRST_SEEN),
    "regressed": BuiltIn("Regressed", "is:regressed"),
    "loudest": BuiltIn("Loudest", "is:unresolved", IssueSort.FREQUENCY),
    "ignored": BuiltIn("Ignored", "is:ignored"),
    "resolved": BuiltIn("Resolved", "is:resolved"),
}
FIRST = "unresolved"
