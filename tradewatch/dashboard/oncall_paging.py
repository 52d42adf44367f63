"""The page that is under way: a group that has paged people, and that nobody has acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.choices import AlertState, GroupState
from alerts.models import AlertGroup
from alerts.words import counted
from tradewatch.dashboard.words import span


@dataclass(frozen=True, slots=True)
class Paging:
    """`severity` colours the hero; `next_words` says when the next step runs, empty: none does."""

    alert_id: int
    title: str
    severity: str
    sentence: str
    next_words: str


def paging_now(project_ids: Sequence[int], now: datetime) -> Paging | None:
    """Return the oldest page that waits for an answer; None: none does."""
    groups = AlertGroup.objects.filter(project_id__in=project_ids, state=GroupState.FIRING, notifications__step__gte=0)
    group = groups.order_by("opened_at").first()
    member = group.members.filter(alert__state=AlertState.FIRING).select_related("alert").first() if group else None
    if group is None or member is None:
        return None
    people = group.notifications.filter(step__gte=0).values("channel", "target").distinct().count()
    told = counted(people, "receiver")
    next_words = ""
    if group.step_at is not None and group.step is not None:
        wait = f"in {span(group.step_at - now)}" if group.step_at > now else "now"
        next_words = f"Step {group.step + 1} at {group.step_at:%H:%M:%S} UTC, {wait}."
    return Paging(
        alert_id=member.alert_id,
        title=member.alert.title,
        severity=member.alert.severity,
        sentence=f"has paged {told} in {span(now - group.opened_at)}, and nobody has acknowledged.",
        next_words=next_words,
    )
