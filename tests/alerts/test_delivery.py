"""From the outbox to a real SMTP server, and what happens when something breaks on the way."""

import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from alerts.channels.email import outcome_of
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.choices import AlertSeverity, DeliveryState, EntryKind
from alerts.delivery import build_message, claim_next, deliver_due, send, settle
from alerts.delivery.claiming import LEASE
from alerts.engine.turning import turn
from alerts.links import read_link
from alerts.models import Alert, ContactAddress, ContactRule, Notification, Route, TimelineEntry
from alerts.retries import MAX_ATTEMPTS
from alerts.services import acknowledge_alert, judge_occurrences, observe, resolve_alert
from tests.alerts.builders import MINUTE, NOW, make_news, states, story
from tests.alerts.builders import make_alert as open_alert
from tests.alerts.engine.builders import make_policy, root
from tests.alerts.mailbox import Mailbox, part, subject
from tests.projects.builders import make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
CRITICAL = AlertSeverity.CRITICAL
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _one_reader_at_once(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    Route.objects.update(group_wait_seconds=0, group_by=["alert"])


def make_alert(**fields: Any) -> Alert:
    """Open an alert and let its group tell it."""
    alert = open_alert(**fields)
    turn(fields.get("now", NOW))
    return alert


def message_of(notification: Notification) -> Message:
    message = build_message(notification, now=NOW)
    assert message is not None
    return message


def end(alert: Alert) -> None:
    """Resolve the alert and let its group look."""
    resolve_alert(SYSTEM, alert)
    turn(LATER + timedelta(minutes=10))


def row(event: str = "firing") -> Notification:
    return Notification.objects.get(event=event)


def last_text() -> str:
    return story(Alert.objects.get())[-1]


# --- the whole way ---------------------------------------------------------------------------------------------
def test_from_the_news_to_the_mail_to_the_end(mailbox: Mailbox, settings) -> None:
    settings.PUBLIC_URL = "https://watch.example.com"
    observe(make_news("issue.critical", severity=CRITICAL, message="in quotes.lookup"))
    judge_occurrences(NOW)
    turn(NOW)
    assert deliver_due(NOW) == 1
    alert = Alert.objects.get()
    (firing,) = mailbox.mails
    assert mailbox.recipients == ["desk@example.com"]
    assert subject(firing) == "[critical] KeyError: 'GHOST' · Default production"
    assert firing["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = part(firing, kind)
        assert f"https://watch.example.com/alerts/{alert.pk}" in body
        assert "https://watch.example.com/issues/7" in body
        assert "in quotes.lookup" in body
        assert "TRADEWATCH_ALERT_MAIL_TO names your address." in body
    assert story(alert)[-1] == "Told desk@example.com by e-mail that it fires: accepted by 127.0.0.1."

    acknowledge_alert(SYSTEM, alert, "on it")
    observe(make_news("issue.critical", severity=CRITICAL))
    judge_occurrences(NOW + MINUTE)
    turn(NOW + MINUTE)
    assert deliver_due(NOW + MINUTE) == 0
    end(alert)
    assert deliver_due(LATER + timedelta(days=3650)) == 1
    assert subject(mailbox.mails[1]).startswith("Ended: KeyError: 'GHOST', ")
    assert mailbox.mails[1]["References"] == firing["References"]
    assert states("firing") == states("resolved") == ["sent"]
    assert deliver_due(LATER + timedelta(days=3650)) == 0


def test_a_mail_speaks_of_the_alert_as_it_is_when_it_leaves(mailbox: Mailbox) -> None:
    make_alert()
    make_alert(severity=CRITICAL, count=4)
    deliver_due(NOW)
    (mail,) = mailbox.mails
    assert subject(mail).startswith("[critical] Disk 97% full")
    assert "5 times" in part(mail, "plain")


def test_an_alert_that_ended_before_anyone_heard_of_it_stays_silent(mailbox: Mailbox) -> None:
    end(make_alert())
    assert deliver_due(NOW) == 0
    assert (states("firing"), states("resolved")) == (["superseded"], [])
    assert "1 unsent message dropped: it ended first." in last_text()


def test_an_alert_that_ended_just_before_its_mail_would_leave_stays_silent(mailbox: Mailbox) -> None:
    resolve_alert(SYSTEM, make_alert())
    deliver_due(NOW)  # the group has not looked yet
    assert (states("firing"), mailbox.mails) == (["superseded"], [])
    turn(NOW + timedelta(minutes=10))
    assert states("resolved") == []


def test_each_reader_gets_a_mail_of_their_own(mailbox: Mailbox, settings) -> None:
    settings.ALERT_MAIL_TO = ["ann@example.com", "ben@example.com"]
    make_alert()
    assert deliver_due(NOW) == 2
    assert [mail["To"] for mail in mailbox.mails] == ["ann@example.com", "ben@example.com"]


def test_without_smtp_mails_become_files_and_the_timeline_says_so(settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH, settings.EMAIL_HOST = tmp_path, ""
    make_alert()
    deliver_due(NOW)
    (written,) = tmp_path.iterdir()
    assert "Disk 97% full" in written.read_text()
    assert last_text().endswith("written to a file: no SMTP server is set.")


# --- failures --------------------------------------------------------------------------------------------------
def test_a_temporary_refusal_waits_and_goes_out_later(mailbox: Mailbox) -> None:
    mailbox.refusals = ["451 greylisted, come back"]
    make_alert()
    deliver_due(NOW)
    assert (row().state, row().answer) == (DeliveryState.PENDING, "451 greylisted, come back")
    assert "next attempt in 30 s: 451 greylisted" in last_text()
    assert deliver_due(NOW + timedelta(seconds=29)) == 0
    assert deliver_due(NOW + timedelta(seconds=31)) == 1
    assert (row().state, row().attempts, len(mailbox.mails)) == (DeliveryState.SENT, 2, 1)


def test_a_refused_address_is_given_up_at_once(mailbox: Mailbox) -> None:
    mailbox.refusals = ["550 no such user"]
    make_alert()
    deliver_due(NOW)
    assert row().state == DeliveryState.FAILED
    assert last_text() == "The message to desk@example.com failed for good: 550 no such user."


def test_a_server_that_is_down_is_tried_eight_times_over_hours(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    make_alert()
    now, tries = NOW, 0
    while row().state == DeliveryState.PENDING and tries < 20:
        tries += deliver_due(now)
        now += timedelta(hours=5)
    assert tries == row().attempts == MAX_ATTEMPTS
    assert row().state == DeliveryState.FAILED
    assert "failed for good after 8 attempts: ConnectionRefusedError" in last_text()


def test_a_round_stops_at_a_server_that_is_down(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    for number in range(3):
        make_alert(dedup_key=f"disk:{number}")
    assert deliver_due(NOW) == 1
    assert sorted(Notification.objects.values_list("attempts", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize(
    ("error", "answer", "is_permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"gone")}), "550 gone", True),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"busy")}), "450 busy", False),
        (smtplib.SMTPDataError(554, b"spam"), "554 spam", True),
        (smtplib.SMTPDataError(452, b"full"), "452 full", False),
        (smtplib.SMTPAuthenticationError(535, b"bad login"), "535 bad login", False),
        (smtplib.SMTPSenderRefused(553, b"not yours", "x@y.z"), "553 not yours", False),
        (smtplib.SMTPServerDisconnected("closed"), "SMTPServerDisconnected: closed", False),
        (TimeoutError("timed out"), "TimeoutError: timed out", False),
        (ValueError("bad address"), "ValueError: bad address", True),
        (KeyError("surprise"), "KeyError", False),
    ],
)
def test_what_an_error_means(error: Exception, answer: str, is_permanent: bool) -> None:
    assert outcome_of(error) == Outcome(is_sent=False, answer=answer, is_permanent=is_permanent)


@pytest.mark.parametrize(
    ("error", "may_have_arrived"),
    [
        (smtplib.SMTPServerDisconnected("closed"), True),
        (TimeoutError("timed out"), True),
        (ConnectionResetError("reset"), True),
        (smtplib.SMTPDataError(452, b"full"), False),  # it spoke: it has not taken it
        (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"busy")}), False),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), False),
    ],
)
def test_what_broke_after_the_greeting_may_have_arrived(error: Exception, may_have_arrived: bool) -> None:
    assert outcome_of(error, is_open=True).may_have_arrived is may_have_arrived
    assert not outcome_of(error).may_have_arrived


def test_an_address_that_cannot_be_written_fails_alone(mailbox: Mailbox, settings) -> None:
    settings.ALERT_MAIL_TO = ["eve@example.com\nBcc: all@example.com", "ann@example.com"]
    make_alert()
    assert deliver_due(NOW) == 2
    assert states() == ["failed", "sent"]
    assert mailbox.recipients == ["ann@example.com"]


# --- crashes and leases ----------------------------------------------------------------------------------------
def test_a_crash_between_decision_and_delivery_loses_nothing(
    mailbox: Mailbox, django_capture_on_commit_callbacks
) -> None:
    observe(make_news())
    with django_capture_on_commit_callbacks() as never_run:  # the process is gone right after the commit
        judge_occurrences(NOW)
        turn(NOW)
    assert never_run
    assert states() == ["pending"]  # committed with the decision; any worker finds it
    assert deliver_due(NOW + MINUTE) == 1
    assert len(mailbox.mails) == 1


def test_a_claimed_mail_is_nobody_elses_until_its_lease_runs_out(mailbox: Mailbox) -> None:
    make_alert()
    assert claim_next(NOW) is not None
    assert claim_next(NOW) is None
    assert deliver_due(NOW + LEASE) == 0
    assert row().state == DeliveryState.SENDING


def test_sending_holds_no_transaction(mailbox: Mailbox) -> None:
    depth: list[int] = []
    outer = len(connection.savepoint_ids)
    make_alert()
    with mock.patch(
        "django.core.mail.EmailMultiAlternatives.send", lambda self: depth.append(len(connection.savepoint_ids))
    ):
        deliver_due(NOW)
    assert depth == [outer]


def test_a_lost_worker_leaves_a_critical_mail_to_be_repeated_and_marked(mailbox: Mailbox) -> None:
    make_alert(severity=CRITICAL)
    claim_next(NOW)
    assert deliver_due(LATER) == 1
    assert subject(mailbox.mails[0]).endswith("(possible repeat)")
    assert "Possible repeat" in part(mailbox.mails[0], "html")
    assert TimelineEntry.objects.get(kind=EntryKind.UNKNOWN).text == (
        "Not known whether the message to desk@example.com arrived. Sent again, marked as a possible repeat."
    )
    assert row().state == DeliveryState.SENT


def test_a_lost_worker_leaves_other_mails_unknown_and_their_end_is_told(mailbox: Mailbox) -> None:
    alert = make_alert()
    claim_next(NOW)
    assert deliver_due(LATER) == 0
    assert row().state == DeliveryState.UNKNOWN
    end(alert)
    assert states("resolved") == ["pending"]


def test_a_worker_that_comes_back_late_still_has_its_word(mailbox: Mailbox) -> None:
    make_alert()
    claimed = claim_next(NOW)
    assert claimed is not None
    deliver_due(LATER)
    settle(claimed, Outcome(is_sent=True, answer="250"), now=LATER)
    assert row().state == DeliveryState.SENT


def test_a_late_worker_does_not_overrule_the_one_that_took_over(mailbox: Mailbox) -> None:
    make_alert(severity=CRITICAL)
    lost = claim_next(NOW)
    assert lost is not None
    deliver_due(LATER)
    settle(lost, Outcome(is_sent=False, answer="timed out"), now=LATER)
    assert (row().state, row().attempts) == (DeliveryState.SENT, 2)


def test_a_worker_that_always_dies_does_not_repeat_for_ever(mailbox: Mailbox) -> None:
    make_alert(severity=CRITICAL)
    now = NOW
    for _ in range(MAX_ATTEMPTS + 3):
        with mock.patch("alerts.delivery.send", side_effect=SystemExit):
            try:
                deliver_due(now)
            except SystemExit:
                now += LEASE + MINUTE
    assert (row().state, row().attempts) == (DeliveryState.UNKNOWN, MAX_ATTEMPTS)


# --- the end while the firing mail is under way ---------------------------------------------------------------------
def test_the_end_waits_for_the_firing_mail_that_is_under_way(mailbox: Mailbox) -> None:
    alert = make_alert()
    claimed = claim_next(NOW)
    assert claimed is not None
    message = message_of(claimed)
    end(alert)
    future = NOW + timedelta(days=3650)
    assert claim_next(future) is None
    settle(claimed, send(claimed, message, now=NOW), now=NOW)
    assert deliver_due(future) == 1
    assert [subject(mail).split(":")[0] for mail in mailbox.mails] == ["[error] Disk 97% full · Default", "Ended"]


def test_the_end_is_dropped_when_the_firing_mail_never_left(mailbox: Mailbox) -> None:
    alert = make_alert()
    claimed = claim_next(NOW)
    assert claimed is not None
    end(alert)
    settle(claimed, Outcome(is_sent=False, answer="timed out"), now=NOW)
    assert (states("firing"), states("resolved")) == (["superseded"], ["superseded"])
    assert last_text() == "The message to desk@example.com did not leave: it ended first. timed out."


# --- who is told -------------------------------------------------------------------------------------------------
def test_with_nobody_to_tell_the_timeline_says_so(settings) -> None:
    settings.ALERT_MAIL_TO = []
    alert = make_alert()
    assert "Nobody to tell: no member of Default and no administrator has an e-mail address." in story(alert)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("mails", [[], ["rob@example.com"]])
def test_a_members_links_are_theirs_and_those_of_an_address_list_are_nobodys(settings, mails: list[str]) -> None:
    settings.ALERT_MAIL_TO = mails
    rob = make_user("rob", role=Role.RESPONDER, email="rob@example.com")
    make_alert()
    message = message_of(row())
    for url in (message.acknowledge_url, message.resolve_url):
        link = read_link(url.rpartition("/")[2], now=NOW)
        assert (link.receiver, link.user_id) == ("rob@example.com", None if mails else rob.pk)


def test_the_links_of_whom_a_step_asks_are_theirs_at_whichever_address() -> None:
    ann = make_user("ann", email="ann@example.com")
    pager = ContactAddress.objects.create(user=ann, address="pager@example.com", verified_at=NOW)
    ContactRule.objects.create(user=ann, method="email", address=pager)
    root(policy=make_policy(0), mails_members=False)
    make_alert()
    link = read_link(message_of(row()).acknowledge_url.rpartition("/")[2], now=NOW)
    assert (link.receiver, link.user_id) == ("pager@example.com", ann.pk)
