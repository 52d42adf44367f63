"""What was decided when a group opened, as its row keeps it: plain JSON, read back as values."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from alerts.grouping import Timing
from alerts.policies.snapshot import PolicySnapshot, from_json
from alerts.routing import Settings

SHORTEST_INTERVAL = 10  # seconds; a group that looks more often would only keep the database busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    timing: Timing
    mails_members: bool
    tells_nobody: bool
    channel_ids: tuple[int, ...]
    quiet_ids: tuple[int, ...]
    reminder_after: timedelta
    unacknowledge_after: timedelta
    policy: PolicySnapshot | None


def write_plan(settings: Settings, policy: PolicySnapshot | None) -> dict[str, Any]:
    """Return the plan of a group whose route has these settings, nothing left to inherit."""
    return {
        "group_wait": settings.group_wait,
        "group_interval": settings.group_interval,
        "repeat_interval": settings.repeat_interval,
        "sends_resolved": settings.sends_resolved,
        "mails_members": settings.mails_members,
        "tells_nobody": settings.tells_nobody,
        "channels": list(settings.channel_ids or ()),
        "quiet_hours": list(settings.quiet_window_ids or ()),
        "reminder_after": settings.reminder_after,
        "unacknowledge_after": settings.unacknowledge_after,
        "policy": None if policy is None else policy.as_json(),
    }


def read_plan(plan: dict[str, Any]) -> Plan:
    return Plan(
        timing=Timing(
            wait=timedelta(seconds=plan.get("group_wait", 30)),
            interval=timedelta(seconds=max(SHORTEST_INTERVAL, plan.get("group_interval", 300))),
            repeat=timedelta(seconds=plan.get("repeat_interval", 4 * 3600)),
            sends_resolved=plan.get("sends_resolved", True),
        ),
        mails_members=plan.get("mails_members", False),
        tells_nobody=plan.get("tells_nobody", False),
        channel_ids=tuple(plan.get("channels", ())),
        quiet_ids=tuple(plan.get("quiet_hours", ())),
        reminder_after=timedelta(seconds=plan.get("reminder_after") or 0),
        unacknowledge_after=timedelta(seconds=plan.get("unacknowledge_after") or 0),
        policy=from_json(plan["policy"]) if plan.get("policy") else None,
    )
