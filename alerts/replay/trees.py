"""Two routing trees over the same past alerts: what each would have told, and what gets lost or later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.replay.messages import PastMessage, RoutedAlert, simulate
from alerts.replay.nights import Night
from alerts.routing import Node


@dataclass(frozen=True, slots=True)
class Count:
    label: str
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class Change:
    """An alert that people would have heard of otherwise. Moments None: not at all."""

    alert: RoutedAlert
    now_at: datetime | None
    then_at: datetime | None
    now_path: str
    then_path: str

    @property
    def by(self) -> timedelta | None:
        return None if self.now_at is None or self.then_at is None else self.then_at - self.now_at


@dataclass(frozen=True, slots=True)
class Comparison:
    counts: Sequence[Count]
    lost: Sequence[Change]
    later: Sequence[Change]
    gained: Sequence[Change]
    moved: Sequence[Change]


def compare(alerts: Sequence[RoutedAlert], now: Node, then: Node, *, until: datetime, night: Night) -> Comparison:
    """Return what changes between the tree of `now` and the one of `then`. Moved: told as before, by another route."""
    today, changed = (simulate(alerts, tree, until=until) for tree in (now, then))
    first_now, first_then = _first_told(today), _first_told(changed)
    changes = [_change(alert, first_now.get(alert.id), first_then.get(alert.id)) for alert in alerts]
    return Comparison(
        counts=[
            Count("Messages", len(today), len(changed)),
            Count("Pages", *(len(_pages(each)) for each in (today, changed))),
            Count("At night", *(sum(night.holds(page.at) for page in _pages(each)) for each in (today, changed))),
        ],
        lost=[each for each in changes if each.now_at and not each.then_at],
        later=[each for each in changes if each.by is not None and each.by > timedelta(0)],
        gained=[each for each in changes if each.then_at and not each.now_at],
        moved=[each for each in changes if each.now_at and each.then_at and each.now_path != each.then_path],
    )


Told = dict[int, tuple[datetime, str]]  # alert id: when it was first told, by which route


def _first_told(messages: Sequence[PastMessage]) -> Told:
    told: Told = {}
    for message in _pages(messages):
        for alert_id in message.alert_ids:
            told.setdefault(alert_id, (message.at, message.path))
    return told


def _change(alert: RoutedAlert, now: tuple[datetime, str] | None, then: tuple[datetime, str] | None) -> Change:
    now_at, now_path = now or (None, "")
    then_at, then_path = then or (None, "")
    return Change(alert, now_at, then_at, now_path, then_path)


def _pages(messages: Sequence[PastMessage]) -> list[PastMessage]:
    return [message for message in messages if message.is_page]
