"""What holds messages back is recorded with its reason, and told when it is over; the end is told whatever held."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from alerts.choices import AlertSeverity
from alerts.models import Alert, Inhibition, MaintenanceWindow, QuietHours
from alerts.services import change_silence, expire_silence, open_silence, snooze_alert
from alerts.services.ending import end_alert
from tests.alerts.builders import NOW, make_alert, story
from tests.alerts.engine.builders import at, group, make_silence, root, said
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Conflict, Invalid

pytestmark = pytest.mark.django_db
CRITICAL = AlertSeverity.CRITICAL


@pytest.fixture
def clock():
    """The clock of services, moved by assigning `return_value`."""
    with mock.patch.object(timezone, "now", return_value=NOW) as now:
        yield now


def end(alert: Alert) -> None:
    alert.refresh_from_db()
    end_alert(alert, ending=f"Ended: {alert.title}", why="It is over.", by="TradeWatch", now=NOW)


def test_a_silenced_alert_is_recorded_and_told_when_the_silence_ends() -> None:
    make_silence(end=3600)
    alert = make_alert()
    at(30)
    make_alert()
    at(3599)
    assert said() == []
    assert Alert.objects.get().count == 2
    at(3600)
    assert len(said()) == 1
    told = story(alert)
    assert "No message. Silenced by ann until 16:12 UTC: venue maintenance." in told
    assert "No longer held, it still fires. It was: Silenced by ann until 16:12 UTC: venue maintenance." in told
    assert any("Told now because what held it is over: Silenced by ann" in text for text in told)


def test_what_ends_while_it_is_silenced_and_unheard_stays_silent() -> None:
    make_silence()
    alert = make_alert()
    at(30)
    end(alert)
    at(3600)
    assert (said(), said("resolved")) == ([], [])


def test_whoever_was_told_hears_the_end_whatever_was_silenced_in_between() -> None:
    alert = make_alert()
    at(30)
    make_silence(start=60, end=7200)
    at(330)
    end(alert)
    at(630)
    assert len(said("resolved")) == 1


def test_the_end_of_all_that_was_told_is_told_though_another_is_silenced_and_open() -> None:
    one = make_alert(dedup_key="disk:1")
    at(30)
    make_silence(start=40, matchers="alert=disk:2")
    make_alert(dedup_key="disk:2")
    at(330)
    end(one)
    at(630)
    assert (len(said()), len(said("resolved"))) == (1, 1)
    at(3630)
    assert len(said()) == 2  # the silence is over, the other still fires


def test_a_told_alert_that_was_silenced_is_told_again_at_the_tick_after_the_silence() -> None:
    make_alert()
    at(30)
    make_silence(start=40, end=400)
    at(330)
    at(400)
    assert len(said()) == 1
    at(630)
    assert len(said()) == 2


def test_a_warning_comes_before_a_silence_ends_over_a_firing_alert() -> None:
    make_silence(end=3600)
    alert = make_alert()
    at(30)
    at(3600 - 15 * 60 - 1)
    assert not any("this still fires" in text for text in story(alert))
    for seconds in (3600 - 15 * 60, 3600 - 14 * 60):
        at(seconds)
    warning = "The silence of ann ends at 16:12 UTC and this still fires: it is told then, 1 alert in all."
    assert story(alert).count(warning) == 1


def test_ending_a_silence_by_hand_tells_at_once(clock: mock.Mock) -> None:
    silence = make_silence(end=36_000, project=make_project())
    make_alert()
    at(30)
    clock.return_value = NOW + timedelta(seconds=100)
    expire_silence(SYSTEM, silence)
    at(101)
    assert len(said()) == 1
    with pytest.raises(Conflict):
        expire_silence(SYSTEM, silence)


def test_a_new_silence_shows_on_what_it_holds_at_once(clock: mock.Mock) -> None:
    alert = make_alert()
    at(10)
    silence = make_silence()
    silence.pk = None
    open_silence(SYSTEM, silence)
    at(12)
    assert any("Silenced by TradeWatch until" in text for text in story(alert))


def test_other_matchers_end_an_active_silence_and_open_a_new_one(clock: mock.Mock) -> None:
    clock.return_value = NOW + timedelta(seconds=60)
    old = make_silence()
    new = change_silence(SYSTEM, old, matchers="source=batch")
    old.refresh_from_db()
    assert (old.matchers, old.ends_at, new.replaces, new.starts_at) == (
        "source=cron",
        NOW + timedelta(seconds=60),
        old,
        NOW + timedelta(seconds=60),
    )
    longer = change_silence(SYSTEM, new, ends_at=NOW + timedelta(days=1))
    assert (longer.pk, longer.ends_at) == (new.pk, NOW + timedelta(days=1))
    pending = make_silence(start=600)
    assert change_silence(SYSTEM, pending, matchers="a=b").pk == pending.pk
    with pytest.raises(Conflict):
        change_silence(SYSTEM, old, comment="again")
    with pytest.raises(Invalid) as refused:
        change_silence(SYSTEM, pending, matchers='a=~"("')
    assert "not a regular expression" in refused.value.errors["matchers"][0]


def test_an_inhibited_alert_waits_for_its_source() -> None:
    Inhibition.objects.create(name="Venue down", source="source=venue", target="source=cron", equal=["project"])
    venue = make_alert(dedup_key="venue", source="venue", category="business", title="LMAX is down")
    order = make_alert(dedup_key="order")
    at(30)
    assert len(said()) == 1
    assert f"No message. Inhibited by Venue down: ALERT-{venue.pk} LMAX is down is open." in story(order)
    end(venue)
    at(331)
    assert len(said()) == 2


def test_quiet_hours_hold_what_is_not_critical_until_they_end() -> None:
    # NOW is 15:12:30 UTC
    quiet = QuietHours.objects.create(name="Lunch", windows=[{"times": ["15:00-15:30"], "zone": "UTC"}])
    root().quiet_hours.add(quiet)
    alert = make_alert()
    make_alert(dedup_key="fire", severity=CRITICAL)
    at(30)
    assert len(said()) == 1
    (held,) = [text for text in story(alert) if text.startswith("No message. Held by quiet hours Lunch")]
    assert held.endswith("until 15:30 UTC; critical would pass.")
    at(18 * 60)
    assert len(said()) == 2


def test_maintenance_holds_what_matches_once_and_recurring() -> None:
    minute = timedelta(minutes=1)
    MaintenanceWindow.objects.create(name="Upgrade", matchers="source=cron", starts_at=NOW, ends_at=NOW + 20 * minute)
    MaintenanceWindow.objects.create(
        name="Mondays", matchers="source=batch", windows=[{"weekdays": ["monday"], "times": ["15:00-16:00"]}]
    )
    cron, batch = make_alert(), make_alert(dedup_key="b", source="batch")
    other = make_alert(dedup_key="c", source="api", category="business")
    at(30)
    assert len(said()) == 1
    assert "No message. Maintenance Upgrade until 15:32 UTC." in story(cron)
    assert "No message. Maintenance Mondays until 16:00 UTC." in story(batch)
    assert not any(text.startswith("No message") for text in story(other))
    at(20 * 60)
    assert len(said()) == 2


def test_a_snoozed_alert_is_told_when_it_wakes_and_waking_it_by_hand_tells_at_once(clock: mock.Mock) -> None:
    alert = make_alert()
    snooze_alert(SYSTEM, alert, NOW + timedelta(hours=1), "lunch")
    at(30)
    assert said() == []
    assert "Snoozed by TradeWatch until 16:12 UTC: lunch" in story(alert)
    clock.return_value = NOW + timedelta(seconds=600)
    snooze_alert(SYSTEM, alert, NOW)
    at(601)
    assert len(said()) == 1
    assert group().told_at == NOW + timedelta(seconds=601)
    with pytest.raises(Invalid):
        snooze_alert(SYSTEM, alert, NOW + timedelta(days=31))


def test_an_alert_ends_by_itself_when_nothing_triggers_it_for_its_rules_time() -> None:
    alert = make_alert(expires_after=timedelta(minutes=10))
    make_alert(expires_after=timedelta(minutes=10), at=NOW + timedelta(minutes=5))
    at(30)
    at(14 * 60)
    alert.refresh_from_db()
    assert alert.is_open
    at(15 * 60)
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_by) == ("resolved", "TradeWatch")
    assert "Nothing for 10 min." in story(alert)[-1] or any("Nothing for 10 min." in text for text in story(alert))
    at(20 * 60)
    assert len(said("resolved")) == 1
