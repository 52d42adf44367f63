"""Groups for tests: a clock that starts at NOW, a policy of two people, and what was said to whom."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.models import (
    AlertGroup,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Notification,
    Route,
    Silence,
)
from tests.alerts.builders import NOW

ANN, BEN = "ann@example.com", "ben@example.com"


def at(seconds: float) -> int:
    """Let everything happen that is due so long after NOW, deliveries too."""
    moment = NOW + timedelta(seconds=seconds)
    moved = turn(moment)
    deliver_due(moment)
    return moved


def person(name: str) -> User:
    address = f"{name}@example.com"
    return User.objects.get_or_create(username=name, defaults={"email": address, "is_staff": True})[0]


def make_policy(*waits: int, repeats: int = 0, people: tuple[str, ...] = ("ann", "ben")) -> EscalationPolicy:
    """Return a policy whose steps wait so many seconds and ask one person each."""
    policy = EscalationPolicy.objects.create(name="Desk", repeats=repeats)
    for position, wait in enumerate(waits):
        step = EscalationStep.objects.create(policy=policy, position=position, wait_seconds=wait)
        EscalationTarget.objects.create(step=step, kind="user", user=person(people[position % len(people)]))
    return policy


def root(**fields: Any) -> Route:
    Route.objects.filter(parent=None).update(**fields)
    return Route.objects.get(parent=None)


def group() -> AlertGroup:
    return AlertGroup.objects.get()


def said(event: str = "firing") -> list[tuple[str, int, str]]:
    """Return (to whom, sequence, state) of each notification, in order."""
    rows = Notification.objects.filter(event=event).order_by("id")
    return list(rows.values_list("target", "sequence", "state"))


def make_silence(*, start: float = 0, end: float = 3600, matchers: str = "source=cron", **fields: Any) -> Silence:
    values = {"comment": "venue maintenance", "created_by": "ann", **fields}
    return Silence.objects.create(
        matchers=matchers,
        starts_at=NOW + timedelta(seconds=start),
        ends_at=NOW + timedelta(seconds=end),
        **values,
    )
