"""What holds alerts now and what comes next, for lists and answers: read once for many alerts."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from alerts.engine.plans import read_plan
from alerts.engine.surroundings import Surroundings, read_surroundings
from alerts.matchers import Matcher, all_match
from alerts.models import Alert, AlertGroup

MOST_MATCHED = 5_000


class Standings:
    """Answers for one request; what it read at the first question counts for all."""

    @cached_property
    def _around(self) -> Surroundings:
        return read_surroundings(timezone.now())

    def suppressed_by(self, alert: Alert) -> list[str]:
        """Return the reasons why nobody is told of an open alert now; empty: nothing holds it."""
        if not alert.is_open:
            return []
        quiet = {quiet_id for group in open_groups(alert) for quiet_id in read_plan(group.plan).quiet_ids}
        return [one.reason for one in self._around.suppressions_of(alert, sorted(quiet))]


def with_groups(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Fetch with the alerts all that an answer about them reads."""
    return alerts.select_related("project", "team", "rule", "assignee").prefetch_related("memberships__group")


def read_groups(alert: Alert) -> Alert:
    """Fetch with one alert what an answer about it reads of its groups."""
    prefetch_related_objects([alert], "memberships__group")
    return alert


def open_groups(alert: Alert) -> list[AlertGroup]:
    return [member.group for member in alert.memberships.all() if member.group.is_open]


def next_step_at(alert: Alert) -> datetime | None:
    """Return when the escalation of its groups asks the next; None: it does not."""
    if not alert.is_open:
        return None
    return min((group.step_at for group in open_groups(alert) if group.step_at is not None), default=None)


def matching_ids(alerts: Iterable[Alert], matchers: Iterable[Matcher]) -> list[int]:
    """Return the ids of the alerts whose labels meet all matchers: of the first 5,000 that do."""
    wanted, found = tuple(matchers), list[int]()
    for alert in alerts:
        if all_match(wanted, alert.labels):
            found.append(alert.pk)
            if len(found) == MOST_MATCHED:
                break
    return found
