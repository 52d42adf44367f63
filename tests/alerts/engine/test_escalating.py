"""A policy on a group: who is asked when, what stops it, what only moves it."""

import contextlib
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from alerts.choices import AlertSeverity, GroupState
from alerts.models import Alert, AlertGroup, EscalationPolicy, EscalationStep
from alerts.services import (
    acknowledge_alert,
    acknowledge_group,
    resolve_alert,
    snooze_alert,
    unacknowledge_alert,
)
from tests.alerts.builders import NOW, make_alert, story
from tests.alerts.engine.builders import ANN, BEN, at, group, make_policy, make_silence, root, said
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
CRITICAL = AlertSeverity.CRITICAL


@pytest.fixture(autouse=True)
def _clock_of_services(settings):
    """Services act at NOW + 100 s."""
    settings.ALERT_MAIL_TO = []
    with mock.patch.object(timezone, "now", return_value=NOW + timedelta(seconds=100)):
        yield


def page(*waits: int, **fields: object) -> Alert:
    """Open a critical alert under a policy whose steps wait so long."""
    root(policy=make_policy(*waits, **fields), mails_members=False)
    alert = make_alert(severity=CRITICAL)
    at(0)
    return alert


def asked() -> list[str]:
    return [target for target, _, _ in said()]


def test_each_step_is_taken_once_at_its_time_and_the_timeline_says_who_is_next() -> None:
    alert = page(0, 600)
    for _ in range(3):
        at(0)
    assert asked() == [ANN]
    at(599)
    assert asked() == [ANN]
    at(600)
    assert asked() == [ANN, BEN]
    at(6000)
    assert asked() == [ANN, BEN]
    assert "Step 1 of Desk: ann. Unless somebody acknowledges, step 2 at 15:22 UTC." in story(alert)
    assert "Step 2 of Desk: ben. It was the last step: nobody is asked after it." in story(alert)


def test_it_starts_again_as_often_as_the_policy_says() -> None:
    page(0, 600, repeats=1)
    for seconds in (600, 1200, 1800, 2400, 9000):
        at(seconds)
    assert asked() == [ANN, BEN, ANN, BEN]


def test_an_acknowledgement_stops_it() -> None:
    alert = page(0, 600)
    acknowledge_alert(SYSTEM, alert)
    at(600)
    assert asked() == [ANN]
    assert group().state == GroupState.ACKNOWLEDGED
    assert "Acknowledged by TradeWatch: the escalation stops." in story(alert)


def test_it_runs_on_while_another_alert_of_the_group_waits_for_somebody() -> None:
    alert = page(0, 600)
    make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(50)
    acknowledge_alert(SYSTEM, alert)
    at(600)
    assert asked() == [ANN, BEN]


def test_resolving_ends_it_and_whoever_was_asked_is_told() -> None:
    alert = page(0, 600)
    resolve_alert(SYSTEM, alert)
    at(600)
    assert asked() == [ANN]
    assert [target for target, _, _ in said("resolved")] == [ANN]


def test_the_policy_is_the_one_of_the_groups_opening() -> None:
    page(0, 600)
    EscalationStep.objects.all().delete()
    EscalationPolicy.objects.update(name="Other")
    at(600)
    assert asked() == [ANN, BEN]


def test_a_snooze_moves_the_pending_step_by_its_length() -> None:
    alert = page(0, 600)
    snooze_alert(SYSTEM, alert, NOW + timedelta(seconds=100 + 900))
    at(600)
    assert asked() == [ANN]
    at(1499)
    assert asked() == [ANN]
    at(1500)
    assert asked()[-1] == BEN
    assert any(text.startswith("Snoozed by 15 min: step 2 moves to ") for text in story(alert))


def test_a_step_that_a_silence_holds_is_not_dropped() -> None:
    alert = page(0, 600)
    make_silence(start=100, end=2000)
    at(300)
    at(600)
    at(1999)
    assert asked() == [ANN]
    at(2001)
    assert asked()[-1] == BEN
    assert any("No message. Silenced by ann until" in text for text in story(alert))


def test_who_acknowledged_a_group_takes_what_joins_and_is_no_worse() -> None:
    page(0, 600)
    acknowledge_group(SYSTEM, group())
    make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(400)
    joined = Alert.objects.get(dedup_key="disk:2")
    assert joined.state == "acknowledged"
    assert any(text.startswith("Acknowledged with its group by TradeWatch") for text in story(joined))
    at(5 * 3600)
    assert asked() == [ANN]


def test_what_joins_a_group_whose_alerts_were_acknowledged_one_by_one_asks_anew() -> None:
    alert = page(0, 600)
    acknowledge_alert(SYSTEM, alert)
    make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(400)
    assert asked() == [ANN, ANN]
    assert group().state == GroupState.FIRING


def test_taking_an_acknowledgement_back_asks_anew_at_once() -> None:
    alert = page(0, 600)
    acknowledge_alert(SYSTEM, alert)
    unacknowledge_alert(SYSTEM, alert)
    at(110)
    assert asked() == [ANN, ANN]
    at(710)
    assert asked()[-1] == BEN


def test_an_acknowledgement_reminds_and_then_runs_out() -> None:
    root(reminder_after_seconds=600, unacknowledge_after_seconds=300)
    alert = page(0, 3600)
    acknowledge_alert(SYSTEM, alert)
    at(699)
    assert said("reminder") == []
    at(700)
    assert [target for target, _, _ in said("reminder")] == [ANN]
    at(999)
    assert asked() == [ANN]
    at(1000)
    alert.refresh_from_db()
    assert alert.state == "firing"
    assert asked() == [ANN, ANN]
    assert any(text.startswith("Fires again: acknowledged by TradeWatch 15 min ago") for text in story(alert))


def test_what_is_left_of_a_group_when_the_rest_ended_reminds_too() -> None:
    root(reminder_after_seconds=600, unacknowledge_after_seconds=300)
    alert = page(0, 3600)
    other = make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(50)
    acknowledge_alert(SYSTEM, alert)
    at(110)
    assert group().state == GroupState.FIRING
    resolve_alert(SYSTEM, other)
    at(400)
    assert (group().state, group().acknowledged_by, group().acknowledgement) == ("acknowledged", "TradeWatch", 1)
    at(699)
    assert said("reminder") == []
    at(700)
    assert [target for target, _, _ in said("reminder")] == [ANN]
    at(1000)
    alert.refresh_from_db()
    assert alert.state == "firing"
    assert asked() == [ANN, ANN]


def test_what_somebody_took_before_it_found_its_group_is_not_forgotten() -> None:
    root(policy=make_policy(0, 3600), mails_members=False, reminder_after_seconds=600, unacknowledge_after_seconds=300)
    alert = make_alert(severity=CRITICAL)
    acknowledge_alert(SYSTEM, alert)
    at(110)
    assert (asked(), group().state, group().acknowledged_by) == ([], "acknowledged", "TradeWatch")
    for seconds in (700, 999):
        at(seconds)
    assert asked() == []
    at(1000)
    alert.refresh_from_db()
    assert (alert.state, asked()) == ("firing", [ANN])


def test_an_acknowledgement_goes_on_counting_when_what_joined_ends() -> None:
    root(unacknowledge_after_seconds=900)
    alert = page(0, 3600)
    acknowledge_alert(SYSTEM, alert)
    other = make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(400)
    assert group().state == GroupState.FIRING
    resolve_alert(SYSTEM, other)
    at(700)
    assert (group().state, group().acknowledgement) == ("acknowledged", 1)
    at(1000)
    alert.refresh_from_db()
    assert alert.state == "firing"


def test_the_timer_of_an_earlier_acknowledgement_does_nothing() -> None:
    root(unacknowledge_after_seconds=300)
    alert = page(0, 3600)
    acknowledge_alert(SYSTEM, alert)
    unacknowledge_alert(SYSTEM, alert)
    acknowledge_alert(SYSTEM, alert)
    AlertGroup.objects.update(timer_of=1, timer_kind="fires_again", timer_at=NOW + timedelta(seconds=200))
    at(200)
    alert.refresh_from_db()
    assert (alert.state, group().acknowledgement, group().timer_at) == ("acknowledged", 2, None)


# --- a worker that dies ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dies_in", ["telling.note", "stepping.note", "outbox.kick"])
def test_a_look_that_dies_midway_decides_nothing_and_the_next_decides_once(dies_in: str) -> None:
    root(policy=make_policy(0, 600), mails_members=False)
    alert = make_alert(severity=CRITICAL)
    with mock.patch(f"alerts.engine.{dies_in}", side_effect=RuntimeError("killed")), contextlib.suppress(RuntimeError):
        at(0)
    at(1)
    at(2)
    assert asked() == [ANN]
    assert sum(text.startswith("First message") for text in story(alert)) == 1
    assert sum(text.startswith("Step 1 of Desk") for text in story(alert)) == 1
