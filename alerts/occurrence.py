"""News in alerts' own words: plain values that any producer can hand over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.choices import AlertCategory, AlertSeverity

SIMULATED_EVENT = "simulated.event"  # the kind of news that no rule is about: that it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that may matter. `kind` names it (`issue.new`, `issue.regressed`, `issue.critical`); `fingerprint`
    makes the dedup key of the alert it may open; `count` is how many of it this news stands for."""

    kind: str
    project_id: int
    fingerprint: str
    severity: AlertSeverity
    title: str
    occurred_at: datetime
    category: AlertCategory = AlertCategory.ERROR
    message: str = ""
    link: str = ""
    environment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    simulated: str = ""  # one of `Simulated`
