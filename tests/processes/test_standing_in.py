"""What a web process does while the clock stands, by clocks of the test's own. On a real server: walks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail

from alerts.engine.turning import turn
from alerts.models import Alert, AlertRule, Notification, OccurrenceRecord
from tests.projects.builders import make_project
from tradewatch.core import pulse
from tradewatch.metrics.models import Metric
from tradewatch.processes.standing_in import StandIn, lateness
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last", "late"),
    [(None, None), (NOW, timedelta()), (NOW - 90 * SECOND, 90 * SECOND), (NOW + 61 * SECOND, None)],
)
def test_how_late_the_clock_is(last: datetime | None, late: timedelta | None) -> None:
    assert lateness(last, NOW) == late


@pytest.fixture
def first(db: None, inbox: Path, settings) -> Project:
    settings.ALERT_MAIL_TO = ["ops@desk.example"]
    return make_project("first")


@pytest.fixture
def watching(first: Project) -> StandIn:
    """A web process that has seen the clock run, a moment ago."""
    found = StandIn()
    pulse.beat(NOW)
    assert not found.look(NOW + SECOND)
    return found


def test_it_tells_once_and_takes_it_back(watching: StandIn) -> None:
    assert not watching.look(NOW + 60 * SECOND)
    assert not Alert.objects.exists()
    for seconds in (61, 64, 77, 95, 300):
        assert watching.look(NOW + seconds * SECOND)
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.state) == ("TradeWatch's clock stands", "critical", "firing")
    assert alert.link == "/system#clock_age_seconds"
    assert len(mail.outbox) == 1 and "last ran 1 min ago" in str(mail.outbox[0].body)
    assert OccurrenceRecord.objects.count() == 1
    watching.look(NOW + 1000 * SECOND)
    assert OccurrenceRecord.objects.count() == 2, "after a quarter of an hour again: its count says that it goes on"
    pulse.beat(NOW + 1010 * SECOND)
    assert not watching.look(NOW + 1012 * SECOND)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_what_leaves_is_said_to_leave_after_what_the_round_did_before(
    watching: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 1000.0

    def slow_turn(now: datetime) -> int:
        nonlocal passed
        passed += 8
        return turn(now)

    monkeypatch.setattr("tradewatch.processes.standing_in.time.monotonic", lambda: passed)
    monkeypatch.setattr("tradewatch.processes.standing_in.turn", slow_turn)
    watching.look(NOW + 100 * SECOND)
    assert Notification.objects.get().sent_at == NOW + 108 * SECOND


def test_the_measures_are_kept_meanwhile(watching: StandIn) -> None:
    assert not Metric.objects.exists()
    watching.look(NOW + 100 * SECOND)
    assert Metric.objects.filter(name="tradewatch.seconds").exists()


def test_of_many_web_processes_one_does_a_round(watching: StandIn) -> None:
    other = StandIn()
    other.look(NOW + SECOND)
    watching.look(NOW + 100 * SECOND)
    points = Metric.objects.get(name="tradewatch.bytes").points
    assert other.look(NOW + 102 * SECOND)
    assert Metric.objects.get(name="tradewatch.bytes").points == points
    assert other.look(NOW + 116 * SECOND)
    assert Metric.objects.get(name="tradewatch.bytes").points == 2 * points


def test_after_a_start_the_clock_has_a_minute(first: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    started = 1000.0
    monkeypatch.setattr("tradewatch.processes.standing_in.time.monotonic", lambda: started)
    found = StandIn()
    pulse.beat(NOW - timedelta(hours=9))  # of before the night
    assert not found.look(NOW) and not Alert.objects.exists()
    started += 61
    assert found.look(NOW + 61 * SECOND) and Alert.objects.count() == 1


def test_with_its_rule_off_nobody_is_told(watching: StandIn) -> None:
    AlertRule.objects.filter(kind="clock").update(is_enabled=False)
    watching.look(NOW + 100 * SECOND)
    assert not Alert.objects.exists() and not mail.outbox
