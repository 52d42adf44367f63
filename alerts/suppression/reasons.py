from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionKind(StrEnum):
    SNOOZED = "snoozed"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    QUIET_HOURS = "quiet_hours"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Suppression:
    """`reason` is a sentence; `until` is when it ends by itself, None where nobody knows."""

    kind: SuppressionKind
    reason: str
    until: datetime | None = None
