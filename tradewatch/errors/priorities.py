"""What to take up first, computed from what is known of an issue; a person's word stands above it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity, IssuePriority

MANY_USERS = 100
RANKS: Mapping[str, int] = {IssuePriority.LOW: 0, IssuePriority.MEDIUM: 1, IssuePriority.HIGH: 2}
_BY_RANK = {rank: priority for priority, rank in RANKS.items()}

# Where a fault costs money, breaks a rule of the market or opens a door.
GRAVE = frozenset((ErrorCategory.ORDER_EXECUTION, ErrorCategory.RISK, ErrorCategory.SETTLEMENT, ErrorCategory.SECURITY))
_BY_SEVERITY: Mapping[str, int] = {
    ErrorSeverity.DEBUG: 0,
    ErrorSeverity.INFO: 0,
    ErrorSeverity.WARNING: 0,
    ErrorSeverity.ERROR: 1,
    ErrorSeverity.CRITICAL: 2,
}
_FOR_INFORMATION = (ErrorSeverity.DEBUG, ErrorSeverity.INFO)


@dataclass(frozen=True, slots=True)
class Priority:
    """`why` names what it was computed from, in words."""

    value: str
    why: str


def priority_of(severity: str, category: str, *, is_regressed: bool = False, users: int = 0) -> Priority:
    """Return the priority of an issue: its severity's, one higher for a grave category, a regression or many users."""
    rank = _BY_SEVERITY[severity]
    reasons = [f"{ErrorSeverity(severity).label.lower()} severity"]
    raised = []
    if category in GRAVE and severity not in _FOR_INFORMATION:
        raised.append(f"in {ErrorCategory(category).label.lower()}")
    if is_regressed:
        raised.append("came back after it was resolved")
    if users >= MANY_USERS:
        raised.append(f"{MANY_USERS} users or more")
    reasons += raised
    if raised:
        rank = min(rank + 1, RANKS[IssuePriority.HIGH])
    return Priority(_BY_RANK[rank], ", ".join(reasons))
