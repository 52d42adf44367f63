"""What the watchdog finds and mends within two minutes, and the word that it sends outside."""

import logging
import threading
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.choices import AlertSeverity
from alerts.engine import watchdog
from alerts.engine.watchdog import watch
from alerts.models import Alert, AlertGroup, TimelineEntry
from alerts.services import acknowledge_alert
from tests.alerts.builders import NOW, make_alert, story
from tests.alerts.engine.builders import ANN, BEN, at, group, make_policy, root, said
from tradewatch.core.actors import SYSTEM
from tradewatch.processes.beat import SCHEDULE

pytestmark = pytest.mark.django_db
BEAT = int(SCHEDULE["alerts.tasks.watch"]["schedule"])


def after(seconds: float):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.ALERT_MAIL_TO = []
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]


def page(*waits: int, **route: object) -> Alert:
    """Open a critical alert under a policy whose steps wait so long, and ask the first."""
    root(policy=make_policy(*waits), mails_members=False, **route)
    alert = make_alert(severity=AlertSeverity.CRITICAL)
    at(0)
    return alert


def asked() -> list[str]:
    return [target for target, _, _ in said()]


def found_at(start: int = 0) -> int | None:
    """Let the watchdog alone look on its beat; return how many seconds after `start` it found something."""
    for seconds in range(start + BEAT, start + 301, BEAT):
        if watch(after(seconds)):
            return seconds - start
    return None


# --- groups ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "lost",
    [
        {"next_due_at": None},
        {"next_due_at": None, "look_at": None},
        {"next_due_at": None, "look_at": None, "step_at": None},
        {"step_at": None},
    ],
)
def test_a_timer_that_is_lost_is_found_within_two_minutes_and_said(lost: dict[str, None]) -> None:
    alert = page(0, 10)
    AlertGroup.objects.update(**lost)
    seconds = found_at()
    assert seconds is not None and seconds <= 120
    assert [text for text in story(alert) if text.startswith("Watchdog: ")]
    at(seconds)
    assert asked() == [ANN, BEN]  # what was due meanwhile is done, once
    assert group().next_due_at is not None
    assert watch(after(seconds + BEAT)) == 0


def test_a_group_that_was_due_and_that_nobody_looked_at_is_found_within_two_minutes() -> None:
    alert = page(0, 60)
    seconds = found_at(60)  # its second step was due then
    assert seconds is not None and seconds <= 120
    at(60 + seconds)
    assert asked() == [ANN, BEN]
    assert any("ago and nobody had looked. Looked at again now." in text for text in story(alert))


def test_a_first_look_that_is_lost_is_found_before_anybody_was_told() -> None:
    root(policy=make_policy(0, 600), mails_members=False)
    make_alert()  # waits for its group_wait
    at(0)
    AlertGroup.objects.update(next_due_at=None, look_at=None)
    seconds = found_at()
    assert seconds is not None and seconds <= 120
    at(seconds + 1)
    assert asked() == [ANN]


@pytest.mark.parametrize(("kind", "due"), [("reminder", 600), ("fires_again", 1500)])
def test_the_timer_of_an_acknowledgement_gets_its_moment_again(kind: str, due: int) -> None:
    alert = page(0, 60, reminder_after_seconds=600, unacknowledge_after_seconds=900)
    with mock.patch.object(timezone, "now", return_value=NOW):
        acknowledge_alert(SYSTEM, alert)
    AlertGroup.objects.update(timer_at=None, timer_kind=kind)
    assert watch(after(BEAT)) == 1
    assert group().timer_at == after(due)


def test_an_old_timer_of_which_nothing_is_known_runs_out_at_once_and_is_found_once() -> None:
    page(0, 600)
    AlertGroup.objects.update(timer_at=None, timer_kind="reminder")
    assert watch(after(BEAT)) == 1
    assert (group().timer_kind, watch(after(2 * BEAT))) == ("", 0)


def test_what_has_stopped_on_purpose_is_left_alone() -> None:
    page(0, 600)
    at(601)
    assert (group().step, watch(after(601 + BEAT))) == (None, 0)
    assert not TimelineEntry.objects.filter(kind="watchdog").exists()


def test_an_alert_without_a_group_goes_through_the_routes_again() -> None:
    alert = page(0, 600)
    AlertGroup.objects.all().delete()
    assert watch(after(10)) == 1
    at(12)
    assert asked() == [ANN]
    assert any("Watchdog: it was in no group." in text for text in story(alert))


# --- the dead man's switch ---------------------------------------------------------------------------------------
def test_the_switch_is_called_each_time_and_its_refusal_is_only_logged(
    settings, httpserver: HTTPServer, caplog
) -> None:
    settings.DEADMAN_URL = httpserver.url_for("/ping/7")
    httpserver.expect_ordered_request("/ping/7", method="POST").respond_with_data("")
    httpserver.expect_ordered_request("/ping/7", method="POST").respond_with_data("", status=500)
    assert (watch(NOW), watch(after(BEAT))) == (0, 0)
    httpserver.check()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == ["dead man's switch not reached error=HTTPStatusError"]  # the URL is as good as a key


@pytest.mark.parametrize("url", ["http://10.1.2.3/ping", "http://127.0.0.1:1/ping", "http://["])
def test_a_switch_that_cannot_be_called_stops_nothing(settings, url: str) -> None:
    settings.DEADMAN_URL = url
    assert watch(NOW) == 0


def test_a_switch_that_hangs_or_drips_stalls_nothing(settings, httpserver: HTTPServer, monkeypatch) -> None:
    monkeypatch.setattr(watchdog, "PING_TIMEOUT_SECONDS", 0.2)
    settings.DEADMAN_URL = httpserver.url_for("/ping")
    stop = threading.Event()

    def hang(request: Request) -> Response:
        stop.wait(30)
        return Response("late")

    def drip(request: Request) -> Response:
        return Response((b"x" for _ in iter(lambda: stop.wait(0.05), True)), 200)

    alert = page(0, 10)
    for number, slow in enumerate((hang, drip), 1):
        httpserver.clear()
        httpserver.expect_request("/ping").respond_with_handler(slow)
        AlertGroup.objects.update(next_due_at=None)
        assert watch(after(number * BEAT)) == 1
        assert not stop.is_set()  # it did not wait for the end of the answer
    stop.set()
    at(2 * BEAT)
    assert asked() == [ANN, BEN]
    assert sum(text.startswith("Watchdog: ") for text in story(alert)) == 2
