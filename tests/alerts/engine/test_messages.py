"""Groups speak at their own times: what is told when, to whom, and with which reason."""

from datetime import timedelta

import pytest
from django.core import mail

from alerts.choices import AlertSeverity, GroupState
from alerts.models import Alert, AlertGroup, GroupMember, Notification, Route
from alerts.services.ending import end_alert
from alerts.services.opening import open_many
from tests.alerts.builders import NOW, make_alert, make_trigger, story
from tests.alerts.engine.builders import at, group, root, said
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db
DESK = "desk@example.com"
CRITICAL = AlertSeverity.CRITICAL


def end(alert: Alert) -> None:
    alert.refresh_from_db()
    end_alert(alert, ending=f"Ended: {alert.title}, 1 min", why="It is over.", by="TradeWatch", now=NOW)


def subjects() -> list[str]:
    return [message.subject.split(" · ")[0] for message in mail.outbox]


def test_the_first_message_waits_for_group_wait_and_tells_all_that_joined() -> None:
    make_alert(dedup_key="disk:1")
    at(10)
    make_alert(dedup_key="disk:2", title="Disk 98% full")
    at(29)
    assert said() == []
    at(30)
    assert said() == [(DESK, 1, "sent")]
    assert subjects() == ["[error] Disk 97% full and 1 other"]
    assert "First message of the group, 30 s after the first alert: 2 alerts. To desk@example.com." in story(
        Alert.objects.first()
    )


def test_a_critical_alert_waits_for_nothing() -> None:
    make_alert(severity=CRITICAL)
    at(0)
    assert said() == [(DESK, 1, "sent")]
    assert "First message, at once: it is critical. To desk@example.com." in story(Alert.objects.get())


def test_a_newcomer_is_told_at_the_next_interval_and_nothing_else_is_news() -> None:
    make_alert(dedup_key="disk:1")
    at(30)
    make_alert(dedup_key="disk:2", title="Disk 98% full")
    for seconds in (40, 200, 329):
        at(seconds)
    assert len(said()) == 1
    at(330)
    assert len(said()) == 2
    assert "1 new alert joined the group. To desk@example.com." in story(Alert.objects.first())
    for seconds in (630, 930, 4000):
        at(seconds)
    assert len(said()) == 2


def test_the_first_critical_in_a_group_that_knew_lesser_ones_is_told_at_once_and_the_second_waits() -> None:
    make_alert(dedup_key="disk:1")
    at(30)
    make_alert(dedup_key="disk:2", severity=CRITICAL)
    at(50)
    assert len(said()) == 2
    make_alert(dedup_key="disk:3", severity=CRITICAL)
    at(60)
    assert len(said()) == 2
    at(350)
    assert len(said()) == 3


def test_what_still_fires_is_told_again_after_the_repeat_interval() -> None:
    make_alert()
    at(30)
    for seconds in range(330, 4 * 3600 + 30, 300):
        at(seconds)
    assert len(said()) == 1
    at(4 * 3600 + 330)
    assert len(said()) == 2
    assert "Still firing 4 h after the last message. To desk@example.com." in story(Alert.objects.get())


def test_a_partial_end_is_told_where_resolves_are_wanted_and_the_last_one_always() -> None:
    one, two = (make_alert(dedup_key=f"disk:{number}") for number in (1, 2))
    at(30)
    end(one)
    at(330)
    assert subjects()[1] == "[error] Disk 97% full, 1 ended"
    end(two)
    at(630)
    assert subjects()[2].startswith("Ended: Disk 97% full")
    assert group().state == GroupState.FIRING  # one more look closes it
    at(930)
    assert group().state == GroupState.ENDED
    assert (len(said()), len(said("resolved"))) == (2, 1)


def test_without_resolves_a_partial_end_is_no_news_but_the_end_of_all_is() -> None:
    root(sends_resolved=False)
    one, two = (make_alert(dedup_key=f"disk:{number}") for number in (1, 2))
    at(30)
    end(one)
    at(330)
    assert len(mail.outbox) == 1
    end(two)
    at(630)
    assert len(said("resolved")) == 1


def test_what_came_and_went_before_anyone_heard_stays_silent() -> None:
    alert = make_alert()
    at(10)
    end(alert)
    at(30)
    assert not Notification.objects.exists()
    assert group().state == GroupState.ENDED
    assert story(alert)[-1] == "Closed without a message: it came and went before anyone heard of it."


def test_an_alert_that_ended_before_it_was_placed_makes_no_group() -> None:
    end(make_alert())
    at(30)
    assert not AlertGroup.objects.exists()


def test_after_the_end_the_next_alert_opens_a_new_group() -> None:
    end_me = make_alert()
    at(30)
    end(end_me)
    at(330)
    at(630)
    make_alert(at=NOW)
    at(640)
    assert AlertGroup.objects.count() == 2
    assert len(said()) == 2


def test_what_flares_up_again_before_its_end_was_told_is_one_group_and_no_end() -> None:
    end_me = make_alert()
    at(30)
    end(end_me)
    make_alert()
    at(330)
    assert AlertGroup.objects.count() == 1
    assert said("resolved") == []
    assert len(said()) == 2  # the new alert, with the old one's end


def test_groups_follow_the_labels_of_their_route_and_never_cross_projects() -> None:
    other = make_project("other")
    root(group_by=["category"])
    make_alert(dedup_key="a")
    make_alert(dedup_key="b", category="security")
    make_alert(dedup_key="c", project_id=other.pk)
    at(30)
    assert {tuple(labels.items()) for labels in AlertGroup.objects.values_list("labels", flat=True)} == {
        (("project", "default"), ("category", "system")),
        (("project", "default"), ("category", "security")),
        (("project", "other"), ("category", "system")),
    }


def test_grouping_by_alert_makes_one_message_each() -> None:
    root(group_by=["alert"])
    for number in range(3):
        make_alert(dedup_key=f"disk:{number}")
    at(30)
    assert len(said()) == 3


def test_a_route_that_goes_on_makes_a_group_in_each_and_each_speaks_for_itself() -> None:
    top = root()
    Route.objects.create(parent=top, name="Disks", matchers="source=cron", goes_on=True, position=1)
    Route.objects.create(parent=top, name="All errors", matchers="severity=error", position=2, group_wait_seconds=60)
    alert = make_alert()
    at(30)
    assert len(said()) == 1
    at(60)
    assert len(said()) == 2
    assert GroupMember.objects.filter(alert=alert).count() == 2
    assert [text.split(": ")[0] for text in story(alert) if text.startswith("Route")] == [
        "Route All alerts > Disks",
        "Route All alerts > All errors",
    ]


def test_a_route_may_tell_nobody_and_says_so_once() -> None:
    root(tells_nobody=True)
    alert = make_alert()
    for seconds in (30, 330, 15_000):
        at(seconds)
    assert not Notification.objects.exists()
    assert story(alert).count("Nobody is told: the route All alerts says so.") == 1


def test_raising_an_alert_to_critical_sends_it_through_the_routes_again() -> None:
    top = root()
    Route.objects.create(parent=top, name="Pages", matchers="severity=critical")
    make_alert()
    at(30)
    make_alert(severity=CRITICAL)
    at(40)
    assert AlertGroup.objects.count() == 2
    assert len(said()) == 2
    at(330)  # and who heard of it as an error hears that it became critical
    assert len(said()) == 3


def test_without_any_route_the_projects_people_are_mailed() -> None:
    Route.objects.all().delete()
    make_alert()
    at(30)
    assert said() == [(DESK, 1, "sent")]


@pytest.mark.slow
def test_ten_thousand_alerts_of_a_minute_are_a_handful_of_messages() -> None:
    project_id = make_project().pk
    for second in range(10):
        numbers = range(second * 1_000, second * 1_000 + 1_000)
        moment = NOW + timedelta(seconds=6 * second)
        open_many([make_trigger(project_id=project_id, dedup_key=f"order:{n}", at=moment) for n in numbers], now=moment)
        if second in (0, 5, 9):
            at(6 * second)
    at(330)
    assert Alert.objects.filter(is_unrouted=False, memberships__told_sequence__gt=0).count() == 10_000
    assert len(said()) == 2
    assert subjects() == ["[error] Disk 97% full and 5,999 others", "[error] Disk 97% full and 9,999 others"]
    Alert.objects.update(state="resolved", resolved_at=NOW + timedelta(seconds=400))
    at(630)
    assert (len(said()), len(said("resolved"))) == (2, 1)
    assert AlertGroup.objects.get().ended_sequence
