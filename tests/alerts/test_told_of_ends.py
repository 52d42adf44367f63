"""Whoever was told is told of the end, once, whatever dies: the store is put into each state in between."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as options
from django.db import connection, transaction

from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.choices import AlertSeverity
from alerts.delivery import build_message, claim_next, deliver_due, send, settle
from alerts.delivery.claiming import LEASE, settle_expired_leases
from alerts.delivery.settling import drop_as_over
from alerts.engine.turning import turn
from alerts.models import Alert, AlertGroup, Notification, Route
from alerts.services.ending import end_alert
from tests.alerts.builders import NOW, make_alert, states, story
from tests.alerts.engine.builders import ANN, at, make_policy, root
from tests.alerts.mailbox import Mailbox, part, subject
from tests.backends import wait_until

pytestmark = pytest.mark.django_db
CRITICAL, ERROR = AlertSeverity.CRITICAL, AlertSeverity.ERROR
SENT = Outcome(is_sent=True, answer="250 taken")
REFUSED = Outcome(is_sent=False, answer="451 later")
only_postgres = pytest.mark.skipif(not options.IS_POSTGRES, reason="SQLite has one writer: nothing happens in between")


@pytest.fixture(autouse=True)
def _one_reader_at_once(settings: Any) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    Route.objects.get_or_create(parent=None, defaults={"name": "All alerts"})  # a test with transactions empties it
    root(mails_members=True, group_by=["project", "category"], group_wait_seconds=0, group_interval_seconds=10)


def moment(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def end(alert: Alert) -> None:
    alert.refresh_from_db()
    end_alert(alert, ending=f"Ended: {alert.title}", why="It is over.", by="TradeWatch", now=NOW)


def claimed(seconds: float) -> Notification:
    row = claim_next(moment(seconds))
    assert row is not None
    return row


def on_its_way() -> tuple[Notification, Message]:
    """Return a row that a worker holds, with the message that it has worded."""
    row = claimed(0)
    message = build_message(row, now=NOW)
    assert message is not None
    return row, message


def subjects(mailbox: Mailbox) -> list[str]:
    return [subject(mail).partition(" · ")[0] for mail in mailbox.mails]


# --- the end's own worker dies, or is slow -------------------------------------------------------------------------
@pytest.mark.parametrize("severity", [CRITICAL, ERROR])
def test_an_end_whose_worker_is_lost_is_sent_again(mailbox: Mailbox, severity: AlertSeverity) -> None:
    alert = make_alert(severity=severity)
    at(0)
    end(alert)
    turn(moment(10))
    assert claimed(10).event == "resolved"  # and the worker is gone
    at(10 + LEASE.total_seconds() + 1)
    assert states("resolved") == ["sent"]
    assert subjects(mailbox)[1].startswith("Ended: Disk 97% full") and len(mailbox.mails) == 2
    assert subject(mailbox.mails[1]).endswith("(possible repeat)")
    at(1000)
    assert len(mailbox.mails) == 2


def test_an_end_that_never_gets_through_is_given_up_after_eight_workers(mailbox: Mailbox) -> None:
    alert = make_alert()
    at(0)
    end(alert)
    turn(moment(10))
    seconds = 10.0
    while (row := claim_next(moment(seconds))) is not None:
        seconds += LEASE.total_seconds() + 1
        settle_expired_leases(moment(seconds))
    assert (states("resolved"), Notification.objects.get(event="resolved").attempts) == (["unknown"], 8)
    assert row is None


@pytest.mark.parametrize("event", ["firing", "resolved"])
def test_a_slow_worker_spares_the_repeat_that_waits(mailbox: Mailbox, event: str) -> None:
    alert = make_alert(severity=CRITICAL)
    turn(NOW)
    if event == "resolved":
        deliver_due(NOW)
        end(alert)
        turn(moment(10))
    slow, later = claimed(10), moment(10) + LEASE + timedelta(seconds=1)
    settle_expired_leases(later)
    assert states(event) == ["pending"]  # as if it had died
    settle(slow, SENT, now=later)
    before = len(mailbox.mails)
    deliver_due(later)
    assert (states(event), len(mailbox.mails)) == (["sent"], before)


def test_a_slow_worker_that_failed_leaves_the_repeat_to_others(mailbox: Mailbox) -> None:
    make_alert(severity=CRITICAL)
    turn(NOW)
    slow, later = claimed(0), NOW + LEASE + timedelta(seconds=1)
    settle_expired_leases(later)
    settle(slow, REFUSED, now=later)
    assert (deliver_due(later), states()) == (1, ["sent"])


# --- the firing mail's fate when the group ends --------------------------------------------------------------------
def test_a_mail_that_arrived_while_its_answer_got_lost_counts_as_told(mailbox: Mailbox) -> None:
    alert = make_alert()
    turn(NOW)
    row, message = on_its_way()
    end(alert)
    turn(moment(10))
    assert states("resolved") == ["pending"]
    mailbox.lost_answers = 1
    settle(row, send(row, message, now=moment(11)), now=moment(11))
    assert states() == ["superseded"]
    assert "is not sent again: it ended first. SMTPServerDisconnected" in story(alert)[-1]
    at(12)
    assert subjects(mailbox)[1:] == ["Ended: Disk 97% full"] and states("resolved") == ["sent"]


def test_what_may_have_arrived_is_marked_when_it_is_tried_again(mailbox: Mailbox) -> None:
    alert = make_alert()
    mailbox.lost_answers = 1
    at(0)
    assert states() == ["pending"]
    assert "may have arrived or not, next attempt in 30 s" in story(alert)[-1]
    at(31)
    assert [name.endswith("(possible repeat)") for name in map(subject, mailbox.mails)] == [False, True]


def test_what_may_have_arrived_and_is_dropped_with_the_end_counts_as_told(mailbox: Mailbox) -> None:
    alert = make_alert()
    mailbox.lost_answers = 1
    at(0)
    end(alert)
    at(10)
    assert (states(), states("resolved")) == (["superseded"], ["sent"])


def test_what_the_server_refused_needs_no_end(mailbox: Mailbox) -> None:
    alert = make_alert()
    mailbox.data_refusals = ["452 full"]
    at(0)
    end(alert)
    at(10)
    assert (states(), states("resolved"), mailbox.mails) == (["superseded"], [], [])


# --- a group that ends, lives on and ends again --------------------------------------------------------------------
def test_each_end_has_the_audience_of_its_own_time(mailbox: Mailbox) -> None:
    first = make_alert()
    at(0)
    end(first)
    at(10)
    second = make_alert(dedup_key="disk:settle-03")
    turn(moment(20))
    row = claimed(20)
    end(second)
    turn(moment(30))
    assert states("resolved") == ["sent", "pending"]
    settle(row, REFUSED, now=moment(31))  # nobody heard of the second
    at(40)
    assert (states(), states("resolved")) == (["sent", "superseded"], ["sent", "superseded"])
    assert len(mailbox.mails) == 2


def test_a_failed_mail_leaves_the_end_of_another_time_alone(mailbox: Mailbox) -> None:
    first = make_alert()
    turn(NOW)
    slow = claimed(0)
    end(first)
    turn(moment(10))
    second = make_alert(dedup_key="disk:settle-03")
    turn(moment(20))
    row = claimed(20)
    settle(row, SENT, now=moment(20))
    end(second)
    turn(moment(30))
    assert states("resolved") == ["pending", "pending"]
    settle(slow, REFUSED, now=moment(31))
    assert states("resolved") == ["superseded", "pending"]
    at(40)
    assert states("resolved") == ["superseded", "sent"]


def test_a_mail_claimed_before_the_end_tells_nothing_of_what_came_after(mailbox: Mailbox, monkeypatch: Any) -> None:
    """Its receiver would hear of the new alert under the old number, and be told of no end."""
    first = make_alert()
    turn(NOW)
    row = claimed(0)
    end(first)
    turn(moment(10))
    make_alert(dedup_key="disk:settle-03")
    turn(moment(20))
    monkeypatch.setattr("alerts.delivery.claim_next", lambda now, resting: None if row.sent_at else row)
    monkeypatch.setattr("alerts.delivery.drop_as_over", dropping(row))
    deliver_due(moment(21))
    assert (states(), states("resolved"), mailbox.mails) == (["superseded", "pending"], ["superseded"], [])


def dropping(row: Notification) -> Callable[..., None]:
    """Do it once: the worker finds nothing else."""

    def drop(notification: Notification, *, now: datetime) -> None:
        drop_as_over(notification, now=now)
        row.sent_at = now

    return drop


# --- ends that were told beside what still fired -------------------------------------------------------------------
def test_whom_a_step_asked_is_told_all_that_ended_and_the_desk_what_it_has_not_heard(mailbox: Mailbox) -> None:
    root(policy=make_policy(1))
    first, second = make_alert(title="Disk A"), make_alert(dedup_key="b", title="Disk B")
    at(0)
    at(1)
    end(first)
    at(10)  # told beside what still fires: to the route's receivers
    end(second)
    at(20)
    assert ends_told(mailbox) == {"desk@example.com": [["Disk B"]], ANN: [["Disk A", "Disk B"]]}


def test_an_end_is_told_with_the_last_one_where_its_own_message_never_left(mailbox: Mailbox) -> None:
    first, second = make_alert(title="Disk A"), make_alert(dedup_key="b", title="Disk B")
    at(0)
    end(first)
    turn(moment(10))
    end(second)
    at(20)
    assert ends_told(mailbox) == {"desk@example.com": [["Disk A", "Disk B"]]}


def test_of_what_ended_before_one_was_told_of_anything_one_is_told_no_end(mailbox: Mailbox) -> None:
    root(policy=make_policy(15))
    first, second = make_alert(title="Disk A"), make_alert(dedup_key="b", title="Disk B")
    at(0)
    end(first)
    at(10)
    at(15)  # ann is asked about what still fires
    end(second)
    at(20)
    assert ends_told(mailbox) == {"desk@example.com": [["Disk B"]], ANN: [["Disk B"]]}


def test_an_end_before_is_no_part_of_the_next_one(mailbox: Mailbox) -> None:
    first = make_alert(title="Disk A")
    at(0)
    end(first)
    at(10)
    second = make_alert(dedup_key="b", title="Disk B")
    at(20)
    end(second)
    at(30)
    assert ends_told(mailbox) == {"desk@example.com": [["Disk A"], ["Disk B"]]}


def ends_told(mailbox: Mailbox) -> dict[str, list[list[str]]]:
    """Return which disks each receiver's mails of ends name, in order."""
    found: dict[str, list[list[str]]] = {}
    for mail in mailbox.mails:
        if subject(mail).startswith("Ended"):
            text = subject(mail) + part(mail, "plain")
            found.setdefault(str(mail["To"]), []).append([name for name in ("Disk A", "Disk B") if name in text])
    return found


# --- two workers at once -------------------------------------------------------------------------------------------
@only_postgres
@pytest.mark.django_db(transaction=True)
def test_a_lease_that_runs_out_while_its_group_ends_is_not_sent_again(mailbox: Mailbox) -> None:
    alert = make_alert(severity=CRITICAL)
    turn(NOW)
    claimed(0)  # and the worker is gone
    end(alert)
    later = moment(10) + LEASE
    with transaction.atomic():
        AlertGroup.objects.select_for_update(no_key=True).get()
        settling = beside(lambda: settle_expired_leases(later))
        wait_until(lambda: not settling.is_alive() or somebody_waits(), what="the other worker", seconds=30)
        turn(later)
    settling.join(30)
    assert (states(), states("resolved")) == (["unknown"], ["pending"])


@only_postgres
@pytest.mark.django_db(transaction=True)
def test_a_mail_that_waits_and_shall_speak_for_more_is_not_worded_before_that_is_decided(mailbox: Mailbox) -> None:
    make_alert()
    turn(NOW)
    make_alert(dedup_key="disk:settle-03")
    found: list[Notification | None] = []
    with transaction.atomic():
        turn(moment(10))
        beside(lambda: found.append(claim_next(moment(11)))).join(30)
    assert (found, states()) == ([None], ["pending"])
    assert deliver_due(moment(11)) == 1
    assert "and 1 other" in subject(mailbox.mails[0])


def beside(act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def somebody_waits() -> bool:
    """Return whether another connection waits for what this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
