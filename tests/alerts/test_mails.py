"""What the mail says, line by line."""

from typing import Any

import pytest

from alerts.choices import AlertSeverity
from alerts.mails import build_mail, describe, subject_of
from alerts.models import Alert, Notification
from alerts.services import acknowledge_alert
from tests.alerts.builders import MINUTE, NOW, make_alert
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db


def make_notification(event: str = "firing", **fields: Any) -> Notification:
    project = make_project("trading-api", name="trading-api")
    alert = make_alert(
        project_id=project.pk,
        title="Error rate 2.1% on POST /orders",
        severity=AlertSeverity.CRITICAL,
        environment="production",
        **fields,
    )
    return Notification.objects.create(alert=alert, target="ann@example.com", why="You are responder.", event=event)


def ended(notification: Notification) -> Notification:
    alert = notification.alert
    alert.state, alert.resolved_at = "resolved", NOW + 24 * MINUTE
    alert.ending = "Ended: error rate, 24 min, peak 2.4%"
    return notification


def test_the_subject_says_how_bad_what_and_where() -> None:
    assert subject_of(make_notification()) == "[critical] Error rate 2.1% on POST /orders · trading-api production"


def test_the_subject_of_the_end_says_how_long_and_how_bad() -> None:
    subject = subject_of(ended(make_notification("resolved")))
    assert subject == "Ended: error rate, 24 min, peak 2.4% · trading-api production"


def test_a_possible_repeat_is_marked() -> None:
    notification = make_notification()
    notification.may_be_repeat = True
    assert subject_of(notification).endswith("production (possible repeat)")
    assert describe(notification).repeat.startswith("Possible repeat:")


def test_the_text_answers_what_since_when_why_you_and_what_next(settings) -> None:
    settings.PUBLIC_URL = "https://watch.example.com"
    notification = make_notification(
        message="312 failed / 14,800 requests in 5 min.",
        metadata={"likely_cause": "POST /orders: 249 of the 307 failed requests."},
        link="/issues/7",
        count=3,
    )
    assert build_mail(notification).body == (
        "Error rate 2.1% on POST /orders\n"
        "trading-api production\n"
        "\n"
        "312 failed / 14,800 requests in 5 min.\n"
        "\n"
        "Since 15:12 UTC, 23 Nov 2026, 3 times.\n"
        "Likely cause: POST /orders: 249 of the 307 failed requests.\n"
        "Why you: You are responder.\n"
        "What happens next: Nobody has acknowledged it. It stays open until it ends or is resolved, and you are told"
        " then.\n"
        "\n"
        f"Alert: https://watch.example.com/alerts/{notification.alert_id}\n"
        "Details: https://watch.example.com/issues/7\n"
    )


def test_what_is_not_known_is_left_out() -> None:
    body = build_mail(make_notification()).body
    assert "Likely cause" not in body
    assert "Details" not in body
    assert "repeat" not in body


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ({"transaction": "POST /orders", "culprit": "f in m", "release": "2.0.1"}, "In POST /orders, release 2.0.1.\n"),
        ({"culprit": "lookup in quotes"}, "In lookup in quotes.\n"),
        ({"release": "2.0.1"}, "In release 2.0.1.\n"),
    ],
)
def test_where_in_the_application_it_is(tags: dict[str, str], line: str) -> None:
    assert line in str(build_mail(make_notification(tags=tags)).body)


def test_the_end_says_from_when_to_when() -> None:
    page = describe(ended(make_notification("resolved")))
    assert page.times == "Since 15:12 UTC, 23 Nov 2026, until 15:36 UTC, 23 Nov 2026"
    assert page.next.startswith("Nothing.")


def test_who_acknowledged_is_said() -> None:
    notification = make_notification()
    acknowledge_alert(SYSTEM, notification.alert)
    notification.alert.refresh_from_db()
    assert describe(notification).next == "Acknowledged by TradeWatch. You are told when it ends."


@pytest.mark.parametrize(("held", "says"), [(0, ""), (1, "1 alert of this project got"), (12, "12 alerts of this")])
def test_held_back_mails_are_said(held: int, says: str) -> None:
    assert describe(make_notification(), held=held).held.startswith(says)


def test_hostile_titles_add_no_header_and_no_markup() -> None:
    notification = make_notification(message="<img src=x onerror=alert(1)>\nsecond line")
    notification.alert.title = "x\r\nBcc: eve@example.com\n\n<script>alert(1)</script>"
    notification.alert.environment = "prod\nCc: eve@example.com"
    mail = build_mail(notification)
    sent = mail.message()
    assert sent["Bcc"] is None and sent["Cc"] is None
    assert mail.recipients() == ["ann@example.com"]
    html = str(mail.alternatives[0][0])
    assert "<script" not in html and "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;<br>second line" in html
    assert "<img src=x onerror=alert(1)>" in mail.body  # text is text


def test_every_attempt_has_the_same_id_and_both_mails_one_thread(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "TradeWatch <watch@example.com>"
    notification = make_notification()
    first, again = build_mail(notification).message(), build_mail(notification).message()
    assert first["Message-ID"] == again["Message-ID"] == f"<notification-{notification.pk}@example.com>"
    assert first["References"] == f"<alert-{notification.alert_id}@example.com>"


@pytest.mark.parametrize("severity", list(AlertSeverity))
def test_every_severity_has_a_badge(severity: AlertSeverity) -> None:
    notification = make_notification()
    Alert.objects.update(severity=severity)
    notification.alert.refresh_from_db()
    page = describe(notification)
    assert page.badge == severity
    assert page.badge_background in str(build_mail(notification).alternatives[0][0])
