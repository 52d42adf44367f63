"""Alerts of the past through a tree: the messages that people would have had."""

from datetime import UTC, datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.matchers import parse_matchers
from alerts.replay.messages import PastMessage, RoutedAlert, simulate
from alerts.routing import Node, Settings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROOT = Node(id=1, name="Everything", settings=Settings(mails_members=True))


def past(number: int, *, at: float = 0, ends: float | None = None, acknowledged: float | None = None, **labels: str):
    return RoutedAlert(
        id=number,
        title=f"Alert {number}",
        labels={"project": "desk", "category": "error", "severity": "error", **labels},
        severity=AlertSeverity(labels.get("severity", "error")),
        starts_at=NOON + at * MINUTE,
        ended_at=None if ends is None else NOON + ends * MINUTE,
        acknowledged_at=None if acknowledged is None else NOON + acknowledged * MINUTE,
    )


def told(*alerts: RoutedAlert, root: Node = ROOT, hours: float = 2) -> list[tuple[float, tuple[int, ...], bool]]:
    messages = simulate(alerts, root, until=NOON + hours * HOUR)
    return [((each.at - NOON) / MINUTE, each.alert_ids, each.is_end) for each in messages]


def test_the_first_message_waits_for_others_and_the_end_is_told() -> None:
    assert told(past(1, ends=20), past(2, at=0.25, ends=12)) == [
        (0.5, (1, 2), False),
        (15.5, (2,), False),
        (20.5, (1,), True),
    ]


def test_a_critical_alert_waits_for_nothing() -> None:
    assert told(past(1, severity="critical", ends=1))[0] == (0.0, (1,), False)


def test_what_came_and_went_unheard_stays_silent() -> None:
    assert told(past(1, ends=0.25)) == []


def test_what_joins_is_told_at_the_next_interval() -> None:
    assert told(past(1), past(2, at=1), hours=0.2) == [(0.5, (1,), False), (5.5, (2,), False)]


def test_what_fires_on_is_repeated_until_it_is_acknowledged() -> None:
    messages = told(past(1, acknowledged=9 * 60), hours=24)
    assert [minute for minute, _, _ in messages] == [0.5, 240.5, 480.5]


def test_a_key_that_fires_again_later_is_a_new_group() -> None:
    assert told(past(1, ends=10), past(2, at=60, ends=70)) == [
        (0.5, (1,), False),
        (10.5, (1,), True),
        (60.5, (2,), False),
        (70.5, (2,), True),
    ]


def test_routes_part_and_a_route_that_tells_nobody_pages_nobody() -> None:
    quiet = Node(id=2, name="Batch", matchers=parse_matchers("environment=batch"), settings=Settings(tells_nobody=True))
    root = Node(id=1, name="Everything", settings=Settings(mails_members=True), children=(quiet,))
    messages: list[PastMessage] = simulate(
        [past(1, environment="batch"), past(2, environment="production")], root, until=NOON + HOUR
    )
    assert [(each.path, each.is_page) for each in messages] == [("Everything > Batch", False), ("Everything", True)]


def test_a_month_of_one_firing_alert_is_quick_and_bounded() -> None:
    assert len(told(past(1), hours=30 * 24)) == 180


def test_ten_thousand_alerts_in_a_minute_are_a_handful_of_messages() -> None:
    alerts = [past(number, at=number / 10_000, ends=30) for number in range(10_000)]
    assert len(told(*alerts)) <= 3
