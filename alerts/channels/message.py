"""What a channel is given: finished words and plain values. A channel knows no alert, no route and no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Event = Literal["firing", "acknowledged", "resolved", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """One alert of a message. `link` is absolute and leads to what it is about; empty: nothing."""

    id: int
    title: str
    message: str
    severity: str
    category: str
    state: str
    environment: str
    count: int
    starts_at: datetime
    resolved_at: datetime | None = None
    ending: str = ""
    source: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notification in words and values: of one alert, or of a group of them.

    `dedup_key` is the same for every message about one group, so that a receiver can join them (PagerDuty, mail
    threads).
    `idempotency_key` is the same for each attempt of one notification. `why` says why this receiver is told,
    `next_step` who is told next and when; both may be empty. URLs are absolute; `acknowledge_url` and `resolve_url` are
    signed for the receiver and empty where there is nothing to do. `held`: what was not told since the last message.
    """

    event: Event
    headline: str
    text: str = ""  # a channel's own words, from its template; empty: the usual ones
    severity: str
    project: str
    environment: str
    alerts: tuple[AlertFacts, ...]
    more_alerts: int = 0  # of the group, not in `alerts`
    likely_cause: str = ""
    why: str = ""
    next_step: str = ""
    held: str = ""
    starts_at: datetime
    ended_at: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    dedup_key: str
    idempotency_key: str
    may_be_repeat: bool = False
    is_simulated: bool = False
    url: str
    acknowledge_url: str = ""
    resolve_url: str = ""

    @property
    def has_ended(self) -> bool:
        return self.event == "resolved"

    @property
    def place(self) -> str:
        return f"{self.project} {self.environment}".strip()

    @property
    def repeat_mark(self) -> str:
        return " (possible repeat)" if self.may_be_repeat else ""
