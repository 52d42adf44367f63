"""The filters of the list of alerts, as its address names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.matchers import Matcher
from alerts.models import Alert
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.alerting.matching import read_matchers
from tradewatch.errors.assignees import named_assignee
from tradewatch.projects.models import Team

HELD = "held"
STATES = (
    ("", "Open"),
    (AlertState.FIRING.value, "Firing"),
    (AlertState.ACKNOWLEDGED.value, "Acknowledged"),
    (HELD, "Held"),
    (AlertState.RESOLVED.value, "Ended"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: all. `matchers` are those of `match`, none where it cannot be read: `faults` say why, by field."""

    state: str
    severity: str
    category: str
    owner: str
    match: str
    matchers: tuple[Matcher, ...]
    faults: Mapping[str, str]

    @property
    def is_ended(self) -> bool:
        return self.state == AlertState.RESOLVED

    @property
    def is_any(self) -> bool:
        return any((self.severity, self.category, self.owner, self.match))

    def values(self, **changes: str) -> dict[str, str]:
        """Return what names these filters in an address, with `changes`."""
        named = {
            "state": self.state,
            "severity": self.severity,
            "category": self.category,
            "owner": self.owner,
            "match": self.match,
        }
        return {name: value for name, value in {**named, **changes}.items() if value}


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Return the filters; a choice that there is not is left out, as a link of another version may have it."""
    match = asked.get("match", "")[:4000].strip()
    matchers, fault = read_matchers(match)
    return Filters(
        state=_one_of(asked.get("state", ""), [value for value, _ in STATES]),
        severity=_one_of(asked.get("severity", ""), AlertSeverity.values),
        category=_one_of(asked.get("category", ""), AlertCategory.values),
        owner=asked.get("owner", "")[:160],
        match=match,
        matchers=matchers,
        faults={"match": fault} if fault else {},
    )


def narrow(alerts: QuerySet[Alert], filters: Filters, actor: Actor) -> QuerySet[Alert]:
    """Return the alerts that the database can choose; matchers and what holds them are asked of each row."""
    if filters.is_ended or filters.state in (AlertState.FIRING, AlertState.ACKNOWLEDGED):
        alerts = alerts.filter(state=filters.state)
    else:
        alerts = alerts.exclude(state=AlertState.RESOLVED)
    chosen: dict[str, Any] = {"severity": filters.severity, "category": filters.category}
    alerts = alerts.filter(**{name: value for name, value in chosen.items() if value})
    return alerts.filter(_owned_by(filters.owner, actor)) if filters.owner else alerts


def _owned_by(owner: str, actor: Actor) -> Q:
    """Return the condition; somebody who is not there owns nothing."""
    if owner == "none":
        return Q(assignee=None, team=None)
    try:
        found = named_assignee(owner, actor)
    except Invalid:
        return Q(pk=None)
    if isinstance(found, Team):
        return Q(team=found)
    if owner == "me" and found is not None:
        return Q(assignee=found) | Q(team__in=found.teams.all())  # by a join a team of three would list it three times
    return Q(assignee=found)


def _one_of(value: str, choices: list[str]) -> str:
    return value if value in choices else ""
